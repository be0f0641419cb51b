"""Waiting for something to become true, within a time that the test names."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

_PAUSE_S = 0.02


def until(what: str, probe: Callable[[], Found], within_s: float) -> Found:
    """Ask again and again; returns the first answer that is true, fails with the last one after `within_s`."""
    deadline = time.monotonic() + within_s
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what} (last answer: {answer!r})")
        time.sleep(_PAUSE_S)


def tell(what: str, figure: str) -> None:
    """Print a measured figure, as `make test` shows it."""
    print(f"\n[faults] {what}: {figure}", flush=True)


def crowding() -> float:
    """How many busy processes share each core: limits are for a machine that does nothing else."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
