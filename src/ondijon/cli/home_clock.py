"""A home's time may be ahead of the machine's or run faster, for a demonstration by night, and never goes back."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from ondijon.cli.places import write_private
from ondijon.infra.clocks import HomeTime, SystemClock
from ondijon.kernel.errors import Refused

CLOCK_NAME = "clock.json"
MAX_SPEED = 600.0


def shift_clock(home: Path, at: str | None, timezone: str, speed: float = 1.0) -> HomeTime:
    """This home's time, and remember it; raises Refused when `at` is no time to come or `speed` no haste.

    Without `at` it stays as it was. HH:MM is the next moment at which the city's clocks show that time, an ISO 8601
    date and time (the city's, or with its own offset) that moment: a clock set back would make every new report older
    than what is known, and the room would show the past as live.
    """
    path = home / CLOCK_NAME
    if not 1.0 <= speed <= MAX_SPEED:
        raise Refused("error.bad_speed", speed=speed, most=MAX_SPEED)
    known = msgspec.json.decode(path.read_bytes(), type=HomeTime) if path.exists() else HomeTime()
    if at is None and speed == known.speed:
        return known
    now = datetime.now(UTC)
    ahead_s = known.ahead_s(now.timestamp())
    if at is not None:
        ahead_s = (next_time(now + timedelta(seconds=ahead_s), at, timezone) - now).total_seconds()
    chosen = HomeTime(ahead_s, speed, now.timestamp())
    write_private(path, msgspec.json.encode(chosen))
    return chosen


def read_clock(home: Path) -> SystemClock:
    """This home's time as it was left."""
    path = home / CLOCK_NAME
    return SystemClock(msgspec.json.decode(path.read_bytes(), type=HomeTime) if path.exists() else HomeTime())


def next_time(now: datetime, at: str, timezone: str) -> datetime:
    """The first moment not before `now` (aware) at which clocks in `timezone` show `at` (HH:MM, or date and time)."""
    if "T" in at:
        return _moment(now, at, ZoneInfo(timezone))
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


def _moment(now: datetime, at: str, zone: ZoneInfo) -> datetime:
    try:
        wanted = datetime.fromisoformat(at)
    except ValueError as error:
        raise Refused("error.bad_time", time=at) from error
    then = (wanted if wanted.tzinfo else wanted.replace(tzinfo=zone)).astimezone(UTC)
    if then < now:
        raise Refused("error.past_time", time=at)
    return then
