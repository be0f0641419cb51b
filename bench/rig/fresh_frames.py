"""How old each reading was when a process that follows the post's frames first had it, as a console's server does."""

# Started with a plan file; says `ready` when it listens, keeps columns of its own by the post's frames until its
# standard input closes, then writes what it saw of the readings observed from `since_us` on.

import argparse
import asyncio
import sys
import time
from collections import defaultdict
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from bench.rig.companion import start_companion
from ondijon.infra.nats.bus import NatsBus
from ondijon.kernel.arrays import Floats
from ondijon.kernel.frames import SUBJECT, decode_batch
from ondijon.kernel.readings import Columns, evolve_batch

LIGHT = "Streetlight"


class FramesPlan(Struct, frozen=True):
    """Where the bus is, the shape of the lights' columns, and since which observation a reading is of now.

    window_s: the report also has the 99th percentile of each such span, by its number.
    """

    bus_url: str
    properties: tuple[str, ...]
    rows: int
    since_us: int
    report: str
    window_s: float = 60.0


class FramesReport(Struct, frozen=True):
    """Readings of now that became the newest of their light, and how old they were then."""

    readings: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    p99_ms_by_window: dict[int, float]


class Follower:
    """The newest of every light, by the frames alone."""

    def __init__(self, plan: FramesPlan) -> None:
        self._since_us = plan.since_us
        self._window_us = round(plan.window_s * 1e6)
        self._columns = Columns(LIGHT, plan.properties, plan.rows)
        self.ages_ms: dict[int, list[Floats]] = defaultdict(list)

    async def take(self, _: str, payload: bytes) -> None:
        batch = decode_batch(payload)
        if batch.twin_type != LIGHT:
            return
        newer = evolve_batch(self._columns, batch)
        observed_us = batch.observed_us[newer & (batch.observed_us >= self._since_us)]
        now_us = time.time_ns() // 1000
        window = (now_us - self._since_us) // self._window_us
        self.ages_ms[window].append((now_us - observed_us) / 1000)

    def report(self) -> FramesReport:
        by_window = {window: np.concatenate(ages) for window, ages in self.ages_ms.items()}
        every = np.concatenate([np.zeros(0), *by_window.values()])
        p50, p99, worst = np.percentile(every, (50, 99, 100)).tolist() if len(every) else (0.0, 0.0, 0.0)
        p99_by_window = {window: float(np.percentile(ages, 99)) for window, ages in by_window.items() if len(ages)}
        return FramesReport(len(every), p50, p99, worst, p99_by_window)


async def start_follower(plan: FramesPlan, path: Path) -> asyncio.subprocess.Process:
    """A follower of that plan, written into `path`, once it listens."""
    return await start_companion("bench.rig.fresh_frames", plan, path)


async def end_follower(process: asyncio.subprocess.Process, plan: FramesPlan) -> FramesReport:
    """What it saw."""
    await process.communicate(b"")
    return msgspec.json.decode(Path(plan.report).read_bytes(), type=FramesReport)


async def main(plan: FramesPlan) -> None:
    follower = Follower(plan)
    async with await NatsBus.open(plan.bus_url, "bench-follower") as bus:
        await bus.subscribe(SUBJECT, follower.take)
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)
    Path(plan.report).write_bytes(msgspec.json.encode(follower.report()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path, help="a FramesPlan as JSON")
    asyncio.run(main(msgspec.json.decode(parser.parse_args().plan.read_bytes(), type=FramesPlan)))
