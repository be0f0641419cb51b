"""Memory and processor time of a process and all its children."""

import psutil


def measure_usage(pid: int | None) -> tuple[int, float]:
    """(bytes, seconds) of the process tree; memory shared with the first process is counted once."""
    if pid is None:
        return 0, 0.0
    try:
        first = psutil.Process(pid)
        processes = [first, *first.children(recursive=True)]
    except psutil.Error:
        return 0, 0.0
    rss_bytes, cpu_s = 0, 0.0
    for process in processes:
        try:
            with process.oneshot():
                memory, times = process.memory_info(), process.cpu_times()
        except psutil.Error:
            continue
        rss_bytes += memory.rss - (0 if process is first else getattr(memory, "shared", 0))
        cpu_s += times.user + times.system
        if process is first:
            cpu_s += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return rss_bytes, round(cpu_s, 2)
