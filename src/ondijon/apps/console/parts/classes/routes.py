"""The routes of classes, floors, policies and adaptive light."""

from litestar import get
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery

from ondijon.apps.console.parts.classes import view
from ondijon.apps.console.parts.classes.shapes import (
    CommunesShape,
    FloorsShape,
    LedgerShape,
    PolicyShape,
    SteeredShape,
    StreetsShape,
)
from ondijon.apps.console.room import Room, Seat, TheRoom, TheSeat
from ondijon.domains.lighting.model import TRADE
from ondijon.kernel.errors import NotFound


def _communes(room: Room, seat: Seat, commune: str = "") -> list[str]:
    """Where the reader sees lighting; raises NotFound for a commune asked for that is not among it."""
    actor = seat.person.actor
    seen = [insee for insee in sorted(room.city.commune_codes) if actor.may("see", TRADE, insee)]
    if commune and commune not in seen:
        raise NotFound("error.not_found")
    return [commune] if commune else seen


@get("/lighting/classes")
async def classes(room: TheRoom, seat: TheSeat) -> CommunesShape:
    """Lights by class, commune by commune."""
    seen = _communes(room, seat)
    return CommunesShape(await view.list_communes(room.rows, seen, room.clock.now(), room.city.card.timezone))


@get("/lighting/classes/{commune:str}")
async def streets(room: TheRoom, seat: TheSeat, commune: FromPath[str]) -> StreetsShape:
    """The lit streets of a commune."""
    _communes(room, seat, commune)
    return StreetsShape(commune, await view.list_streets(room.rows, commune))


@get("/lighting/floors")
async def floors(room: TheRoom, seat: TheSeat) -> FloorsShape:
    """What is required, and what must be kept."""
    return await view.list_all_floors(room.rows, _communes(room, seat))


@get("/lighting/policies")
async def policies(room: TheRoom, seat: TheSeat, commune: FromQuery[str] = "") -> list[PolicyShape]:
    """Policies below floors, the newest first."""
    seen, now = _communes(room, seat, commune), room.clock.now()
    return await view.list_policies(room.rows, seen, seat.person.actor, now, room.city.card.timezone)


@get("/lighting/adaptive")
async def adaptive(room: TheRoom, seat: TheSeat, commune: FromQuery[str]) -> SteeredShape:
    """The last decision on each zone of a commune."""
    _communes(room, seat, commune)
    return await view.list_steered(room.rows, commune, room.clock.now())


@get("/lighting/ledger")
async def ledger(room: TheRoom, seat: TheSeat, commune: FromQuery[str] = "") -> LedgerShape:
    """The last year played, street by street."""
    return await view.read_ledger(room.rows, _communes(room, seat, commune))


ROUTES: list[BaseRouteHandler] = [classes, streets, floors, policies, adaptive, ledger]
