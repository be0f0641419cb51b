"""A role of the post runs as a process of its own and tells through a pipe that it is ready."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence

from ondijon.infra.child_process import ChildProcess

READY_FD = "ONDIJON_READY_FD"
_READY = b"READY\n"


class RoleProcess:
    """A child of the supervisor (name, start, stop, wait_exit, ready) that runs `argv`.

    `on_line` gets each line of the role's output with the role's name. The role calls `tell_ready` when it can
    do its work; it is sent SIGTERM to stop and SIGKILL when this process dies.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        *,
        environ: Mapping[str, str],
        on_line: Callable[[str, str], None],
    ) -> None:
        self.name = name
        self._argv = tuple(argv)
        self._environ = dict(environ)
        self._on_line = on_line
        self._child: ChildProcess | None = None
        self._ready = asyncio.Event()
        self._ready_fd: int | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.is_running else None

    async def start(self) -> None:
        """Start the process; `ready` tells when it can do its work."""
        self._forget_pipe()
        self._ready.clear()
        read_end, write_end = os.pipe()
        try:
            self._child = await ChildProcess.spawn(
                self._argv,
                on_line=lambda line: self._on_line(self.name, line),
                death_signal=signal.SIGKILL,
                environ={**self._environ, READY_FD: str(write_end)},
                pass_fds=(write_end,),
            )
        except BaseException:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        self._ready_fd = read_end
        asyncio.get_running_loop().add_reader(read_end, self._read_pipe)

    async def stop(self, grace_s: float = 2.0) -> None:
        """Send SIGTERM and, after `grace_s`, SIGKILL."""
        if self._child is not None:
            await self._child.stop((signal.SIGTERM, grace_s))
        self._child = None
        self._forget_pipe()
        self._ready.clear()

    async def wait_exit(self) -> int:
        """Wait for the role's end; returns its exit code (negative = signal)."""
        if self._child is None:
            return 0
        code = await self._child.wait_exit()
        self._forget_pipe()
        self._ready.clear()
        return code

    async def ready(self) -> None:
        """Wait until the role told that it is ready."""
        await self._ready.wait()

    def _read_pipe(self) -> None:
        assert self._ready_fd is not None
        if os.read(self._ready_fd, len(_READY)) == _READY:
            self._ready.set()
        self._forget_pipe()

    def _forget_pipe(self) -> None:
        if self._ready_fd is not None:
            asyncio.get_running_loop().remove_reader(self._ready_fd)
            os.close(self._ready_fd)
            self._ready_fd = None


def tell_ready() -> None:
    """Tell the supervisor, if one started this process, that the role can do its work."""
    told = os.environ.pop(READY_FD, None)
    if told is not None:
        os.write(int(told), _READY)
        os.close(int(told))
