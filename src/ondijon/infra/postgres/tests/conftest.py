"""A real server in a folder that its system user may enter."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ondijon.infra.postgres.server import EmbeddedPostgres

_MEMORY = Path("/dev/shm")
_ROOMY_BYTES = 1 << 30


def _fast_folder() -> Path | None:
    """Memory where there is plenty: deleting a data folder from a disk takes longer than the test."""
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOMY_BYTES else None


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="ondijon-test-", dir=_fast_folder()))
    # pytest's own tmp_path is closed to the system user that root's server runs under.
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
async def server(home: Path) -> AsyncIterator[EmbeddedPostgres]:
    async with EmbeddedPostgres(home) as running:
        yield running
