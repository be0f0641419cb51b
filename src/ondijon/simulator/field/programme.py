"""The lighting programme stored in a gateway: when which level is wanted, in sun and local time."""

import re
from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from astral import Observer
from astral.sun import sunrise, sunset
from msgspec import Struct

from ondijon.kernel.errors import RemoteProtocolError

_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
CLUSTERS_PER_DEGREE = 10


class SunEdge(Struct, frozen=True):
    """An instant given by the sun, shifted by minutes."""

    sun: Literal["sunset", "sunrise"]
    offset_min: float = 0.0


class Step(Struct, frozen=True, rename={"from_local": "from"}):
    """From this local time on, this level."""

    from_local: str
    level: float


class Programme(Struct, frozen=True):
    """What a gateway follows by itself: level 1 from `on`, then each step from its local time, until `off`."""

    timezone: str
    on: SunEdge
    off: SunEdge
    steps: tuple[Step, ...] = ()
    position: tuple[float, float] | None = None


class Night(Struct, frozen=True):
    """One night resolved: instants in epoch seconds, the level from each, and when it must be made anew."""

    instants_s: tuple[float, ...]
    levels: tuple[float, ...]
    until_s: float

    def at(self, now_s: float) -> tuple[float, bool, float]:
        """Level and whether the night's feeders are closed at `now_s`, and until when both hold."""
        place = bisect_right(self.instants_s, now_s)
        ends_s = self.instants_s[place] if place < len(self.instants_s) else self.until_s
        lit = 0 < place < len(self.instants_s)
        return (self.levels[place - 1] if lit else 0.0), lit, min(ends_s, self.until_s)


def read_programme(content: object) -> Programme:
    """Check a programme's content as a gateway does; raises RemoteProtocolError."""
    try:
        programme = msgspec.convert(content, Programme)
        ZoneInfo(programme.timezone)
    except (msgspec.ValidationError, ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise RemoteProtocolError("simulator.bad_programme", reason=str(fault)) from fault
    for step in programme.steps:
        if _HOUR.fullmatch(step.from_local) is None or not 0.0 <= step.level <= 1.0:
            raise RemoteProtocolError("simulator.bad_programme", step=step.from_local, level=step.level)
    return programme


def night_of(programme: Programme, now_s: float, lon: float, lat: float) -> Night:
    """The night that `now_s` belongs to, from local noon to local noon, at this place (about 10 km apart)."""
    if programme.position is not None:
        lon, lat = programme.position
    zone = ZoneInfo(programme.timezone)
    local = datetime.fromtimestamp(now_s, zone)
    evening = local.date() if local.hour >= 12 else local.date() - timedelta(days=1)
    return _resolve_night(programme, evening, round(lon * CLUSTERS_PER_DEGREE), round(lat * CLUSTERS_PER_DEGREE))


@lru_cache(maxsize=512)
def _resolve_night(programme: Programme, evening: date, lon_cluster: int, lat_cluster: int) -> Night:
    zone = ZoneInfo(programme.timezone)
    until_s = _local_s(evening + timedelta(days=1), time(12), zone)
    observer = Observer(latitude=lat_cluster / CLUSTERS_PER_DEGREE, longitude=lon_cluster / CLUSTERS_PER_DEGREE)
    try:
        on_s = _sun_s(programme.on, observer, evening, zone)
        off_s = _sun_s(programme.off, observer, evening, zone)
    except ValueError:
        # astral: the sun does not cross the horizon on that day; such a night stays dark.
        return Night((), (), until_s)
    if off_s <= on_s:
        return Night((), (), until_s)
    level_at_on, later = 1.0, []
    for at_s, level in sorted(_step_s(step, evening, zone) for step in programme.steps):
        if at_s <= on_s:
            level_at_on = level
        elif at_s < off_s:
            later.append((at_s, level))
    changes = [(on_s, level_at_on), *later, (off_s, 0.0)]
    return Night(tuple(at_s for at_s, _ in changes), tuple(level for _, level in changes), until_s)


def _sun_s(edge: SunEdge, observer: Observer, evening: date, zone: ZoneInfo) -> float:
    if edge.sun == "sunset":
        at = sunset(observer, evening, tzinfo=zone)
    else:
        at = sunrise(observer, evening + timedelta(days=1), tzinfo=zone)
    return at.timestamp() + edge.offset_min * 60.0


def _step_s(step: Step, evening: date, zone: ZoneInfo) -> tuple[float, float]:
    clock_time = time.fromisoformat(step.from_local)
    day = evening if clock_time.hour >= 12 else evening + timedelta(days=1)
    return _local_s(day, clock_time, zone), step.level


def _local_s(day: date, clock_time: time, zone: ZoneInfo) -> float:
    # In the hour that occurs twice the first counts; an hour that does not exist is taken an hour later.
    return datetime.combine(day, clock_time, zone).astimezone(UTC).timestamp()
