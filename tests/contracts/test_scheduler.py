"""A job is done once, however many processes ask."""

import asyncio
from datetime import timedelta

import pytest

from ondijon.infra.postgres.pool import PostgresRows
from ondijon.runtime.scheduler import Job, claim
from ondijon.testing.fakes import StillClock

pytestmark = pytest.mark.engines


async def nothing() -> None:
    return None


async def test_of_many_processes_one_does_the_job_and_another_does_it_when_it_is_due_again(
    rows: PostgresRows, clock: StillClock
) -> None:
    job = Job("tidy", timedelta(seconds=60), nothing)
    won = await asyncio.gather(*(claim(rows, clock, job, f"process-{n}") for n in range(8)))
    assert won.count(True) == 1
    clock.advance(59)
    assert not await claim(rows, clock, job, "late")
    clock.advance(1)
    won = await asyncio.gather(*(claim(rows, clock, job, f"process-{n}") for n in range(8)))
    assert won.count(True) == 1
