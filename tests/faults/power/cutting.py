"""The power of a running post goes: every process of it stops in the same instant, and its disk forgets."""

import signal
from contextlib import suppress

import psutil

from tests.faults.power.disk import PowerDisk
from tests.faults.running_post import RunningPost

GONE_WITHIN_S = 10.0


def cut_power(post: RunningPost, disk: PowerDisk, seed: int | None = None) -> int:
    """Returns how many unsynced pages and changes there were; a seed keeps some of them, by lot."""
    supervisor = post.supervisor
    # Nobody may see another end and write about it: all stand still before the first one dies.
    supervisor.suspend()
    children = supervisor.children(recursive=True)
    _tell_all(children, signal.SIGSTOP)
    _tell_all(children, signal.SIGKILL)
    post.end(signal.SIGKILL, GONE_WITHIN_S)
    return disk.cut(seed)


def _tell_all(processes: list[psutil.Process], what: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(what)
