"""A disk of a chosen size below a folder, and a file that fills it."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BALLAST = "ballast"
STEP_BYTES = 4096


class SmallDisk:
    """A tmpfs mounted on `folder`; only root may."""

    def __init__(self, folder: Path, size_mb: int) -> None:
        self.folder = folder
        self._ballast = folder / BALLAST
        folder.mkdir(exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=711", "ondijon-test", str(folder)],
            capture_output=True,
            check=False,
        )
        self.is_there = done.returncode == 0

    def fill_but(self, share: float) -> None:
        """Leave this share of the disk free."""
        room = os.statvfs(self.folder)
        keep = int(room.f_blocks * room.f_frsize * share)
        with self._ballast.open("ab") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, self.free_bytes - keep))

    def fill(self) -> None:
        """Leave no room, not even for a block."""
        with self._ballast.open("ab", buffering=0) as file:
            size = STEP_BYTES * 256
            while size >= STEP_BYTES:
                try:
                    file.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2

    def empty(self) -> None:
        """Give the room back."""
        self._ballast.unlink(missing_ok=True)

    @property
    def free_bytes(self) -> int:
        facts = os.statvfs(self.folder)
        return facts.f_bavail * facts.f_frsize

    def close(self) -> None:
        if self.is_there:
            subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True, check=False)


@contextmanager
def small_disk(folder: Path, size_mb: int) -> Iterator[SmallDisk]:
    """A small disk for the block; where nobody may mount one, `is_there` says so and the folder is a plain one."""
    disk = SmallDisk(folder, size_mb)
    try:
        yield disk
    finally:
        disk.close()
