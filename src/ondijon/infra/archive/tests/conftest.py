"""An archive over a real database and a lake in memory, and readings with every oddity that a field sends."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from ondijon.infra.archive.archiver import Archiver
from ondijon.infra.archive.history import ReadingHistory
from ondijon.infra.archive.lake import FolderLake
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.clock import to_us
from ondijon.kernel.identity import THE_POST
from ondijon.runtime.room_door import RoomDoor
from ondijon.testing.builders import small_city
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock

DAY = date(2026, 3, 28)
MIDNIGHT = datetime(2026, 3, 28, tzinfo=UTC)
EVER = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
TWINS, PROPERTIES = 5, 3
DAY_US = 86_400_000_000

Reading = tuple[int, int, int, int, float, int]


@dataclass
class Stage:
    """What tests work with; `stored` is what was committed, as the brute force knows it."""

    rows: PostgresRows
    lake: FolderLake
    archiver: Archiver
    history: ReadingHistory
    door: RoomDoor
    clock: StillClock
    stored: list[Reading]

    async def store(self, readings: list[Reading]) -> None:
        """Commit readings as the projector does."""
        twin, prop, observed, received, value, quality = zip(*readings, strict=True)
        async with self.rows.transaction() as tx:
            await tx.copy_readings(
                np.array(twin, np.int32),
                np.array(prop, np.int16),
                np.array(observed, np.int64),
                np.array(received, np.int64),
                np.array(value, np.float64),
                np.array(quality, np.uint8),
            )
        self.stored += readings

    async def read_all(self) -> list[tuple[int, float]]:
        """Every (time, value) of all twins and properties, through the one query path."""
        found: list[tuple[int, float]] = []
        for twin in range(TWINS):
            for prop in range(PROPERTIES):
                series = await self.history.get_series(twin, prop, *EVER, 1_000_000)
                assert not series.sampled
                found += zip(series.at_us.tolist(), series.value.tolist(), strict=True)
        return sorted(found)

    def expected(self) -> list[tuple[int, float]]:
        return sorted((reading[2], reading[4]) for reading in self.stored)


def make_readings(seed: int, count: int, day: date = DAY) -> list[Reading]:
    """Readings of one UTC day: equal times, repeated rows, all qualities."""
    random = np.random.default_rng(seed)
    begin_us = to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))
    observed = begin_us + random.integers(0, DAY_US, count) // 60_000_000 * 60_000_000
    made = [
        (int(twin), int(prop), int(at), int(at) + 5_000, float(value), int(quality))
        for twin, prop, at, value, quality in zip(
            random.integers(0, TWINS, count),
            random.integers(0, PROPERTIES, count),
            observed,
            random.normal(50, 9, count),
            random.integers(0, 3, count),
            strict=True,
        )
    ]
    return made + made[:3]


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def stage(home: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    clock = StillClock()
    async with fresh_rows(home, clock) as rows:
        door = RoomDoor(small_city(), rows, FakeBus(), clock, SequentialIds(), ())
        lake = FolderLake(tmp_path / "lake")
        archiver = Archiver(rows, lake, lambda: door.desk(THE_POST))
        yield Stage(rows, lake, archiver, ReadingHistory(rows, lake), door, clock, [])
