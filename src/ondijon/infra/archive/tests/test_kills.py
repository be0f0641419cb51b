"""The process is killed at every step of archiving: no reading is lost or doubled, before the next run and after."""

import asyncio
import sys
from datetime import timedelta

import pytest

from ondijon.infra.archive.tests.conftest import DAY, Stage, make_readings
from ondijon.infra.archive.tests.killed_run import POINTS

pytestmark = pytest.mark.engines
NEXT = DAY + timedelta(days=1)


async def test_a_kill_at_any_step_loses_and_doubles_nothing(stage: Stage, dsn: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ondijon.infra.archive.tests.killed_run"),
        *(dsn, str(stage.lake.folder), NEXT.isoformat()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None and process.stdout is not None
    await stage.store(make_readings(0, 50))
    await stage.move(NEXT)
    for number, point in enumerate(POINTS, 1):
        await stage.store(make_readings(number, 20))
        process.stdin.write(f"{point}\n".encode())
        assert (await process.stdout.readline(), point) == (b"killed\n", point)
        assert await stage.read_all() == stage.expected(), point
        await stage.store(make_readings(1000 + number, 10))
        await stage.move(NEXT)
        assert await stage.read_all() == stage.expected(), point
        assert len(stage.lake.list_files()) == 1
    process.stdin.close()
    assert await process.wait() == 0
    await _told_once(stage)


async def _told_once(stage: Stage) -> None:
    """The facts of what was archived come to exactly what was archived: a killed run told all of it or nothing."""
    told = await stage.rows.fetch_one(
        "SELECT sum((payload->>'rows')::bigint) AS n FROM events WHERE key = 'history.archived'"
    )
    kept = await stage.rows.fetch_one("SELECT sum(rows) AS n FROM archive_days")
    here = await stage.rows.fetch_one("SELECT count(*) AS n FROM readings_here")
    assert told is not None and kept is not None and here is not None
    assert told["n"] == kept["n"] == len(stage.stored) - here["n"]
