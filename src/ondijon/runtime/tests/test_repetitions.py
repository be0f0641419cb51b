"""A doubtful reading is in the history once, however often it comes."""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.readings import ReadingBatch
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.runtime.effects import Effects, EffectsWriter
from ondijon.runtime.tracker import Tracker
from ondijon.testing.builders import CARD, MANIFESTS, lamp, small_inventory
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock

pytestmark = pytest.mark.engines

Said = tuple[int, float]


class History:
    """What one lamp said, and what is kept of it."""

    def __init__(self, rows: PostgresRows, writer: EffectsWriter, row: int, now_us: int) -> None:
        self.rows, self._writer, self._row, self._now_us = rows, writer, row, now_us

    def batch(self, *said: Said, doubtful: bool = True) -> ReadingBatch:
        """Levels, so many microseconds ago each."""
        count = len(said)
        return ReadingBatch(
            "Lamp",
            np.full(count, self._row, np.int32),
            np.zeros(count, np.int16),
            np.array([value for _, value in said]),
            self._now_us - np.array([ago_us for ago_us, _ in said], np.int64),
            np.full(count, self._now_us, np.int64),
            np.zeros(count, np.uint8),
            doubtful,
        )

    async def write(self, *batches: ReadingBatch) -> None:
        await self._writer.write(Effects(batches=list(batches)))

    async def kept(self) -> Sequence[float]:
        rows = await self.rows.fetch("SELECT value FROM readings ORDER BY observed_at DESC, value")
        return [row["value"] for row in rows]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def history(home: Path) -> AsyncIterator[History]:
    clock, bus, ids = StillClock(), FakeBus(), SequentialIds()
    async with fresh_rows(home) as rows:
        await save_inventory(rows, clock, small_inventory())
        city = await load_city(rows, CARD, MANIFESTS)
        writer = EffectsWriter(city, rows, bus, clock, ids, Tracker(city))
        yield History(rows, writer, city.twins["Lamp"].row_of[lamp(0, 0)], clock.now_us())


async def test_a_doubtful_reading_is_kept_once_within_a_batch_a_transaction_and_for_ever(history: History) -> None:
    first, second, third = (1, 10.0), (2, 20.0), (3, 30.0)
    await history.write(history.batch(first, second, second), history.batch(third, doubtful=False))
    await history.write(history.batch(first, third), history.batch(third))
    assert await history.kept() == [10.0, 20.0, 30.0]


async def test_another_value_or_instant_is_another_reading(history: History) -> None:
    await history.write(history.batch((5, 10.0)))
    await history.write(history.batch((5, 11.0), (6, 10.0), (5, 10.0)))
    assert await history.kept() == [10.0, 11.0, 10.0]


async def test_what_is_not_doubted_is_not_asked_for(history: History) -> None:
    await history.write(history.batch((1, 10.0), doubtful=False))
    await history.write(history.batch((1, 10.0), doubtful=False))
    assert await history.kept() == [10.0, 10.0]
