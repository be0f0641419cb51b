"""The power goes while a post works, and comes back: acts are all there, readings miss 2 s at most, and that shows."""

import asyncio
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import psutil
import pytest

from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.errors import Refused
from tests.contracts.throwaway_trade import write_trade
from tests.faults import town
from tests.faults.deadline import crowding, tell
from tests.faults.harness.form import long_only
from tests.faults.harness.outcome import write_page
from tests.faults.harness.probes import page_is_served, reading_is_taken_in
from tests.faults.harness.rig import Fault, Rig
from tests.faults.power.cutting import cut_power
from tests.faults.power.disk import PowerDisk, power_disk, why_not
from tests.faults.power.toll import Toll
from tests.faults.running_post import RunningPost, free_port

pytestmark = [
    pytest.mark.faults,
    pytest.mark.engines,
    long_only,
    pytest.mark.skipif(why_not() is not None, reason=str(why_not())),
]

CUTS = int(os.environ.get("ONDIJON_POWER_CUTS", "20"))
SEED = 20261128
STREAMS = range(8, 14)
LIMIT_S = 60.0
BEHIND_S = 3.0
LINES = 200


@pytest.fixture
def disk() -> Iterator[PowerDisk]:
    place = Path(tempfile.mkdtemp(prefix="ondijon-power-"))
    place.chmod(0o711)
    with power_disk(place / "home") as made:
        yield made
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def powered(disk: PowerDisk) -> Iterator[RunningPost]:
    """A post whose whole home lies on the power disk, and that has stood there for a while."""
    asyncio.run(town.settle(disk.folder, town.small_town(town.list_benches())))
    write_trade(disk.folder / "elsewhere")
    environ = {"PYTHONPATH": str(disk.folder / "elsewhere")}
    running = RunningPost(disk.folder, environ, ("--mqtt-port", str(free_port())))
    try:
        tell("start on a power disk", f"{running.start():.1f} s to ready")
        disk.sync()
        yield running
    finally:
        running.close()


def test_a_power_cut_loses_no_act_and_at_most_2_s_of_readings_which_is_shown(
    powered: RunningPost, disk: PowerDisk, tmp_path: Path
) -> None:
    luck = random.Random(SEED)
    rig = Rig(powered, tmp_path, STREAMS)
    rig.open()
    keeping_up = Fault("power cut", LIMIT_S)
    behind = Fault(f"power cut after {BEHIND_S:.0f} s without intake (gateway role frozen)", LIMIT_S)
    try:
        toll = Toll(rig)
        for number in range(CUTS):
            fault = behind if number // 2 % 2 else keeping_up
            seed = luck.getrandbits(32) if number % 2 else None
            toll.take(
                fault, _cut_once(rig, disk, fault, luck.uniform(0.3, 2.5), BEHIND_S if fault is behind else 0, seed)
            )
        outcomes = toll.outcomes(fault for fault in (keeping_up, behind) if fault.spans)
    finally:
        rig.close()
    for outcome in outcomes:
        tell(outcome.fault, outcome.figures)
    write_page(outcomes)
    assert max(second for outcome in outcomes for second in outcome.recovered_s) <= LIMIT_S * crowding()


def _cut_once(rig: Rig, disk: PowerDisk, fault: Fault, after_s: float, behind_s: float, seed: int | None) -> float:
    """Work, cut and start again under load; returns when the power went (time.time())."""
    with rig.work():
        time.sleep(after_s)
        if behind_s:
            pid = rig.post.find_pid("gateway")
            assert pid is not None
            os.kill(pid, signal.SIGSTOP)
            time.sleep(behind_s)
        with fault.during():
            cut_power(rig.post, disk, seed)
            cut_at_s = time.time()
            fault.mended()
            rig.post.start()
            reading_is_taken_in(rig.post)
            page_is_served(rig.post)
    return cut_at_s


@pytest.mark.parametrize("fsync", ["on", "off"])
def test_a_database_that_does_not_sync_is_seen_to_lose(disk: PowerDisk, fsync: str) -> None:
    """The control: the same cut takes nothing from a database that syncs."""
    kept = asyncio.run(_lines_after_a_cut(disk, fsync))
    tell(f"power cut with fsync={fsync}", "it does not start again" if kept is None else f"{kept} of {LINES} lines")
    assert kept == LINES if fsync == "on" else kept != LINES


async def _lines_after_a_cut(disk: PowerDisk, fsync: str) -> int | None:
    """How many committed lines are there afterwards; None when there is no database any more."""
    server = EmbeddedPostgres(disk.folder, settings={"fsync": fsync})
    await server.start()
    connection = await asyncpg.connect(server.dsn)
    await connection.execute("CREATE TABLE lines (number int)")
    disk.sync()
    for number in range(LINES):
        await connection.execute("INSERT INTO lines VALUES ($1)", number)
    connection.terminate()
    assert server.pid is not None
    for process in (postmaster := psutil.Process(server.pid), *postmaster.children()):
        process.kill()
    await server.stop()
    disk.cut()
    again = EmbeddedPostgres(disk.folder, settings={"fsync": fsync})
    with suppress(Refused, asyncpg.PostgresError):
        async with again:
            connection = await asyncpg.connect(again.dsn)
            try:
                return int(await connection.fetchval("SELECT count(*) FROM lines"))
            finally:
                await connection.close()
    return None
