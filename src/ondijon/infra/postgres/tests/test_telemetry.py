"""Readings reach the leaf of their day, exactly, whole batches at a time."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import ondijon
from ondijon.infra.postgres.migrate import find_sources, migrate
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.infra.postgres.telemetry import LeafMoved, ReadingHistory
from ondijon.kernel.arrays import Bytes8, Floats, Ints16, Ints32, Ints64
from ondijon.kernel.clock import from_us, to_us

pytestmark = pytest.mark.engines
NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


class NoonClock:
    def now(self) -> datetime:
        return NOON

    def now_us(self) -> int:
        return to_us(NOON)


@dataclass(frozen=True)
class Batch:
    twin_no: Ints32
    property_no: Ints16
    observed_us: Ints64
    received_us: Ints64
    value: Floats
    quality: Bytes8

    def columns(self) -> tuple[Ints32, Ints16, Ints64, Ints64, Floats, Bytes8]:
        return self.twin_no, self.property_no, self.observed_us, self.received_us, self.value, self.quality


def batch_of(length: int, observed_at: datetime = NOON) -> Batch:
    index = np.arange(length)
    return Batch(
        twin_no=index.astype(np.int32),
        property_no=(index % 6).astype(np.int16),
        observed_us=to_us(observed_at) + index,
        received_us=to_us(observed_at) + index + 1000,
        value=index / 7,
        quality=(index % 3).astype(np.uint8),
    )


@pytest.fixture
async def rows(server: EmbeddedPostgres) -> AsyncIterator[PostgresRows]:
    await migrate(server.dsn, find_sources(Path(ondijon.__file__).parent), NoonClock())
    async with await PostgresRows.open(server.dsn) as opened:
        yield opened


async def copy(rows: PostgresRows, batch: Batch) -> None:
    async with rows.transaction() as transaction:
        await transaction.copy_readings(*batch.columns())


async def leaves(rows: PostgresRows) -> list[str]:
    found = await rows.fetch(
        "SELECT inhrelid::regclass::text AS leaf FROM pg_inherits WHERE inhparent = 'readings'::regclass ORDER BY 1"
    )
    return [row["leaf"] for row in found]


async def test_every_column_comes_back_exactly(rows: PostgresRows) -> None:
    batch = batch_of(5000)
    batch.value[17] = np.nan
    await copy(rows, batch)
    found = await rows.fetch("SELECT * FROM readings ORDER BY twin_no")
    assert [row["twin_no"] for row in found] == batch.twin_no.tolist()
    assert [row["property_no"] for row in found] == batch.property_no.tolist()
    assert [row["observed_at"] for row in found] == [from_us(us) for us in batch.observed_us.tolist()]
    assert [row["received_at"] for row in found] == [from_us(us) for us in batch.received_us.tolist()]
    np.testing.assert_array_equal([row["value"] for row in found], batch.value)
    assert [row["quality"] for row in found] == batch.quality.tolist()


async def test_a_batch_across_midnight_fills_two_leaves(rows: PostgresRows) -> None:
    midnight = datetime(2026, 10, 6, tzinfo=UTC)
    await copy(rows, batch_of(10, midnight - timedelta(microseconds=4)))
    found = await rows.fetch(
        "SELECT tableoid::regclass::text AS leaf, count(*) AS n FROM readings GROUP BY 1 ORDER BY 1"
    )
    assert [tuple(row.values()) for row in found] == [("readings_20261005", 4), ("readings_20261006", 6)]


async def test_late_readings_get_their_own_day_and_lost_clocks_share_one_leaf(rows: PostgresRows) -> None:
    batch = batch_of(4)
    observed = [NOON, NOON - timedelta(days=400), datetime(1970, 1, 2, tzinfo=UTC), datetime(2001, 1, 1, tzinfo=UTC)]
    await copy(rows, replace(batch, observed_us=np.array([to_us(at) for at in observed])))
    assert await leaves(rows) == ["readings_20250831", "readings_20261005", "readings_ancient"]
    ancient = await rows.fetch("SELECT observed_at FROM readings_ancient ORDER BY 1")
    assert [row["observed_at"] for row in ancient] == observed[2:]


async def test_leaves_are_made_ahead_of_midnight(rows: PostgresRows) -> None:
    async with rows.connection() as connection:
        await rows.history.make_leaves(connection, date(2026, 10, 5))
    assert await leaves(rows) == ["readings_20261005", "readings_20261006", "readings_20261007", "readings_ancient"]


async def test_each_leaf_carries_its_indexes(rows: PostgresRows) -> None:
    await copy(rows, batch_of(1))
    found = await rows.fetch("SELECT indexdef FROM pg_indexes WHERE tablename = 'readings_20261005'")
    kinds = sorted(row["indexdef"].split(" USING ")[1] for row in found)
    assert kinds == [
        "brin (observed_at) WITH (pages_per_range='32')",
        "brin (received_at) WITH (pages_per_range='32')",
        "btree (twin_no, property_no, observed_at)",
    ]


async def test_a_leaf_made_in_an_undone_transaction_is_made_again(rows: PostgresRows) -> None:
    with pytest.raises(ZeroDivisionError):
        async with rows.transaction() as transaction:
            await transaction.copy_readings(*batch_of(3).columns())
            raise ZeroDivisionError
    await copy(rows, batch_of(3))
    found = await rows.fetch_one("SELECT count(*) AS n FROM readings")
    assert found is not None and found["n"] == 3


async def test_a_leaf_that_was_moved_away_is_made_again_by_the_retry(rows: PostgresRows) -> None:
    for _ in range(2):
        await copy(rows, batch_of(3))
    await rows.execute("DROP TABLE readings_20261005")
    with pytest.raises(LeafMoved):
        await copy(rows, batch_of(3))
    await copy(rows, batch_of(3))
    assert len(await rows.fetch("SELECT 1 FROM readings")) == 3


async def test_nothing_to_write_is_no_statement(rows: PostgresRows) -> None:
    await copy(rows, batch_of(0))
    assert await leaves(rows) == ["readings_ancient"]


async def test_columns_of_different_lengths_are_refused(rows: PostgresRows) -> None:
    async with rows.connection() as connection:
        columns = batch_of(3).columns()
        with pytest.raises(ValueError, match="different lengths"):
            await ReadingHistory().copy_readings(connection, columns[0][:2], *columns[1:])
