"""Local times within a night as minutes since noon, and their instants on nights of 23, 24 and 25 hours."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints32

NOON_MIN = 12 * 60
NIGHT_MIN = 24 * 60
NEVER_MIN = NIGHT_MIN + 1


def minute_of(local: str) -> int:
    """Minutes since noon of `HH:MM`: 12:00 is 0, 00:30 is 750, 11:59 is 1439."""
    hour, minute = local.split(":")
    return (int(hour) * 60 + int(minute) - NOON_MIN) % NIGHT_MIN


def local_of(minute: int) -> str:
    """`HH:MM` of minutes since noon."""
    hour, rest = divmod((minute + NOON_MIN) % NIGHT_MIN, 60)
    return f"{hour:02d}:{rest:02d}"


class NightClocks(Struct, frozen=True, eq=False):
    """The clocks of successive nights, one element a night.

    noon_s: epoch seconds of the noon it begins at; until_s: of the noon it ends at; jump_min: minutes since noon from
    which on wall clocks run by the morning's offset (NEVER_MIN on ordinary nights), then jump_s later than they say.
    """

    first: date
    noon_s: Floats
    until_s: Floats
    jump_min: Ints32
    jump_s: Floats

    def instants_s(self, minutes: Floats | int | float) -> Floats:
        """Epoch seconds of a local time by night: the first of two equal ones; one that is missing, an hour later."""
        at: Floats = self.noon_s + 60.0 * minutes + np.where(minutes >= self.jump_min, self.jump_s, 0.0)
        return at


@lru_cache(maxsize=64)
def night_clocks(first: date, count: int, timezone: str) -> NightClocks:
    """The clocks of `count` nights from the night of `first` on."""
    zone = ZoneInfo(timezone)
    days = [first + timedelta(days=n) for n in range(count + 1)]
    noons = [datetime.combine(day, time(12), zone) for day in days]
    at_s = np.array([noon.timestamp() for noon in noons])
    offset_s = np.array([(noon.utcoffset() or timedelta()).total_seconds() for noon in noons])
    jump_s = offset_s[:-1] - offset_s[1:]
    jump_min = np.full(count, NEVER_MIN, np.int32)
    for n in np.flatnonzero(jump_s).tolist():
        jump_min[n] = _jump_min(days[n], zone)
    return NightClocks(first, at_s[:-1], at_s[1:], jump_min, jump_s)


def _jump_min(evening: date, zone: ZoneInfo) -> int:
    """The first minute since noon whose wall time belongs to the morning's offset only."""
    noon = datetime.combine(evening, time(12))
    morning = (noon + timedelta(days=1)).replace(tzinfo=zone).utcoffset()
    walls = ((minute, (noon + timedelta(minutes=minute)).replace(tzinfo=zone)) for minute in range(NIGHT_MIN + 1))
    return next(minute for minute, wall in walls if wall.utcoffset() == morning)


def night_of(at: datetime, timezone: str) -> date:
    """The night that an instant belongs to, by the date of its evening."""
    local = at.astimezone(ZoneInfo(timezone))
    return local.date() if local.hour >= NOON_MIN // 60 else local.date() - timedelta(days=1)


def minute_at(at: datetime, timezone: str) -> int:
    """Minutes since noon of an instant by local time; in the second of two equal hours, that hour's last minute."""
    local = at.astimezone(ZoneInfo(timezone))
    if local.fold:
        # All that was set for this hour has happened the first time.
        return (local.hour * 60 + 59 - NOON_MIN) % NIGHT_MIN
    return (local.hour * 60 + local.minute - NOON_MIN) % NIGHT_MIN


def instant_of(seconds: float) -> datetime:
    """The aware UTC instant of epoch seconds."""
    return datetime.fromtimestamp(seconds, UTC)
