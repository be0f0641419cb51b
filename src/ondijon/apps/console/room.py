"""Everything the console's routes work with, and who sits before them."""

from collections.abc import Mapping, Sequence

from litestar.di import NamedDependency
from litestar.types import Scope as AsgiScope
from msgspec import Struct

from ondijon.apps.console.command_view import CommandView
from ondijon.apps.console.map_documents import MapDocuments
from ondijon.apps.console.parts.alarms.view import AlarmView
from ondijon.apps.console.screens import Screens
from ondijon.apps.console.search import SearchIndex
from ondijon.apps.console.shapes import DemoAccount
from ondijon.apps.console.tables import Tables
from ondijon.apps.console.twin_view import TwinView
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Bus, Door, Post, Rows
from ondijon.web.accounts import Accounts
from ondijon.web.documents import Document
from ondijon.web.errors import Locked, NotSignedIn
from ondijon.web.hub import LiveHub
from ondijon.web.people import People
from ondijon.web.rights import Rights, Scope
from ondijon.web.roles import RoleWatch
from ondijon.web.security import AnyConnection
from ondijon.web.sessions import COOKIE, Person, Sessions

_SEAT = "ondijon.seat"


class Room(Struct, frozen=True, eq=False):
    """The console's own parts and the ports behind it."""

    city: City
    rows: Rows
    bus: Bus
    post: Post
    door: Door
    clock: Clock
    ids: IdSource
    strings: Mapping[str, Mapping[str, str]]
    catalogues: Mapping[str, Document]
    rights: Rights
    sessions: Sessions
    accounts: Accounts
    people: People
    roles: RoleWatch
    hub: LiveHub
    alarms: AlarmView
    commands: CommandView
    twins: TwinView
    tables: Tables
    maps: MapDocuments
    search: SearchIndex
    screens: Screens
    demo_accounts: Sequence[DemoAccount]


class Seat(Struct, frozen=True):
    """A person who is signed in, and what that person may see."""

    person: Person
    scope: Scope


TheRoom = NamedDependency[Room]
TheSeat = NamedDependency[Seat]


async def find_seat(room: Room, connection: AnyConnection) -> Seat | None:
    """Who sits before this connection, or None when nobody has signed in."""
    token = connection.cookies.get(COOKIE)
    person = await room.sessions.find(token) if token else None
    return None if person is None else Seat(person, room.rights.scope_of(person.actor))


async def take_seat(room: Room, connection: AnyConnection, *, locked_too: bool = False) -> None:
    """Remember the seat with the connection; raises NotSignedIn when there is none, Locked when its session is."""
    seat = await find_seat(room, connection)
    if seat is None:
        raise NotSignedIn("error.not_signed_in")
    if seat.person.is_locked and not locked_too:
        raise locked(seat)
    connection.scope["state"][_SEAT] = seat


def locked(seat: Seat) -> Locked:
    """What a locked screen may say: whose it is."""
    return Locked("error.locked", name=seat.person.actor.name)


def provide_seat(scope: AsgiScope) -> Seat:
    """The seat that the guard found."""
    seat: Seat = scope["state"][_SEAT]
    return seat


def language_of(connection: AnyConnection) -> str:
    """French unless the reader's browser prefers English."""
    offers = connection.headers.get("accept-language", "").lower()
    wanted = [offer.strip()[:2] for offer in offers.split(",")]
    return next((language for language in wanted if language in ("fr", "en")), "fr")
