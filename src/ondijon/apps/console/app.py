"""Builds the console's application from a city and its ports."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler
from msgspec import Struct

from ondijon.apps.console.command_view import CommandView
from ondijon.apps.console.map_documents import MapDocuments
from ondijon.apps.console.parts.alarms.view import AlarmView
from ondijon.apps.console.reader import ConsoleReader
from ondijon.apps.console.room import Room, provide_seat, take_seat
from ondijon.apps.console.routes import ROUTES, SCREEN_ROUTES
from ondijon.apps.console.screens import Screens
from ondijon.apps.console.search import SearchIndex
from ondijon.apps.console.shapes import DemoAccount
from ondijon.apps.console.tables import Tables
from ondijon.apps.console.twin_view import TwinView
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.history import History
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Bus, Door, Post, Rows
from ondijon.web.accounts import Accounts
from ondijon.web.documents import Document, make_document
from ondijon.web.errors import ERROR_ANSWERS
from ondijon.web.hub import LiveHub, Tools
from ondijon.web.people import People
from ondijon.web.request_times import RequestTimes
from ondijon.web.rights import Rights
from ondijon.web.roles import RoleWatch
from ondijon.web.security import LARGEST_BODY, AnyConnection, add_headers, own_origin_guard
from ondijon.web.sessions import Sessions
from ondijon.web.throttle import Throttle

_LOG = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"


class Ports(Struct, frozen=True, eq=False):
    """The city and the engines behind it."""

    city: City
    rows: Rows
    bus: Bus
    post: Post
    door: Door
    clock: Clock
    ids: IdSource
    history: History
    room_trades: Sequence[str]
    people: People


def build_console(  # noqa: PLR0913 (the one place where a face meets all its ports)
    *,
    city: City,
    rows: Rows,
    bus: Bus,
    post: Post,
    door: Door,
    clock: Clock,
    ids: IdSource,
    history: History,
    strings: Mapping[str, Mapping[str, str]],
    room_trades: Sequence[str] = (),
    people: People | None = None,
    roles_expected: Sequence[str] = (),
    demo_accounts: Sequence[DemoAccount] = (),
    static_folder: Path = STATIC,
    origins: Sequence[str] = (),
    house: Litestar | None = None,
) -> Litestar:
    """The console over one city, whose columns must be this process's own.

    strings: the merged catalogue of each language; room_trades: what the room's parts are about beside the city's
    trades; people: the city's roles and its directory; roles_expected: without one of these /healthz says 503;
    origins: the addresses people type (`https://console.example`), or none to take the Host that was asked;
    house: routes that another console has left (`build_house`), which take longer to build than a room to furnish.
    """
    ports = Ports(city, rows, bus, post, door, clock, ids, history, room_trades, people or People())
    roles = RoleWatch(roles_expected, time.monotonic)
    room = _furnish(ports, strings, roles, Screens(static_folder, strings), demo_accounts)
    house = house or build_house(origins)
    house.state.room, house.state.hub = room, room.hub
    return house


def _furnish(
    ports: Ports,
    strings: Mapping[str, Mapping[str, str]],
    roles: RoleWatch,
    screens: Screens,
    demo_accounts: Sequence[DemoAccount],
) -> Room:
    city, rows, clock = ports.city, ports.rows, ports.clock
    rights = Rights(city, ports.room_trades)
    sessions = Sessions(rows, ports.bus, clock, time.monotonic)
    alarms = AlarmView(city, rows, clock, rights)
    commands = CommandView(city, rows, rights)
    twins = TwinView(city, ports.history, clock, rights, alarms, commands)
    tools = Tools(city, ports.bus, clock, rights, sessions, roles, time.monotonic)
    return Room(
        city=city,
        rows=rows,
        bus=ports.bus,
        post=ports.post,
        door=ports.door,
        clock=clock,
        ids=ports.ids,
        strings=strings,
        catalogues={key: _json_document(words) for key, words in strings.items()},
        rights=rights,
        sessions=sessions,
        accounts=Accounts(rows, Throttle(time.monotonic)),
        people=ports.people,
        roles=roles,
        hub=LiveHub(tools, ConsoleReader(rows, rights, alarms, commands, twins)),
        alarms=alarms,
        commands=commands,
        twins=twins,
        tables=Tables(city, rights),
        maps=MapDocuments(city, rows),
        search=SearchIndex(city, rows, rights),
        screens=screens,
        demo_accounts=tuple(demo_accounts),
    )


def _json_document(words: Mapping[str, str]) -> Document:
    return make_document(msgspec.json.encode(words), "application/json")


def build_house(origins: Sequence[str] = ()) -> Litestar:
    """Every route and guard of the console, still without a room behind them."""
    times = RequestTimes()
    api = Router(
        "/api",
        route_handlers=ROUTES,
        guards=[_require_seat],
        dependencies={"seat": Provide(provide_seat, sync_to_thread=False)},
    )
    house = Litestar(
        [api, *SCREEN_ROUTES],
        guards=[own_origin_guard(origins)],
        dependencies={"room": Provide(_provide_room, sync_to_thread=False)},
        exception_handlers=ERROR_ANSWERS,
        before_send=[add_headers],
        middleware=[times.watch],
        request_max_body_size=LARGEST_BODY,
        openapi_config=None,
        logging_config=None,
        lifespan=[_follow_the_post],
    )
    house.state.request_times = times
    return house


async def _require_seat(connection: AnyConnection, handler: BaseRouteHandler) -> None:
    if not handler.opt.get("public", False):
        await take_seat(connection.app.state.room, connection, locked_too=handler.opt.get("locked_too", False))


def _provide_room(state: State) -> Room:
    room: Room = state.room
    return room


@asynccontextmanager
async def _follow_the_post(app: Litestar) -> AsyncIterator[None]:
    hub: LiveHub = app.state.hub
    following = asyncio.create_task(hub.run())
    following.add_done_callback(_log_failure)
    try:
        yield
    finally:
        await hub.close()
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        _LOG.error("the live hub ended", exc_info=task.exception())
