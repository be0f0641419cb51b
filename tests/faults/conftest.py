"""One running post over a small town, for all these tests: what one test kills, the next one finds whole again."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.contracts.throwaway_trade import write_trade
from tests.faults import town
from tests.faults.deadline import tell, until
from tests.faults.harness.detour import Detour
from tests.faults.harness.form import IS_LONG
from tests.faults.harness.outcome import write_page
from tests.faults.harness.rig import Rig
from tests.faults.harness.small_disk import SmallDisk, small_disk
from tests.faults.running_post import RunningPost

SIMULATED = town.CABINETS * town.LIGHTS_A_CABINET
FIRST_REPORT_LIMIT_S = 30.0
HOME_MB, STREAMS_MB = 1_500, 200


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A folder in memory where the machine can, that the database's own user may enter."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="ondijon-faults-", dir=memory if memory.is_dir() else None))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def home_disk(place: Path) -> Iterator[SmallDisk]:
    """A disk of its own for the post's home."""
    with small_disk(place / "home", HOME_MB) as disk:
        yield disk


@pytest.fixture(scope="session")
def streams_disk(home_disk: SmallDisk) -> Iterator[SmallDisk]:
    """A disk of its own for the broker's streams."""
    with small_disk(home_disk.folder / "nats", STREAMS_MB) as disk:
        yield disk


@pytest.fixture(scope="session")
def home(home_disk: SmallDisk, streams_disk: SmallDisk) -> Path:
    """Where the post lives."""
    home_disk.folder.chmod(0o711)
    streams_disk.folder.chmod(0o700)
    return home_disk.folder


@pytest.fixture(scope="session")
def detour() -> Iterator[Detour]:
    """What stands between the post's processes, its devices and the broker."""
    made = Detour()
    yield made
    made.close()


@pytest.fixture(scope="session")
def post(home: Path, detour: Detour) -> Iterator[RunningPost]:
    """The post, once every simulated light has reported."""
    with town_post(home, detour=detour) as running:
        yield running


@pytest.fixture(scope="session")
def rig(post: RunningPost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """What goes on around the post while things are broken, and judges."""
    with rig_around(post, tmp_path_factory.mktemp("ledger")) as made:
        yield made


@contextmanager
def town_post(
    home: Path, environ: Mapping[str, str] | None = None, arguments: Sequence[str] = (), detour: Detour | None = None
) -> Iterator[RunningPost]:
    """A post over the small town with the throwaway trade, once every simulated light has reported."""
    asyncio.run(town.settle(home, town.small_town(town.list_benches())))
    write_trade(home / "elsewhere")
    running = RunningPost(home, {"PYTHONPATH": str(home / "elsewhere"), **(environ or {})}, arguments)
    running.reroute = None if detour is None else detour.through
    try:
        seconds = running.start()
        tell("start over a town of 12 cabinets", f"{seconds:.1f} s to ready")
        until("every light has reported", lambda: heard_lights(running) >= SIMULATED, FIRST_REPORT_LIMIT_S)
        yield running
    except AssertionError as error:
        raise AssertionError(f"{error}\n{running.log_tail()}") from None
    finally:
        running.close()


@contextmanager
def rig_around(post: RunningPost, folder: Path) -> Iterator[Rig]:
    """A rig whose ledger is in the folder; the long form writes the page."""
    made = Rig(post, folder)
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
