"""The scheduler runs each job once when it is due, however many processes ask."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from msgspec import Struct

from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ports import Rows

log = logging.getLogger(__name__)


class Job(Struct, frozen=True):
    """Something to be done every so often, by whichever process claims it first."""

    key: str
    every: timedelta
    run: Callable[[], Awaitable[object]]


async def claim(rows: Rows, clock: Clock, job: Job, owner: str) -> bool:
    """Take a due job for this process; the row's own lock lets one process win."""
    now = clock.now()
    await rows.execute("INSERT INTO jobs (key, due_at) VALUES ($1, $2) ON CONFLICT (key) DO NOTHING", job.key, now)
    row = await rows.fetch_one(
        "UPDATE jobs SET due_at = $3, done_at = $2, done_by = $4 WHERE key = $1 AND due_at <= $2 RETURNING key",
        job.key,
        now,
        now + job.every,
        owner,
    )
    return row is not None


async def run_jobs(rows: Rows, clock: Clock, jobs: Sequence[Job], owner: str) -> None:
    """Run jobs until cancelled; one that fails is logged, counted, and run again when next due."""
    pause_s = min(job.every for job in jobs).total_seconds() / 2
    while True:
        for job in jobs:
            try:
                if await claim(rows, clock, job, owner):
                    await job.run()
            except EngineAway as error:
                log.warning("job %s waits: %s", job.key, error)
            except Exception:  # the edge of a task loop: one job must not stop the others
                log.exception("job %s failed", job.key)
                await rows.execute("UPDATE jobs SET failures = failures + 1 WHERE key = $1", job.key)
        await asyncio.sleep(pause_s)
