"""A folder on a disk that forgets, at a power cut, what was not synced."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def why_not() -> str | None:
    """What this machine lacks for a power disk; None where one can be mounted."""
    if os.geteuid() != 0:
        return "only root may mount a power disk"
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as error:
        return f"no FUSE here: {error.strerror}"
    return None


class PowerDisk:
    """Mounted on `folder`, served by a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self._keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.power.keeper", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self._heard() == "mounted"

    def sync(self) -> None:
        """Keep everything, as sync(2) does, or half a minute of leisure."""
        self._say("sync")
        assert self._heard() == "synced"

    def cut(self, seed: int | None = None) -> int:
        """Forget what was not synced, a seeded part of it or all; returns how many pages and changes that were."""
        self._say("cut" if seed is None else f"cut {seed}")
        return int(self._heard())

    def close(self) -> None:
        self._keeper.communicate("end\n", timeout=10)
        if self._keeper.returncode:
            subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True, check=False)

    def _say(self, line: str) -> None:
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(line + "\n")
        self._keeper.stdin.flush()

    def _heard(self) -> str:
        assert self._keeper.stdout is not None
        return self._keeper.stdout.readline().strip()


@contextmanager
def power_disk(folder: Path) -> Iterator[PowerDisk]:
    """A power disk for the block."""
    disk = PowerDisk(folder)
    try:
        yield disk
    finally:
        disk.close()
