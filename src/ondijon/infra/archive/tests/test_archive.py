"""A day moves to a file and is read as before; what came late is merged in."""

import asyncio
import json
from datetime import timedelta

import duckdb
import pyarrow.parquet as parquet
import pytest

from ondijon.infra.archive.tests.conftest import DAY, Stage, make_readings
from ondijon.infra.archive.verify import verify

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


async def test_an_engine_of_another_house_reads_the_lake_and_knows_what_its_numbers_mean(stage: Stage) -> None:
    await stage.rows.execute("INSERT INTO properties (property_no, twin_type, key) VALUES (1, 'Lamp', 'power_w')")
    await stage.store(make_readings(1, 500))
    await stage.move(NEXT)
    table = parquet.read_table(stage.lake.folder / "readings")
    assert (table.num_rows, str(table.schema.field("observed_at").type)) == (len(stage.stored), "timestamp[us, tz=UTC]")
    assert set(table.column_names) == {
        *("twin_no", "property_no", "observed_at", "received_at", "value", "quality", "observed_day")
    }
    (power,) = parquet.read_table(stage.lake.folder / "properties.parquet").to_pylist()
    assert (power["property_no"], power["key"], power["unit"]) == (1, "power_w", "W")
    manifest = json.loads((stage.lake.folder / "manifest.json").read_bytes())
    assert [one["file"] for one in manifest["files"]] == stage.lake.list_files()


async def test_a_damaged_and_a_missing_file_are_found(stage: Stage) -> None:
    await stage.store(make_readings(1, 500))
    await stage.store(make_readings(2, 500, NEXT))
    await stage.move(NEXT + timedelta(days=1))
    first, second = (stage.lake.folder / name for name in stage.lake.list_files())
    assert not (await verify(stage.rows, stage.lake, contents=True)).damaged
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 1
    first.write_bytes(content)
    second.unlink()
    found = await verify(stage.rows, stage.lake, contents=True)
    assert (len(found.damaged), len(found.missing), found.days) == (1, 1, 2)


async def test_a_day_that_somebody_reads_is_left_for_the_next_run(stage: Stage) -> None:
    await stage.store(make_readings(1, 50))
    async with stage.rows.transaction() as tx:
        await tx.execute("LOCK TABLE ONLY readings IN ACCESS SHARE MODE")
        assert await stage.move(NEXT) == 0
        await stage.store(make_readings(2, 50))
    assert await stage.move(NEXT) == 1
    assert await stage.read_all() == stage.expected()


async def test_a_reader_and_the_archive_may_work_at_the_same_time(stage: Stage) -> None:
    await stage.store(make_readings(1, 50))
    for seed in range(2, 6):
        found, _ = await asyncio.gather(stage.read_all(), stage.move(NEXT))
        assert found == stage.expected()
        await stage.store(make_readings(seed, 10))
