"""A day moves to a file and is read as before; what came late is merged in."""

from datetime import timedelta

import duckdb
import pytest

from ondijon.infra.archive.tests.conftest import DAY, Stage, make_readings

pytestmark = pytest.mark.engines
NEXT = DAY + timedelta(days=1)


async def test_a_day_is_read_alike_before_and_after_it_was_archived(stage: Stage) -> None:
    await stage.store(make_readings(1, 500))
    await stage.store(make_readings(2, 300, NEXT))
    assert await stage.read_all() == stage.expected()
    assert await stage.move(NEXT) == 1
    assert await stage.read_all() == stage.expected()
    here = await stage.rows.fetch_one("SELECT count(*) AS n FROM readings_here")
    assert here is not None and here["n"] == 304


async def test_what_comes_late_is_read_at_once_and_merged_at_the_next_run(stage: Stage) -> None:
    await stage.store(make_readings(1, 500))
    await stage.move(NEXT)
    await stage.store(make_readings(3, 40))
    assert await stage.read_all() == stage.expected()
    assert await stage.move(NEXT) == 1
    assert await stage.read_all() == stage.expected()
    assert len(stage.lake.list_files()) == 1
    assert await stage.move(NEXT) == 0


async def test_anybody_reads_the_lake(stage: Stage) -> None:
    await stage.store(make_readings(1, 500))
    await stage.move(NEXT)
    found = duckdb.execute(
        """SELECT twin_no, property_no, epoch_us(observed_at), epoch_us(received_at), value, quality
           FROM read_parquet($1)""",
        [f"{stage.lake.folder}/readings/*/*.parquet"],
    ).fetchall()
    assert found == sorted(found, key=lambda row: row[:4])
    assert sorted(map(str, found)) == sorted(map(str, stage.stored))
