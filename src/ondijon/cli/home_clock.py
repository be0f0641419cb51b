"""A home's time may be ahead of the machine's, for a demonstration by night, and never goes back."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from ondijon.cli.places import write_private
from ondijon.kernel.errors import Refused

CLOCK_NAME = "clock.json"


def shift_clock(home: Path, at: str | None, timezone: str) -> float:
    """How far this home's clock is ahead, in seconds, and remember it; raises Refused when `at` is no HH:MM.

    Without `at` it stays as it was. With it, it is the next moment at which the city's clocks show that time: a
    clock set back would make every new report older than what is known, and the room would show the past as live.
    """
    path = home / CLOCK_NAME
    offset_s: float = msgspec.json.decode(path.read_bytes())["offset_s"] if path.exists() else 0.0
    if at is not None:
        now = datetime.now(UTC)
        offset_s = (next_time(now + timedelta(seconds=offset_s), at, timezone) - now).total_seconds()
        write_private(path, msgspec.json.encode({"offset_s": offset_s}))
    return offset_s


def next_time(now: datetime, at: str, timezone: str) -> datetime:
    """The first moment not before `now` (aware) at which clocks in `timezone` show `at` (HH:MM)."""
    try:
        wanted = time.fromisoformat(at)
    except ValueError as error:
        raise Refused("error.bad_time", time=at) from error
    local = now.astimezone(ZoneInfo(timezone))
    day = local.date()
    while True:
        then = datetime.combine(day, wanted, ZoneInfo(timezone)).astimezone(UTC)
        if then >= now:
            return then
        day += timedelta(days=1)
