"""One running post over a small town, for all these tests: what one test kills, the next one finds whole again."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.throwaway_trade import write_trade
from tests.faults import town
from tests.faults.deadline import tell, until
from tests.faults.harness.outcome import IS_LONG, write_page
from tests.faults.harness.rig import Rig
from tests.faults.running_post import RunningPost

SIMULATED = town.CABINETS * town.LIGHTS_A_CABINET
FIRST_REPORT_LIMIT_S = 30.0


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A home in memory where the machine can, that the database's own user may enter."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="ondijon-faults-", dir=memory if memory.is_dir() else None))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def post(home: Path) -> Iterator[RunningPost]:
    """The post, once every simulated light has reported."""
    asyncio.run(town.settle(home, town.small_town(town.list_benches())))
    write_trade(home / "elsewhere")
    running = RunningPost(home, {"PYTHONPATH": str(home / "elsewhere")})
    try:
        seconds = running.start()
        tell("start over a town of 12 cabinets", f"{seconds:.1f} s to ready")
        until("every light has reported", lambda: heard_lights(running) >= SIMULATED, FIRST_REPORT_LIMIT_S)
        yield running
    except AssertionError as error:
        raise AssertionError(f"{error}\n{running.log_tail()}") from None
    finally:
        running.close()


@pytest.fixture(scope="session")
def rig(post: RunningPost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """What goes on around the post while things are broken, and judges; the long form writes the page."""
    made = Rig(post, tmp_path_factory.mktemp("ledger"))
    made.open()
    try:
        yield made
    finally:
        made.close()
        if IS_LONG:
            write_page(made.outcomes)


def heard_lights(post: RunningPost) -> int:
    """How many simulated lights have a reading."""
    return post.count(
        """SELECT count(DISTINCT twin_no) FROM readings JOIN twins USING (twin_no)
           WHERE type = 'Streetlight' AND gateway LIKE 'CAB-%'"""
    )
