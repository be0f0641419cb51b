"""Clocks that a demonstration may shift or accelerate."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from ondijon.kernel.clock import to_us


class SpeedClock:
    """Starts at `start_at` (aware) and runs `speed` times as fast as the steady clock."""

    def __init__(self, start_at: datetime, speed: float = 1.0, steady_s: Callable[[], float] = time.monotonic) -> None:
        self._start_at = start_at
        self._speed = speed
        self._steady_s = steady_s
        self._origin_s = steady_s()

    def now(self) -> datetime:
        return self._start_at + timedelta(seconds=(self._steady_s() - self._origin_s) * self._speed)

    def now_us(self) -> int:
        return to_us(self.now())
