"""The console over a small city in a real database, with four people who may do different things."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import Litestar

from ondijon.apps.console.app import build_console, build_house
from ondijon.apps.console.shapes import DemoAccount
from ondijon.infra.archive.history import HistoryOverBoth
from ondijon.infra.archive.lake import FolderLake
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.city import City
from ondijon.kernel.commands import Command, CommandRequest, Selection
from ondijon.kernel.identity import EVERY, Actor, Grant, Verb
from ondijon.kernel.ids import IdSource
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.runtime.loader import Catalogues, load_room, load_trades, read_catalogues
from ondijon.runtime.post import CommandPost
from ondijon.runtime.room_door import RoomDoor
from ondijon.testing.builders import CARD, COMMUNES, EVERY_VERB, MANIFESTS, small_inventory
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.web.accounts import create_user
from ondijon.web.sessions import COOKIE, Sessions, actor_of

HOST = "console.test"
ORIGIN = f"http://{HOST}"
PASSWORD = "a-long-enough-password"
OWN, OTHER = COMMUNES[0], COMMUNES[1]
_STRINGS = {"fr": {"role.operator": "Opérateur"}, "en": {"role.operator": "Operator"}}
_SEE: tuple[Verb, ...] = ("see",)

# chief: everything everywhere; second: the same, another person; local: everything, but lamps of one commune only;
# observer: sees everything; stranger: has an account and no grant.
GRANTS: dict[str, tuple[Grant, ...]] = {
    "chief": (Grant("operator", (EVERY,), (EVERY,), EVERY_VERB),),
    "second": (Grant("operator", (EVERY,), (EVERY,), EVERY_VERB),),
    "local": (Grant("agent", (OWN,), ("lamps",), EVERY_VERB),),
    "observer": (Grant("observer", (EVERY,), (EVERY,), _SEE),),
    "stranger": (),
    # handler works on incidents about lamps of one commune; auditors read who did what, everywhere or there;
    # water: sees another trade of another commune.
    "handler": (Grant("agent", (OWN,), ("lamps",), ("see", "handle")),),
    "auditor": (Grant("auditor", (EVERY,), (EVERY,), ("see", "audit")),),
    "auditor_here": (Grant("auditor", (OWN,), ("lamps",), ("see", "audit")),),
    "water": (Grant("observer", (OTHER,), ("water",), _SEE),),
}


@dataclass
class Desk:
    """The application, what stands behind it, and people at it."""

    app: Litestar
    city: City
    rows: PostgresRows
    bus: FakeBus
    clock: StillClock
    post: CommandPost
    door: RoomDoor
    strings: Catalogues
    users: dict[str, UUID]
    client: httpx.AsyncClient
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(
        self, method: str, path: str, who: str | None = None, body: Any = None, **headers: str
    ) -> httpx.Response:
        """A request as the console's own page would send it."""
        sent = {"Origin": ORIGIN, "X-Ondijon": "1", **{key.replace("_", "-"): value for key, value in headers.items()}}
        if who is not None:
            sent["Cookie"] = f"{COOKIE}={await self.cookie(who)}"
        return await self.client.request(method, path, json=body, headers=sent)

    async def cookie(self, who: str) -> str:
        if who not in self.cookies:
            sessions = Sessions(self.rows, self.bus, self.clock, self.clock.monotonic)
            self.cookies[who] = await sessions.open(self.users[who])
        return self.cookies[who]

    async def actor(self, who: str) -> Actor:
        row = await self.rows.fetch_one("SELECT * FROM users WHERE user_id = $1", self.users[who])
        assert row is not None
        return actor_of(row)

    async def dim(self, who: str, selection: Selection, key: int = 1, level: float = 60.0) -> Command:
        request = CommandRequest("lamps.dim", selection, {"level_pct": level}, "essai", 60, UUID(int=key << 64))
        return await self.post.submit(await self.actor(who), request)

    async def raise_alarm(self, alarm_id: int, kind: str, urn: str, priority: int = 2) -> UUID:
        """An alarm, in a card of its own as the annunciator makes it; its id is `card_of` the alarm's."""
        twins, row = self.city.get_twin(urn)
        twin_no, trade = int(twins.twin_no[row]), kind.partition(".")[0]
        alarm, card, now = UUID(int=alarm_id), card_of(alarm_id), self.clock.now()
        await self.rows.execute(
            """INSERT INTO alarm_cards (id, kind, element, type, trade, twin_no, priority, first_alarm, expected,
                                        explanation, position, raised_at)
               VALUES ($1, 'single', $2, $3, $4, $5, $6, $7, '{}', '{"key": "cause.single", "values": {}}', '(5, 47)',
                       $8)""",
            card,
            urn,
            kind,
            trade,
            twin_no,
            priority,
            alarm,
            now,
        )
        await self.rows.execute(
            """INSERT INTO alarms (id, type, trade, twin_no, commune, priority, state, raised_at, evidence, card_id)
               VALUES ($1, $2, $3, $4, $5, $6, 'active_unacknowledged', $7, '{}', $8)""",
            alarm,
            kind,
            trade,
            twin_no,
            twins.records[row].commune,
            priority,
            now,
            card,
        )
        await self.rows.fetch("SELECT * FROM refresh_alarm_cards($1::uuid[], $2)", [card], now)
        return alarm


def card_of(alarm_id: int) -> UUID:
    """The card of an alarm that a test has raised."""
    return UUID(int=alarm_id << 32)


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


async def _create_users(rows: PostgresRows, ids: IdSource) -> dict[str, UUID]:
    """All have one password, hashed once: hashing is slow on purpose."""
    names = list(GRANTS)
    users = {names[0]: await create_user(rows, ids, names[0], names[0].title(), PASSWORD, GRANTS[names[0]])}
    for name in names[1:]:
        users[name] = ids.new_id()
        await rows.execute(
            """INSERT INTO users (user_id, pseudonym, username, name, password_hash, grants)
               SELECT $1, $2, $3, $4, password_hash, $5 FROM users WHERE username = $6""",
            users[name],
            ids.new_id(),
            name,
            name.title(),
            msgspec.to_builtins(GRANTS[name]),
            names[0],
        )
    return users


@pytest.fixture(scope="session")
def house() -> Litestar:
    """The console's routes, built once for all rooms of these tests."""
    return build_house()


@pytest.fixture
async def desk(home: Path, house: Litestar, tmp_path: Path) -> AsyncIterator[Desk]:
    clock, bus, ids = StillClock(), FakeBus(), SequentialIds()
    package = Path(__file__).parents[3]
    strings = read_catalogues([package / one for one in ("runtime", "web", "apps/console", "control_room/logbook")])
    for language, words in _STRINGS.items():
        strings[language].update(words)
    every_word = load_trades()[1]
    parts = load_room(every_word["fr"])
    async with fresh_rows(home) as rows:
        await save_inventory(rows, clock, small_inventory())
        city = await load_city(rows, CARD, MANIFESTS)
        post = CommandPost(city, rows, bus, clock, ids)
        users = await _create_users(rows, ids)
        door = RoomDoor(city, rows, bus, clock, ids, parts, every_word)
        app = build_console(
            city=city,
            rows=rows,
            bus=bus,
            post=post,
            door=door,
            room_trades=[trade for part in parts for trade in part.trades],
            clock=clock,
            ids=ids,
            history=HistoryOverBoth(rows, FolderLake(tmp_path / "lake")),
            strings=strings,
            roles_expected=("gateway",),
            demo_accounts=(DemoAccount("chief", PASSWORD, "Chef"),),
            static_folder=tmp_path,
            house=house,
        )
        await app.state.hub.start()
        transport = httpx.ASGITransport(app=cast("Any", app))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            yield Desk(app, city, rows, bus, clock, post, door, strings, users, client)
