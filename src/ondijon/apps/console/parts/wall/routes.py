"""The wall display in numbers."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from litestar import get

from ondijon.apps.console.parts.wall import queries
from ondijon.apps.console.parts.wall.numbers import count_lights, sum_power_kw
from ondijon.apps.console.parts.wall.shapes import CallNumbers, IncidentNumbers, WallShape
from ondijon.apps.console.room import Room, Seat, TheRoom, TheSeat

_LOAD_WINDOW = timedelta(minutes=10)
_CALLS = "calls"


@get("/wall")
async def read_wall(room: TheRoom, seat: TheSeat) -> WallShape:
    """Numbers of what the seat sees, now."""
    seen = room.rights.trade_pairs(seat.scope)
    since = room.clock.now() - _LOAD_WINDOW
    shown = {row["priority"]: row["count"] for row in await queries.count_shown_cards(room.rows, seen)}
    operators = await queries.count_operators(room.rows, since)
    called = await queries.count_annunciations(room.rows, seen, since)
    incidents = await queries.count_incidents(room.rows, seen, room.clock.now())
    return WallShape(
        alarms={str(priority): shown.get(priority, 0) for priority in (1, 2, 3, 4)},
        incidents=None if incidents is None else IncidentNumbers(incidents["open"], incidents["breached"]),
        calls=await _count_calls(room, seat),
        lights=count_lights(room.city, room.rights, seat.scope),
        power_kw=sum_power_kw(room.city, room.rights, seat.scope),
        per_operator_10min=round(called / operators, 2),
    )


async def _count_calls(room: Room, seat: Seat) -> CallNumbers | None:
    """Calls have no place until somebody has asked for it: only who sees calls everywhere counts them."""
    if len(seat.scope.of_trade(_CALLS)) < len(room.city.communes):
        return None
    zone = ZoneInfo(room.city.card.timezone)
    day_start = room.clock.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    row = await queries.count_calls(room.rows, day_start)
    if row is None:
        return None
    share = round(row["soon"] / row["offered"], 3) if row["offered"] else None
    return CallNumbers(row["waiting"], share)


ROUTES = [read_wall]
