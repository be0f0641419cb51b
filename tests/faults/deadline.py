"""Waiting for something to become true, within a time that the test names."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

_SHORTEST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.25


def until(what: str, probe: Callable[[], Found], within_s: float) -> Found:
    """Ask again and again; returns the first answer that is true, fails with the last one after `within_s`.

    The pauses grow with the time waited, a twentieth of it: asking takes time from what is waited for.
    """
    began = time.monotonic()
    while True:
        answer = probe()
        if answer:
            return answer
        waited_s = time.monotonic() - began
        if waited_s > within_s:
            raise AssertionError(f"not within {within_s} s: {what} (last answer: {answer!r})")
        time.sleep(min(_LONGEST_PAUSE_S, max(_SHORTEST_PAUSE_S, waited_s / 20)))


def tell(what: str, figure: str) -> None:
    """Print a measured figure, as `make test` shows it."""
    print(f"\n[faults] {what}: {figure}", flush=True)


def crowding() -> float:
    """How many busy processes share each core: limits are for a machine that does nothing else."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
