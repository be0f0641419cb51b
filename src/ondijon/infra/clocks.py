"""The machine's clock, shifted or hastened when a demonstration wants another hour of day."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec import Struct

EPOCH = datetime.fromtimestamp(0, UTC)
# A machine's clock that is put right by less is followed; one that jumps further is not believed (ADR 0024).
STEP_US = 10_000_000
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Anchor(Struct, frozen=True):
    """What the machine's clock showed (µs since 1970) when its steady clock (µs since the boot `boot`) showed that."""

    machine_us: int
    steady_us: int
    boot: str

    @classmethod
    def drop(cls) -> "Anchor":
        """Of this moment on this machine."""
        return cls(time.time_ns() // 1000, _steady_us(), _boot())

    @property
    def is_here(self) -> bool:
        """Whether it was dropped on this machine since it booted."""
        return self.boot == _boot()

    def machine_now_us(self) -> int:
        """What the machine's clock would show now if nobody had set it."""
        return self.machine_us + _steady_us() - self.steady_us


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
    """UTC as the machine has it, plus what a home's time is ahead; it never goes back.

    With an anchor it also goes on evenly when the machine's clock jumps by more than `STEP_US`, either way.
    """

    def __init__(self, home: HomeTime = MACHINE_TIME, anchor: Anchor | None = None) -> None:
        self._offset_us = round(home.offset_s * 1e6)
        self._since_us = round(home.since_s * 1e6)
        self._haste = home.speed - 1.0
        self._anchor = anchor if anchor is not None and anchor.is_here else None
        self._latest_us = 0

    def now(self) -> datetime:
        return EPOCH + timedelta(microseconds=self.now_us())

    def now_us(self) -> int:
        machine_us = time.time_ns() // 1000 - self.stepped_us()
        now_us = machine_us + self._offset_us + int((machine_us - self._since_us) * self._haste)
        self._latest_us = max(self._latest_us, now_us)
        return self._latest_us

    def stepped_us(self) -> int:
        """How far the machine's clock was set from what this one goes by; 0 while it is followed."""
        if self._anchor is None:
            return 0
        off_us = time.time_ns() // 1000 - self._anchor.machine_now_us()
        return off_us if abs(off_us) > STEP_US else 0


def _steady_us() -> int:
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1000


def _boot() -> str:
    return _BOOT_ID.read_text("ascii").strip() if _BOOT_ID.exists() else ""
