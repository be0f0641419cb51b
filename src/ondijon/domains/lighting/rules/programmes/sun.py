"""Sunset, sunrise and civil twilight of nights, and the profiles of nights as instants."""

from datetime import date, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import astral.sun
import numpy as np
from astral import Observer
from msgspec import Struct

from ondijon.domains.lighting.rules.programmes.compose import NightProfile
from ondijon.domains.lighting.rules.programmes.local_times import NightClocks, minute_of, night_clocks
from ondijon.domains.lighting.rules.programmes.model import Edge, Sun
from ondijon.kernel.arrays import Bools, Floats

CIVIL_DEGREES = 6.0
_IN_EVENING: frozenset[Sun] = frozenset(("sunset", "dusk"))
_NO_SUN = float("nan")


class Place(Struct, frozen=True):
    """Where the sun is reckoned, and whose clocks are meant."""

    lon: float
    lat: float
    timezone: str


class SolvedNights(Struct, frozen=True, eq=False):
    """Nights of one profile as instants: on_s, off_s by night; start_s, end_s by night and step.

    A step that ends before it starts never comes. A night without sunset or sunrise, or that ends before it begins, is
    dark: on_s equals off_s.
    """

    levels_pct: Floats
    on_s: Floats
    off_s: Floats
    start_s: Floats
    end_s: Floats

    def hours(self) -> Floats:
        """Hours at each step's level, by night and step."""
        spent: Floats = np.maximum(self.end_s - self.start_s, 0.0) / 3600.0
        return spent


@lru_cache(maxsize=65_536)
def sun_s(sun: Sun, night: date, place: Place) -> float:
    """Epoch seconds of that sun of the night: sunset and dusk of the evening, the others of the morning; NaN: none."""
    observer = Observer(latitude=place.lat, longitude=place.lon)
    day = night if sun in _IN_EVENING else night + timedelta(days=1)
    zone = ZoneInfo(place.timezone)
    try:
        if sun == "dusk":
            return astral.sun.dusk(observer, day, CIVIL_DEGREES, tzinfo=zone).timestamp()
        if sun == "dawn":
            return astral.sun.dawn(observer, day, CIVIL_DEGREES, tzinfo=zone).timestamp()
        found = astral.sun.sunset if sun == "sunset" else astral.sun.sunrise
        return found(observer, day, tzinfo=zone).timestamp()
    except ValueError:
        # astral: the sun does not reach that height on this day.
        return _NO_SUN


@lru_cache(maxsize=256)
def _suns_s(sun: Sun, first: date, count: int, place: Place) -> Floats:
    return np.array([sun_s(sun, first + timedelta(days=n), place) for n in range(count)])


def edges_s(edge: Edge, clocks: NightClocks, place: Place) -> Floats:
    """The instants of an edge, by night."""
    at = _suns_s(edge.sun, clocks.first, len(clocks.noon_s), place) + 60.0 * edge.offset_min
    if edge.not_before is not None:
        at = np.maximum(at, clocks.instants_s(minute_of(edge.not_before)))
    if edge.not_after is not None:
        at = np.minimum(at, clocks.instants_s(minute_of(edge.not_after)))
    return at


def solve(profile: NightProfile, first: date, count: int, place: Place) -> SolvedNights:
    """A profile on `count` nights from that of `first` on.

    Steps take their turn by local time: in the night that lacks an hour, one that the next has overtaken is left out.
    """
    clocks = night_clocks(first, count, place.timezone)
    on_s, off_s = edges_s(profile.on, clocks, place), edges_s(profile.off, clocks, place)
    lit: Bools = on_s < off_s  # NaN is not
    on_s, off_s = np.where(lit, on_s, clocks.noon_s), np.where(lit, off_s, clocks.noon_s)
    begins = np.stack([clocks.instants_s(minute) for minute, _ in profile.steps], axis=1)
    # Each step ends where the earliest of those after it begins.
    later = np.concatenate([begins[:, 1:], clocks.until_s[:, None]], axis=1)
    ends = np.minimum.accumulate(later[:, ::-1], axis=1)[:, ::-1]
    return SolvedNights(
        np.array([level for _, level in profile.steps]),
        on_s,
        off_s,
        np.maximum(begins, on_s[:, None]),
        np.minimum(ends, off_s[:, None]),
    )


def levels_on(profile: NightProfile, night: date, place: Place) -> tuple[Floats, Floats]:
    """One night as (epoch seconds, level in %) from each instant on: from noon 0, last 0 from `off` on."""
    solved = solve(profile, night, 1, place)
    noon_s = night_clocks(night, 1, place.timezone).noon_s[0]
    instants, levels = [float(noon_s)], [0.0]
    for at, until, level in zip(solved.start_s[0], solved.end_s[0], solved.levels_pct, strict=True):
        if until > at:
            instants.append(float(at))
            levels.append(float(level))
    if len(instants) > 1:
        instants.append(float(solved.off_s[0]))
        levels.append(0.0)
    return np.array(instants), np.array(levels)
