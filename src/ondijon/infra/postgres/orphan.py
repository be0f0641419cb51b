"""A server that outlived a killed post is found by its pid file in our own data folder and ended."""

import asyncio
import os
import signal
from pathlib import Path

import psutil

_STEPS = ((signal.SIGINT, 5.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 5.0))


def find_server(data_dir: Path) -> psutil.Process | None:
    """The running server of `data_dir`, if its pid file tells the truth."""
    try:
        pid = int((data_dir / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        # A pid is reused after a reboot; a server always works in its data folder.
        return process if Path(process.cwd()) == data_dir.resolve() else None
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
        return None


async def end_orphan(data_dir: Path) -> bool:
    """End a server left behind and drop a stale pid file; the caller holds the HomeLock.

    Returns whether a server was found running.
    """
    orphan = find_server(data_dir)
    if orphan is not None:
        for sent, grace_s in _STEPS:
            if await _ended(orphan.pid, sent, grace_s):
                break
    (data_dir / "postmaster.pid").unlink(missing_ok=True)
    return orphan is not None


async def _ended(pid: int, sent: signal.Signals, grace_s: float) -> bool:
    """Signal and wait through a pidfd, which also sees the end of a process that nobody reaps."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(pidfd, ended.set)
    try:
        signal.pidfd_send_signal(pidfd, sent)
        await asyncio.wait_for(ended.wait(), grace_s)
    except ProcessLookupError:
        return True
    except TimeoutError:
        return False
    finally:
        loop.remove_reader(pidfd)
        os.close(pidfd)
    return True
