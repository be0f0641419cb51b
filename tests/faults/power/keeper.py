"""The power disk's own process: mounts it, serves it, and cuts it when a line on its input says so."""

import ctypes
import os
import random
import select
import sys

from tests.faults.power import fuse_words as words
from tests.faults.power.memory import DiskMemory
from tests.faults.power.serving import Server, serve_once

_LIBC = ctypes.CDLL(None, use_errno=True)
_NOSUID, _NODEV, _DETACH = 2, 4, 2


class Keeper:
    """One disk; between two mounts only what was kept is there."""

    def __init__(self, folder: str) -> None:
        self._folder = folder.encode()
        self._memory = DiskMemory()
        self._server = Server(self._memory)
        self._buffer = bytearray(words.MAX_WRITE + 65_536)
        self._fuse = -1

    def mount(self) -> None:
        self._fuse = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = f"fd={self._fuse},rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions"
        if _LIBC.mount(b"ondijon-power", self._folder, b"fuse", _NOSUID | _NODEV, options.encode()):
            raise OSError(ctypes.get_errno(), "cannot mount")

    def unmount(self) -> None:
        _LIBC.umount2(self._folder, _DETACH)
        os.close(self._fuse)

    def run(self) -> None:
        """Until "end"; "sync" and "cut [SEED]" are answered by a line each."""
        self.mount()
        print("mounted", flush=True)
        while True:
            ready, _, _ = select.select([self._fuse, sys.stdin], [], [])
            if self._fuse in ready:
                serve_once(self._fuse, self._server, self._buffer)
            elif not self._obey(sys.stdin.readline().split()):
                break
        self.unmount()

    def _obey(self, line: list[str]) -> bool:
        match line:
            case ["sync"]:
                self._memory.sync_all()
                print("synced", flush=True)
            case ["cut", *seed]:
                self.unmount()
                unsynced = self._memory.cut(random.Random(int(seed[0])) if seed else None)
                self.mount()
                print(unsynced, flush=True)
            case _:
                return False
        return True


if __name__ == "__main__":
    Keeper(sys.argv[1]).run()
