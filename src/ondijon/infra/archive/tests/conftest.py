"""An archive over a real database and a lake in memory, and readings with every oddity that a field sends."""

import math
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest

from ondijon.infra.archive.archiver import Archiver
from ondijon.infra.archive.history import HistoryOverBoth
from ondijon.infra.archive.lake import FolderLake
from ondijon.infra.archive.tidying import tidy
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.telemetry import LeafMoved
from ondijon.kernel.clock import to_us
from ondijon.kernel.identity import THE_POST
from ondijon.runtime.room_door import RoomDoor
from ondijon.testing.builders import small_city
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock

DAY = date(2026, 3, 28)
MIDNIGHT = datetime(2026, 3, 28, tzinfo=UTC)
EVER = (datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
TWINS, PROPERTIES = 3, 2
DAY_US = 86_400_000_000

Reading = tuple[int, int, int, int, float, int]


@dataclass
class Stage:
    """What tests work with; `stored` is what was committed, as the brute force knows it."""

    rows: PostgresRows
    lake: FolderLake
    archiver: Archiver
    history: HistoryOverBoth
    door: RoomDoor
    clock: StillClock
    stored: list[Reading]

    async def store(self, readings: list[Reading]) -> None:
        """Commit readings as the projector does: tried again when their leaf has gone to the archive."""
        try:
            await self._copy(readings)
        except LeafMoved:
            await self._copy(readings)
        self.stored += readings

    async def _copy(self, readings: list[Reading]) -> None:
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

    async def read_all(self) -> list[tuple[int, float]]:
        """Every (time, value) of all twins and properties, through the one query path."""
        found: list[tuple[int, float]] = []
        for twin in range(TWINS):
            for prop in range(PROPERTIES):
                series = await self.history.get_series(twin, prop, *EVER, 1_000_000)
                assert not series.sampled
                found += map(_comparable, series.at_us.tolist(), series.value.tolist())
        return sorted(found)

    async def move(self, before: date) -> int:
        """Archive and tidy as the post's job does."""
        done = await self.archiver.run(before)
        await tidy(self.rows, self.lake, small_city())
        return done

    def expected(self) -> list[tuple[int, float]]:
        return sorted(_comparable(reading[2], reading[4]) for reading in self.stored)


def _comparable(at_us: int, value: float) -> tuple[int, float]:
    """NaN equals nothing, not even itself: here it is a number that no reading has."""
    return at_us, -1e9 if math.isnan(value) else value


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
    return [*made, *made[:3], (0, 0, int(observed[0]), int(observed[0]), math.nan, 1)]


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def stage(home: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    clock = StillClock()
    async with fresh_rows(home) as rows:
        door = RoomDoor(small_city(), rows, FakeBus(), clock, SequentialIds(), ())
        lake = FolderLake(tmp_path / "lake")
        archiver = Archiver(rows, lake, lambda: door.desk(THE_POST), clock)
        yield Stage(rows, lake, archiver, HistoryOverBoth(rows, lake), door, clock, [])


@pytest.fixture
async def dsn(stage: Stage, home: Path) -> str:
    """The address of the stage's database, for another process."""
    row = await stage.rows.fetch_one("SELECT current_user AS who, current_database() AS name")
    assert row is not None
    # The fifth line of the server's own note is the folder of its socket.
    folder = next(home.rglob("postmaster.pid")).read_text().splitlines()[4]
    return f"postgresql://{row['who']}@/{row['name']}?host={quote(folder, safe='')}"
