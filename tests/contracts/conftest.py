"""A small lit city over a real PostgreSQL, a fake field, and a clock that stands still until told."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.city import City, CityCard
from ondijon.kernel.clock import to_us
from ondijon.kernel.field import DeadLetter, FieldOrder, Intake, Sink, StoredProgramme
from ondijon.kernel.identity import Actor, Grant, Verb
from ondijon.kernel.inventory import Commune, Inventory, Street, TwinRecord
from ondijon.kernel.readings import ReadingBatch
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.runtime.field_role import FieldRole
from ondijon.runtime.loader import load_trades
from ondijon.runtime.post import CommandPost
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock

CARD = CityCard("essai", "Essai", "Europe/Paris", (5.04, 47.32), True, {"fr": "", "en": ""})
LIGHTS_A_CABINET = 3


@dataclass
class FakeField:
    """A driver that remembers what it was asked, and takes it while `up`."""

    up: bool = True
    orders: list[FieldOrder] = field(default_factory=list)

    async def run(self, sink: Sink) -> None:
        await asyncio.Event().wait()

    async def send(self, orders: Sequence[FieldOrder]) -> Sequence[bool]:
        if self.up:
            self.orders += orders
        return [self.up] * len(orders)

    async def store_programmes(self, programmes: Sequence[StoredProgramme]) -> None:
        return None

    def map_letters(self, dead_letters: Sequence[DeadLetter]) -> Intake:
        return Intake([], [], [], dead_letters, None, len(dead_letters), 0)


@pytest.fixture(scope="session")
def postgres_home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def rows(postgres_home: Path, clock: StillClock) -> AsyncIterator[PostgresRows]:
    async with fresh_rows(postgres_home) as opened:
        yield opened


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def small_inventory(cabinets: int = 2) -> Inventory:
    """Two communes, a street in each, a cabinet in each with three lights."""
    square = [[[(5.0, 47.0), (5.2, 47.0), (5.2, 47.5), (5.0, 47.5)]]]
    communes = [Commune(f"2123{i}", f"Commune {i}", 100, 1.0, (5.0 + i / 10, 47.3), square) for i in range(cabinets)]
    streets = [
        Street(f"ST-{i}", f"Rue {i}", f"2123{i}", "residential", [(5.0, 47.3), (5.1, 47.3)]) for i in range(cabinets)
    ]
    twins = []
    for i in range(cabinets):
        cabinet = f"urn:ngsi-ld:StreetlightControlCabinet:2123{i}:CAB-{i}"
        twins.append(
            TwinRecord(
                cabinet,
                "StreetlightControlCabinet",
                f"2123{i}",
                f"CAB-{i}",
                (5.0 + i / 10, 47.3),
                gateway=f"CAB-{i}",
                device=f"CAB-{i}",
            )
        )
        for j in range(LIGHTS_A_CABINET):
            local = f"SL-{i}{j}"
            twins.append(
                TwinRecord(
                    f"urn:ngsi-ld:Streetlight:2123{i}:{local}",
                    "Streetlight",
                    f"2123{i}",
                    local,
                    (5.01 + i / 10 + j / 1000, 47.301),
                    f"ST-{i}",
                    cabinet,
                    f"CAB-{i}",
                    local,
                    {"rated_power_w": 50.0, "feeder": "permanent"},
                )
            )
    return Inventory("essai", communes, streets, [], [], twins)


def person(name: str, communes: tuple[str, ...] = ("*",), verbs: tuple[Verb, ...] | None = None) -> Actor:
    """Somebody with a grant on lighting."""
    number = UUID(int=1_000 + sum(name.encode()))
    return Actor(number, number, name, name, (Grant("role", communes, ("*",), verbs or ("see", "command")),))


def light(i: int, j: int) -> str:
    """The URN of light j of cabinet i."""
    return f"urn:ngsi-ld:Streetlight:2123{i}:SL-{i}{j}"


@dataclass
class Room:
    """A post and a field role over the same rows, in one process."""

    city: City
    rows: PostgresRows
    clock: StillClock
    bus: FakeBus
    field: FakeField
    role: FieldRole
    post: CommandPost

    async def report(self, urn: str, observed_s_ago: float = 0.0, **values: float) -> None:
        """Take in what one twin says of itself now."""
        twins, row = self.city.get_twin(urn)
        columns = self.city.columns[twins.twin_type]
        count = len(values)
        now_us = self.clock.now_us()
        batch = ReadingBatch(
            twins.twin_type,
            np.full(count, row, np.int32),
            np.array([columns.property_index[key] for key in values], np.int16),
            np.array(list(values.values()), np.float64),
            np.full(count, now_us - int(observed_s_ago * 1e6), np.int64),
            np.full(count, now_us, np.int64),
            np.zeros(count, np.uint8),
        )
        await self.role.projector.commit(Intake([batch], [], [], [], None, 1, 0))

    async def dispatch(self) -> None:
        """Let the dispatcher go round once."""
        await self.role.dispatcher.go_round()


async def open_room(rows: PostgresRows, clock: StillClock) -> Room:
    """Load the city afresh, as a process does at its start."""
    manifests, _ = load_trades()
    city = await load_city(rows, CARD, manifests)
    bus, fake, ids = FakeBus(), FakeField(), SequentialIds(to_us(clock.now()))
    role = FieldRole(city, rows, bus, clock, ids, fake)
    await role.start()
    return Room(city, rows, clock, bus, fake, role, CommandPost(city, rows, bus, clock, ids))


@pytest.fixture
async def room(rows: PostgresRows, clock: StillClock) -> Room:
    await save_inventory(rows, clock, small_inventory())
    return await open_room(rows, clock)
