"""Each property's readings go when its declared days are over, wherever they lie, and that is told."""

from datetime import timedelta

import pytest

from ondijon.infra.archive.archiver import list_too_old
from ondijon.infra.archive.retention import ReadingRetention
from ondijon.infra.archive.tests.conftest import DAY, MIDNIGHT, Stage, make_readings
from ondijon.kernel.clock import to_us
from ondijon.kernel.identity import THE_POST

pytestmark = pytest.mark.engines
NEXT = DAY + timedelta(days=1)
SHORT, LONG = 0, 1


async def declare(stage: Stage, short_days: int, long_days: int) -> ReadingRetention:
    for number, days in ((SHORT, short_days), (LONG, long_days)):
        await stage.rows.execute("INSERT INTO properties VALUES ($1, 'Gone', $2, $3)", number, f"p{number}", days)
    return ReadingRetention(stage.rows, stage.archiver, lambda: stage.door.desk(THE_POST), stage.clock)


def drop_old(stage: Stage) -> None:
    """What brute force keeps of the first day once the short retention is over."""
    stage.stored = [one for one in stage.stored if one[1] == LONG or one[2] >= to_us(MIDNIGHT + timedelta(days=1))]


async def told(stage: Stage) -> dict[str, int]:
    rows = await stage.rows.fetch(
        "SELECT key, sum((payload->>'rows')::bigint)::bigint AS n FROM events GROUP BY key ORDER BY key"
    )
    return {row["key"]: row["n"] for row in rows}


async def test_a_file_is_written_anew_without_what_is_too_old(stage: Stage) -> None:
    retention = await declare(stage, 237, 5000)
    await stage.store(make_readings(1, 200))
    await stage.store(make_readings(2, 100, NEXT))
    await stage.move(NEXT + timedelta(days=1))
    await retention.run()
    before = len(stage.stored)
    drop_old(stage)
    assert await stage.read_all() == stage.expected()
    assert (await told(stage))["history.erased_day"] == before - len(stage.stored)
    await retention.run()
    assert (await told(stage))["history.erased_day"] == before - len(stage.stored)


async def test_rows_that_are_still_here_go_too(stage: Stage) -> None:
    retention = await declare(stage, 237, 5000)
    await stage.store(make_readings(1, 200))
    await retention.run()
    before = len(stage.stored)
    drop_old(stage)
    assert await stage.read_all() == stage.expected()
    assert await told(stage) == {"history.erased": before - len(stage.stored)}


async def test_a_day_of_which_nothing_may_be_kept_has_no_file(stage: Stage) -> None:
    retention = await declare(stage, 30, 30)
    await stage.store(make_readings(1, 200))
    await stage.move(NEXT)
    await retention.run()
    await stage.move(NEXT)
    assert await stage.read_all() == []
    assert stage.lake.list_files() == []


async def test_late_readings_of_a_day_that_is_over_are_not_archived(stage: Stage) -> None:
    await declare(stage, 30, 5000)
    await stage.store(make_readings(1, 200))
    await stage.move(NEXT)
    stage.stored = [one for one in stage.stored if one[1] == LONG]
    assert await stage.read_all() == stage.expected()


def test_a_day_is_too_old_when_its_last_instant_is() -> None:
    end = MIDNIGHT + timedelta(days=1)
    assert list_too_old(DAY, {1: 30, 2: 31}, end + timedelta(days=30)) == [1]
    assert list_too_old(DAY, {1: 30, 2: 31}, end + timedelta(days=30, microseconds=-1)) == []
