"""Nights, from local noon to local noon, and how long a lamp that follows the sun burns in each."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from astral import Observer
from astral.sun import sunrise, sunset
from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.inventory import Position

_NOON = time(12)
_SECONDS_PER_HOUR = 3600.0


class LitRule(Struct, frozen=True):
    """When the lights of a baseline burned: minutes after sunset, minutes after sunrise (negative = before)."""

    on_offset_min: float = 0.0
    off_offset_min: float = 0.0


def night_of(at: datetime, zone: ZoneInfo) -> date:
    """The date of the evening that an instant belongs to."""
    local = at.astimezone(zone)
    return local.date() if local.time() >= _NOON else local.date() - timedelta(days=1)


def list_nights(since: date, until: date) -> list[date]:
    """The nights from one day to another, the last one included."""
    return [since + timedelta(days=step) for step in range((until - since).days + 1)]


def noon_of(day: date, zone: ZoneInfo) -> datetime:
    """Local noon as an instant; a night lasts from its day's noon to the next day's, 23 to 25 hours."""
    return datetime.combine(day, _NOON, zone).astimezone(UTC)


def noons_us(since: date, until: date, zone: ZoneInfo) -> Ints64:
    """The bounds of these nights in epoch microseconds: one more than there are nights."""
    days = list_nights(since, until + timedelta(days=1))
    return np.array([round(noon_of(day, zone).timestamp() * 1_000_000) for day in days], np.int64)


def lit_hours(nights: Sequence[date], place: Position, rule: LitRule) -> Floats:
    """Hours that a lamp burns each night by the sun (astral; 0 where it does not set or rise)."""
    lon, lat = place
    return np.array([_lit_hours(night, lon, lat, rule) for night in nights], np.float64)


@lru_cache(maxsize=16_384)
def _lit_hours(night: date, lon: float, lat: float, rule: LitRule) -> float:
    observer = Observer(latitude=lat, longitude=lon)
    try:
        on = sunset(observer, night) + timedelta(minutes=rule.on_offset_min)
        off = sunrise(observer, night + timedelta(days=1)) + timedelta(minutes=rule.off_offset_min)
    except ValueError:
        return 0.0
    return max(0.0, (off - on).total_seconds() / _SECONDS_PER_HOUR)
