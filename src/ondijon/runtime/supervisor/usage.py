"""Memory and processor time of this process's children, each with all of its own."""

from collections import defaultdict
from collections.abc import Sequence

import psutil


def measure_usages(pids: Sequence[int | None]) -> list[tuple[int, float]]:
    """(bytes, seconds) of each child's process tree; memory shared with its first process is counted once."""
    children = _children() if any(pid is not None for pid in pids) else {}
    return [_measure_tree(pid, children) for pid in pids]


def _children() -> dict[int, list[int]]:
    """Who has which children, from one look at the machine's processes: that is most of the work."""
    found: dict[int, list[int]] = defaultdict(list)
    for process in psutil.Process().children(recursive=True):
        try:
            found[process.ppid()].append(process.pid)
        except psutil.Error:
            continue
    return found


def _measure_tree(pid: int | None, children: dict[int, list[int]]) -> tuple[int, float]:
    rss_bytes, cpu_s = 0, 0.0
    left = [] if pid is None else [pid]
    while left:
        one = left.pop()
        left += children.get(one, [])
        try:
            process = psutil.Process(one)
            with process.oneshot():
                memory, times = process.memory_info(), process.cpu_times()
        except psutil.Error:
            continue
        rss_bytes += memory.rss - (0 if one == pid else getattr(memory, "shared", 0))
        cpu_s += times.user + times.system
        if one == pid:
            cpu_s += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return rss_bytes, round(cpu_s, 2)
