"""The machine's clock, shifted or hastened when a demonstration wants another hour of day."""

import time
from datetime import UTC, datetime, timedelta

from msgspec import Struct

EPOCH = datetime.fromtimestamp(0, UTC)


class HomeTime(Struct, frozen=True):
    """How far ahead of the machine at the epoch second `since_s`, and how many times as fast from then on."""

    offset_s: float = 0.0
    speed: float = 1.0
    since_s: float = 0.0

    def ahead_s(self, machine_s: float) -> float:
        """How far ahead when the machine's clock shows this epoch second."""
        return self.offset_s + (self.speed - 1.0) * (machine_s - self.since_s)


MACHINE_TIME = HomeTime()


class SystemClock:
    """UTC as the machine has it, plus what a home's time is ahead."""

    def __init__(self, home: HomeTime = MACHINE_TIME) -> None:
        self._offset_us = round(home.offset_s * 1e6)
        self._since_us = round(home.since_s * 1e6)
        self._haste = home.speed - 1.0

    def now(self) -> datetime:
        return EPOCH + timedelta(microseconds=self.now_us())

    def now_us(self) -> int:
        machine_us = time.time_ns() // 1000
        return machine_us + self._offset_us + int((machine_us - self._since_us) * self._haste)
