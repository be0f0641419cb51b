"""Incidents behind the real door over real rows, with people who may do different things."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tomllib import loads
from typing import Any
from uuid import UUID

import msgspec
import pytest

import ondijon
from ondijon.control_room.incidents.manifest import ROOM
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.city import City
from ondijon.kernel.identity import EVERY, THE_POST, Actor, Verb
from ondijon.kernel.ports import Row
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.testing.builders import CARD, COMMUNES, MANIFESTS, person, small_inventory
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

HERE, THERE = COMMUNES[0], COMMUNES[1]
SPOT = {"lon": 5.05, "lat": 47.31}
SPOT_THERE = {"lon": 5.15, "lat": 47.31}
HANDLE: tuple[Verb, ...] = ("see", "handle", "acknowledge")
CLAIRE = person("claire", verbs=HANDLE)
AMINE = person("amine", verbs=HANDLE)
LOCAL = person("local", (HERE,), (EVERY,), HANDLE)
ROADS = person("roads", (EVERY,), ("roads",), HANDLE)
LOOKER = person("looker", verbs=("see",))
PEOPLE = (CLAIRE, AMINE, LOCAL, ROADS, LOOKER)
CATALOGUE = loads((Path(ondijon.__file__).parent / "cities/incident_types.toml").read_text("utf-8"))


@dataclass
class IncidentRoom:
    """The room with incidents only."""

    rows: PostgresRows
    city: City
    clock: StillClock
    bench: RoomBench

    async def do(self, actor: Actor, act: str, again: UUID | None = None, **payload: Any) -> Any:
        return await self.bench.do(actor, f"incidents.{act}", payload, again)

    async def open(self, actor: Actor = CLAIRE, **payload: Any) -> UUID:
        asked: Mapping[str, Any] = {"type": "roads.pothole", "place": SPOT, **payload}
        return UUID((await self.do(actor, "open", **asked))["id"])

    async def get(self, incident: UUID) -> Row:
        row = await self.rows.fetch_one("SELECT * FROM incidents WHERE id = $1", incident)
        assert row is not None
        return row

    async def version(self, incident: UUID) -> int:
        return int((await self.get(incident))["version"])

    async def step(self, actor: Actor, act: str, incident: UUID, **payload: Any) -> Any:
        """An act on the incident as it is now."""
        return await self.do(actor, act, id=str(incident), version=await self.version(incident), **payload)

    async def facts(self, *keys: str) -> list[Row]:
        found = await self.rows.fetch("SELECT * FROM events WHERE key = ANY($1) ORDER BY event_no", list(keys))
        return list(found)

    async def run_jobs(self) -> None:
        for job in ROOM.jobs:
            await self.bench.run_job(job.key, THE_POST)

    async def card(self, number: int, trade: str = "lighting", kind: str = "cabinet", commune: str = HERE) -> UUID:
        """An alarm card as the alarm desk writes it."""
        card = UUID(int=number << 96)
        await self.rows.execute(
            """INSERT INTO alarm_cards (id, kind, element, type, trade, twin_no, priority, first_alarm, members, active,
                   unacknowledged, by_commune, expected, explanation, position, raised_at)
               VALUES ($1, $2, $3, 'lighting.lamp_out', $4, NULL, 2, $1, 5, 5, 5, $5, '{}', '{}',
                   point($6, 47.31), $7)""",
            card,
            kind,
            f"element {number}",
            trade,
            {commune: {"members": 5}},
            5.05 if commune == HERE else 5.15,
            self.clock.now(),
        )
        return card

    async def contact(self, number: int, kind: str = "outside") -> UUID:
        contact = UUID(int=number << 80)
        await self.rows.execute(
            """INSERT INTO contacts (id, edited, key, kind, name, body, phone, email, trades, communes, hours, note,
                   version, saved_at, saved_by)
               VALUES ($1, true, $2, $3, $4, '', '', '', '{*}', '{*}', '24/7', '', 1, $5, $1)""",
            contact,
            f"contact_{number}",
            kind,
            f"Contact {number}",
            self.clock.now(),
        )
        return contact


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def room(home: Path) -> AsyncIterator[IncidentRoom]:
    clock, bus, ids = StillClock(), FakeBus(), SequentialIds(1_000)
    async with fresh_rows(home) as rows:
        await save_inventory(rows, clock, small_inventory())
        city = await load_city(rows, CARD, MANIFESTS)
        for one in PEOPLE:
            await rows.execute(
                """INSERT INTO users (user_id, pseudonym, username, name, password_hash, grants)
                   VALUES ($1, $2, $3, $4, '', $5)""",
                one.user_id,
                one.pseudonym,
                one.username,
                one.name,
                msgspec.to_builtins(one.grants),
            )
        bench = RoomBench(city, rows, ids, clock, bus, ROOM)
        async with bench.door.desk(THE_POST) as desk:
            await ROOM.seeds[0].load(desk, CATALOGUE)
        yield IncidentRoom(rows, city, clock, bench)
