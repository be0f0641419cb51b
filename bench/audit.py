"""Measures how long an audited act waits for its own commit at 200 acts a second, with heads written beside."""

# Each act is one transaction of two rows and its audit line, begun at its own moment whatever the ones before it do
# (open loop), over as many connections as a console process has; the witness runs as in the core role.

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from uuid import UUID

import numpy as np

from bench.stage import open_stage, publish
from ondijon.infra.heads_file import HeadsFile
from ondijon.infra.ids import UuidSource
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.clock import Clock
from ondijon.kernel.events import Event
from ondijon.runtime.audit_log import append_audit
from ondijon.runtime.audit_witness import AuditWitness, verify_log
from ondijon.runtime.room_queries import insert_events

LIMIT_MS = 100.0


async def act(rows: PostgresRows, clock: Clock, ids: UuidSource, due_s: float) -> float:
    """One act of the room as the door commits it; returns milliseconds from its due moment to its commit."""
    async with rows.transaction() as tx:
        events = [Event(ids.new_id(), "logbook.written", clock.now(), None, None, {}) for _ in range(2)]
        await insert_events(tx, events)
        await append_audit(tx, clock, UUID(int=1), "logbook.write", str(events[0].id), {"reason": "bench"})
    return 1000 * (time.perf_counter() - due_s)


async def measure(rate: int, seconds: float) -> tuple[list[float], int, int]:
    """Latencies, and lines and heads that the check of the whole log counted afterwards."""
    ids = UuidSource()
    async with open_stage() as stage, await PostgresRows.open(stage.postgres.post_dsn) as rows:
        heads = HeadsFile(stage.home)
        heads.make_folder()
        watching = asyncio.create_task(AuditWitness(rows, stage.clock, heads.append).run())
        await asyncio.gather(*(act(rows, stage.clock, ids, time.perf_counter()) for _ in range(8)))
        began = time.perf_counter()
        acts = []
        for number in range(int(rate * seconds)):
            due_s = began + number / rate
            await asyncio.sleep(max(due_s - time.perf_counter(), 0.0))
            acts.append(asyncio.create_task(act(rows, stage.clock, ids, due_s)))
        taken = await asyncio.gather(*acts)
        watching.cancel()
        verdict = await verify_log(rows, list(heads.read()))
    if verdict.finding is not None:
        raise SystemExit(f"the log is not what was written: {verdict.finding}")
    return list(taken), verdict.lines, verdict.heads


def main(argv: Sequence[str]) -> None:
    """Run, then say it in one line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args(argv)
    taken, lines, heads = asyncio.run(measure(options.rate, options.seconds))
    p50_ms, p99_ms = (float(np.percentile(taken, share)) for share in (50, 99))
    line = {
        "value": p99_ms,
        "unit": "ms p99",
        "limit": LIMIT_MS,
        "ratio": p99_ms / LIMIT_MS,
        "seconds": options.seconds,
    }
    publish(
        "audit", line, {"p50_ms": p50_ms, "rate": options.rate, "lines": lines, "heads": heads, "worst_ms": max(taken)}
    )


if __name__ == "__main__":
    main(sys.argv[1:])
