"""What goes from the rows to the lake after a backup is copied beside it, since the log only tells that it went."""

from contextlib import suppress
from pathlib import Path

from ondijon.infra.backup.copying import copy_file, list_files

MIRROR = "lake"
_COMING = ".coming"


def mirror_lake(lake: Path, folder: Path) -> int:
    """Copy each file of `lake` that `folder` has not got, whole or not at all; returns how many.

    A Parquet file never changes under its name, and the rows know its SHA-256 (`ondijon archive verify`); others may.
    """
    count = 0
    for path in list_files(lake, lambda path: path.name != "_staging") if lake.is_dir() else ():
        target = folder / path
        if target.exists() and (path.suffix == ".parquet" or target.read_bytes() == (lake / path).read_bytes()):
            continue
        coming = target.with_name(target.name + _COMING)
        coming.unlink(missing_ok=True)
        # A file that another one took the place of meanwhile is not needed.
        with suppress(FileNotFoundError):
            copy_file(lake / path, coming)
            coming.rename(target)
            count += 1
    return count
