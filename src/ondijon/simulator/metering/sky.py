"""Dusk and dawn of many nights at one place."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from astral import Observer
from astral.sun import sunrise, sunset
from msgspec import Struct
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


class Sky(Struct, frozen=True, eq=False):
    """By night, dated by its evening: local noon and the next in epoch seconds, on and off as hours since that noon."""

    days: list[date]
    noon_s: Doubles
    length_h: Doubles
    on_h: Doubles
    off_h: Doubles


def sky_over(
    first: date, nights: int, place: tuple[float, float], timezone: str, offsets_min: tuple[float, float]
) -> Sky:
    """Lights go on and off so many minutes after sunset and sunrise."""
    days = [first + timedelta(days=step) for step in range(nights)]
    found = np.array([_night(day, place, timezone) for day in days], np.float64)
    noon_s, next_s, dusk_s, dawn_s = found.T
    return Sky(
        days=days,
        noon_s=noon_s,
        length_h=(next_s - noon_s) / 3600.0,
        on_h=(dusk_s - noon_s) / 3600.0 + offsets_min[0] / 60.0,
        off_h=(dawn_s - noon_s) / 3600.0 + offsets_min[1] / 60.0,
    )


@lru_cache(maxsize=8192)
def _night(day: date, place: tuple[float, float], timezone: str) -> tuple[float, float, float, float]:
    zone, observer = ZoneInfo(timezone), Observer(latitude=place[1], longitude=place[0])
    morning = day + timedelta(days=1)
    return (
        datetime.combine(day, time(12), zone).timestamp(),
        datetime.combine(morning, time(12), zone).timestamp(),
        sunset(observer, day).timestamp(),
        sunrise(observer, morning).timestamp(),
    )
