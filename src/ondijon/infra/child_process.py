"""Engines and roles run as direct children that die with this process; their output is read line by line."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LineReader = Callable[[str], None]

_PR_SET_PDEATHSIG = 1
_LAST_WORDS_S = 0.5
# Loaded before any fork: a forked child must not run the dynamic loader.
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Account:
    """The system user that a child runs under when this process is root."""

    name: str
    uid: int
    gid: int


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """Build a `preexec_fn` that has the kernel send `death_signal` to the child when this process dies.

    Linux only; elsewhere it does nothing and orphans are found by their pid file at the next start.
    It must run after the change of user, which clears the setting (see prctl(2)).
    """
    parent = os.getpid()

    def arm() -> None:
        if hasattr(_LIBC, "prctl"):
            _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return arm


class ChildProcess:
    """A running program; its output ends in `on_line`, without line ends."""

    def __init__(self, process: asyncio.subprocess.Process, output: asyncio.Task[None]) -> None:
        self._process = process
        self._output = output

    @classmethod
    async def spawn(
        cls,
        argv: Sequence[str],
        *,
        on_line: LineReader,
        death_signal: signal.Signals,
        environ: Mapping[str, str],
        account: Account | None = None,
        cwd: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> "ChildProcess":
        """Start `argv`, under `account` when one is given (only root can)."""
        # Our own pipe, not asyncio's: its `wait` would also wait for grandchildren that still hold the pipe.
        read_end, write_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=write_end,
                stderr=write_end,
                env=dict(environ),
                cwd=cwd,
                pass_fds=pass_fds,
                user=None if account is None else account.uid,
                group=None if account is None else account.gid,
                extra_groups=None if account is None else [],
                # A terminal's Ctrl-C reaches only this process, which then stops its children in order.
                start_new_session=True,
                preexec_fn=die_with_parent(death_signal),
            )
        except BaseException:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        return cls(process, asyncio.create_task(_pump_lines(read_end, on_line)))

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.returncode is None

    async def wait_exit(self) -> int:
        """Wait for the end of the process; returns the exit code (negative = signal)."""
        code = await self._process.wait()
        _, unread = await asyncio.wait({self._output}, timeout=_LAST_WORDS_S)
        for task in unread:
            task.cancel()
        return code

    async def stop(self, *steps: tuple[signal.Signals, float]) -> int:
        """Send each signal and wait its seconds for the end; SIGKILL after the last one."""
        for sent, grace_s in steps:
            self.send(sent)
            ended, _ = await asyncio.wait({asyncio.ensure_future(self._process.wait())}, timeout=grace_s)
            if ended:
                return await self.wait_exit()
        self.send(signal.SIGKILL)
        return await self.wait_exit()

    def send(self, sent: signal.Signals) -> None:
        """Signal the process if it still runs."""
        if self.is_running:
            self._process.send_signal(sent)


async def _pump_lines(read_end: int, on_line: LineReader) -> None:
    """Split by hand: a StreamReader's `readline` raises on a line longer than its buffer."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(read_end, "rb")
    )
    rest = b""
    try:
        while chunk := await reader.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                on_line(line.decode("utf-8", "replace").rstrip("\r"))
    finally:
        transport.close()
    if rest:
        on_line(rest.decode("utf-8", "replace"))
