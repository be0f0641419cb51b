"""The directory's route."""

from litestar import get
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery

from ondijon.apps.console.parts.directory.shapes import ContactView
from ondijon.apps.console.parts.directory.view import DirectoryQuestion, list_contacts
from ondijon.apps.console.room import TheRoom, TheSeat


@get("/directory")
async def directory(
    room: TheRoom,
    seat: TheSeat,
    commune: FromQuery[str] = "",
    q: FromQuery[str] = "",
    trade: FromQuery[str] = "",
    key: FromQuery[str] = "",
    now: FromQuery[bool] = False,
) -> list[ContactView]:
    """Contacts that the person may see, best to call first; now: only those that are open."""
    question = DirectoryQuestion(commune or None, q[:100], trade or None, key or None, now)
    return await list_contacts(room.rows, room.city, room.clock.now(), seat.person.actor, question)


ROUTES: list[BaseRouteHandler] = [directory]
