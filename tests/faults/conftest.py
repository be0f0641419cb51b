"""One running post over a small town, for all these tests: what one test kills, the next one finds whole again."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.harness.detour import Detour
from tests.faults.harness.rig import Rig
from tests.faults.harness.small_disk import SmallDisk, small_disk
from tests.faults.harness.stage import rig_around, town_post
from tests.faults.running_post import RunningPost

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
