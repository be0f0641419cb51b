"""Two posts never run on the same files."""

import fcntl
import os
from pathlib import Path

from ondijon.kernel.errors import Refused


class HomeLock:
    """Held while an engine uses a folder; the kernel of the machine frees it however the holder dies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def acquire(self) -> None:
        """Raises Refused when another living post uses the folder."""
        if self._fd is not None:
            return
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            raise Refused("error.home_in_use", folder=str(self._path.parent)) from None
        self._fd = fd

    def release(self) -> None:
        """Free the folder for another post."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
