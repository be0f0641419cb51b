"""A role of the post runs as a process of its own; pipes tell it to begin, and the supervisor that it is ready."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from ondijon.infra.child_process import ChildProcess

READY_FD = "ONDIJON_READY_FD"
GO_FD = "ONDIJON_GO_FD"
_READY, _GO = b"READY\n", b"GO\n"


class RoleProcess:
    """A child of the supervisor (name, start, stop, wait_exit, ready) that runs `argv`.

    `on_line` gets each line of the role's output with the role's name. The role calls `await_go` once its libraries
    are loaded and `tell_ready` when it can do its work; it is sent SIGTERM to stop and SIGKILL when this process dies.
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
        self._go_fd: int | None = None

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.is_running else None

    async def warm_up(self) -> None:
        """Start the process ahead of `start`: it loads its libraries meanwhile."""
        self._forget_pipes()
        self._ready.clear()
        ready_read, ready_write = os.pipe()
        go_read, go_write = os.pipe()
        try:
            self._child = await ChildProcess.spawn(
                self._argv,
                on_line=lambda line: self._on_line(self.name, line),
                death_signal=signal.SIGKILL,
                environ={**self._environ, READY_FD: str(ready_write), GO_FD: str(go_read)},
                pass_fds=(ready_write, go_read),
            )
        except BaseException:
            os.close(ready_read)
            os.close(go_write)
            raise
        finally:
            os.close(ready_write)
            os.close(go_read)
        self._ready_fd, self._go_fd = ready_read, go_write
        asyncio.get_running_loop().add_reader(ready_read, self._read_ready)

    async def start(self) -> None:
        """Have the process begin, a new one unless one was warmed up; `ready` tells when it can do its work."""
        if self._go_fd is None or self.pid is None:
            await self.warm_up()
        assert self._go_fd is not None
        # A process that ended meanwhile is seen by `wait_exit`.
        with suppress(BrokenPipeError):
            os.write(self._go_fd, _GO)
        os.close(self._go_fd)
        self._go_fd = None

    async def stop(self, grace_s: float = 2.0) -> None:
        """Send SIGTERM and, after `grace_s`, SIGKILL."""
        if self._child is not None:
            await self._child.stop((signal.SIGTERM, grace_s))
        self._child = None
        self._forget_pipes()
        self._ready.clear()

    async def wait_exit(self) -> int:
        """Wait for the role's end; returns its exit code (negative = signal)."""
        if self._child is None:
            return 0
        code = await self._child.wait_exit()
        self._forget_pipes()
        self._ready.clear()
        return code

    async def ready(self) -> None:
        """Wait until the role told that it is ready."""
        await self._ready.wait()

    def _read_ready(self) -> None:
        assert self._ready_fd is not None
        if os.read(self._ready_fd, len(_READY)) == _READY:
            self._ready.set()
        self._forget_ready()

    def _forget_pipes(self) -> None:
        self._forget_ready()
        if self._go_fd is not None:
            os.close(self._go_fd)
            self._go_fd = None

    def _forget_ready(self) -> None:
        if self._ready_fd is not None:
            asyncio.get_running_loop().remove_reader(self._ready_fd)
            os.close(self._ready_fd)
            self._ready_fd = None


def await_go() -> None:
    """Wait until the supervisor, if one started this process, wants the role to begin; ends with it."""
    told = os.environ.pop(GO_FD, None)
    if told is None:
        return
    word = os.read(int(told), len(_GO))
    os.close(int(told))
    if word != _GO:
        raise SystemExit(0)


def tell_ready() -> None:
    """Tell the supervisor, if one started this process, that the role can do its work."""
    told = os.environ.pop(READY_FD, None)
    if told is not None:
        os.write(int(told), _READY)
        os.close(int(told))
