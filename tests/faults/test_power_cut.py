"""The power goes while a post works, and comes back: acts are all there, readings miss 2 s at most, and that shows."""

import asyncio
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.throwaway_trade import write_trade
from tests.faults import town
from tests.faults.deadline import tell, until
from tests.faults.harness.checker import KINDS, find_effects
from tests.faults.harness.form import long_only
from tests.faults.harness.probes import page_is_served, reading_is_taken_in
from tests.faults.harness.rig import Fault, Rig
from tests.faults.power.cutting import cut_power
from tests.faults.power.disk import PowerDisk, power_disk, why_not
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


@pytest.fixture(scope="module")
def disk() -> Iterator[PowerDisk]:
    place = Path(tempfile.mkdtemp(prefix="ondijon-power-"))
    place.chmod(0o711)
    with power_disk(place / "home") as made:
        yield made
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="module")
def powered(disk: PowerDisk) -> Iterator[RunningPost]:
    """A post whose whole home lies on the power disk, and that has stood there for a while."""
    asyncio.run(town.settle(disk.folder, town.small_town(town.list_benches())))
    write_trade(disk.folder / "elsewhere")
    running = RunningPost(
        disk.folder, {"PYTHONPATH": str(disk.folder / "elsewhere")}, ("--mqtt-port", str(free_port()))
    )
    try:
        tell("start on a power disk", f"{running.start():.1f} s to ready")
        disk.sync()
        yield running
    finally:
        running.close()


def test_power_cuts(powered: RunningPost, disk: PowerDisk, tmp_path: Path) -> None:
    luck = random.Random(SEED)
    rig = Rig(powered, tmp_path, STREAMS)
    rig.open()
    fault = Fault("power cut", LIMIT_S)
    try:
        for number in range(CUTS):
            cut_at = 0.0
            with rig.work():
                time.sleep(luck.uniform(0.5, 4.0))
                with fault.during():
                    seed = luck.getrandbits(32) if number % 2 else None
                    unsynced = cut_power(powered, disk, seed)
                    cut_at = time.time()
                    fault.mended()
                    powered.start()
                    ready_s = time.time() - cut_at
                    reading_is_taken_in(powered)
                    page_is_served(powered)
            rig.injector.settle()
            time.sleep(3)
            account = rig.ledger.read()
            effects = find_effects(powered, account)
            assert effects
            words = []
            for kind in KINDS:
                left = account.left(kind)
                lost = effects.lost(kind, left)
                dup = effects.duplicated(kind, left)
                ages = sorted(cut_at - left[key] for key in lost)
                words.append(f"{kind}: {len(left)} left {len(lost)} lost {ages[:1]}..{ages[-1:]} {len(dup)} twice")
            tell(f"cut {number}", f"{unsynced} unsynced, ready {ready_s:.1f}, again {fault.recovered_s[-1]:.1f} s; {'; '.join(words)}")
    finally:
        rig.close()
