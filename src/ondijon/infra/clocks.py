"""The machine's clock, shifted when a demonstration wants another hour of day."""

import time
from datetime import UTC, datetime, timedelta

from ondijon.kernel.clock import to_us


class SystemClock:
    """UTC as the machine has it, plus `offset`."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset
        self._offset_us = to_us(datetime.fromtimestamp(0, UTC) + offset)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def now_us(self) -> int:
        return time.time_ns() // 1000 + self._offset_us
