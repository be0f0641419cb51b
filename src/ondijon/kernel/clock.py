"""Time is injected, always aware and in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """Where the post's time comes from; a demo or a test may run at another hour."""

    def now(self) -> datetime: ...

    def now_us(self) -> int: ...


def to_us(instant: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware datetime, exactly."""
    return (instant - EPOCH) // MICROSECOND


def from_us(epoch_us: int) -> datetime:
    """The aware UTC datetime of microseconds since 1970-01-01 UTC."""
    return EPOCH + timedelta(microseconds=epoch_us)
