"""The lighting programme stored in a gateway: which of its lights wants which level when, in sun and local time."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from astral import Observer
from astral.sun import dawn, dusk, sunrise, sunset
from msgspec import Struct

from ondijon.kernel.errors import RemoteProtocolError

_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FEWEST_NIGHTS = 364
_BACK = 364  # nights outside of the calendar are taken as those 52 weeks before, or after
_SUN: dict[str, Callable[..., datetime]] = {"sunset": sunset, "dusk": dusk, "sunrise": sunrise, "dawn": dawn}


class SunEdge(Struct, frozen=True):
    """An instant given by the sun, shifted by minutes, within local times."""

    sun: Literal["sunset", "sunrise", "dusk", "dawn"]
    offset_min: float = 0.0
    not_before: str | None = None
    not_after: str | None = None


class Step(Struct, frozen=True, rename={"from_local": "from"}):
    """From this local time on, this level."""

    from_local: str
    level: float


class NightPlan(Struct, frozen=True):
    """One kind of night: the first step from `on` at the latest, each other one from its local time, until `off`."""

    on: SunEdge
    off: SunEdge
    steps: tuple[Step, ...]


class DeviceGroup(Struct, frozen=True):
    """Lights that follow one calendar; the first group is everybody whom no other names."""

    calendar: int
    devices: tuple[str, ...] = ()


class Programme(Struct, frozen=True, rename={"first": "from"}):
    """What a gateway follows by itself: by night, from `first` on, a letter of each calendar names the plan."""

    timezone: str
    position: tuple[float, float]
    first: date
    profiles: tuple[NightPlan, ...]
    calendars: tuple[str, ...]
    groups: tuple[DeviceGroup, ...]


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
    for problem in _problems(programme):
        raise RemoteProtocolError("simulator.bad_programme", reason=problem)
    return programme


def _problems(programme: Programme) -> list[str]:
    known = _LETTERS[: len(programme.profiles)]
    calendars = programme.calendars
    wrong = [f"calendar {text[:8]}" for text in calendars if len(text) < FEWEST_NIGHTS or set(text) - set(known)]
    groups = programme.groups
    if not groups or any(not 0 <= group.calendar < len(calendars) for group in groups):
        wrong.append("groups without calendars")
    for plan in programme.profiles:
        limits = [limit for edge in (plan.on, plan.off) for limit in (edge.not_before, edge.not_after) if limit]
        times = [*limits, *(step.from_local for step in plan.steps)]
        wrong += [text for text in times if _HOUR.fullmatch(text) is None]
        wrong += [str(step.level) for step in plan.steps if not 0.0 <= step.level <= 1.0]
        if not plan.steps:
            wrong.append("a profile without steps")
    return wrong


def groups_of(programme: Programme, devices: Sequence[str]) -> list[int]:
    """The group of each device, by number."""
    number = {device: place for place, group in enumerate(programme.groups) for device in group.devices}
    return [number.get(device, 0) for device in devices]


def nights_of(programme: Programme, now_s: float) -> list[Night]:
    """For each group the night that `now_s` belongs to, from local noon to local noon."""
    local = datetime.fromtimestamp(now_s, ZoneInfo(programme.timezone))
    evening = local.date() if local.hour >= 12 else local.date() - timedelta(days=1)
    return [_night_of(programme, programme.calendars[group.calendar], evening) for group in programme.groups]


def _night_of(programme: Programme, calendar: str, evening: date) -> Night:
    place = (evening - programme.first).days
    while place >= len(calendar):
        place -= _BACK
    while place < 0:
        place += _BACK
    plan = programme.profiles[_LETTERS.index(calendar[place])]
    return _resolve_night(plan, evening, programme.timezone, programme.position)


@lru_cache(maxsize=1024)
def _resolve_night(plan: NightPlan, evening: date, timezone: str, position: tuple[float, float]) -> Night:
    zone = ZoneInfo(timezone)
    until_s = _local_s(evening + timedelta(days=1), time(12), zone)
    observer = Observer(latitude=position[1], longitude=position[0])
    try:
        on_s = _edge_s(plan.on, observer, evening, zone)
        off_s = _edge_s(plan.off, observer, evening, zone)
    except ValueError:
        # astral: the sun does not cross the horizon on that day; such a night stays dark.
        return Night((), (), until_s)
    if off_s <= on_s:
        return Night((), (), until_s)
    level_at_on, later = 1.0, []
    for at_s, level in _in_turn(plan.steps, evening, zone):
        if at_s <= on_s:
            level_at_on = level
        elif at_s < off_s:
            later.append((at_s, level))
    changes = [(on_s, level_at_on), *later, (off_s, 0.0)]
    return Night(tuple(at_s for at_s, _ in changes), tuple(level for _, level in changes), until_s)


def _in_turn(steps: Sequence[Step], evening: date, zone: ZoneInfo) -> list[tuple[float, float]]:
    """Instants and levels by local time; where an hour is missing, a step that the next has overtaken falls away."""
    timed = [(_of_night_s(step.from_local, evening, zone), step.level) for step in sorted(steps, key=_since_noon)]
    kept: list[tuple[float, float]] = []
    for at_s, level in reversed(timed):
        if not kept or at_s < kept[-1][0]:
            kept.append((at_s, level))
    return kept[::-1]


def _since_noon(step: Step) -> int:
    clock_time = time.fromisoformat(step.from_local)
    return (clock_time.hour * 60 + clock_time.minute - 720) % 1440


def _edge_s(edge: SunEdge, observer: Observer, evening: date, zone: ZoneInfo) -> float:
    day = evening if edge.sun in ("sunset", "dusk") else evening + timedelta(days=1)
    at_s = _SUN[edge.sun](observer, day, tzinfo=zone).timestamp() + edge.offset_min * 60.0
    if edge.not_before is not None:
        at_s = max(at_s, _of_night_s(edge.not_before, evening, zone))
    if edge.not_after is not None:
        at_s = min(at_s, _of_night_s(edge.not_after, evening, zone))
    return at_s


def _of_night_s(local: str, evening: date, zone: ZoneInfo) -> float:
    clock_time = time.fromisoformat(local)
    day = evening if clock_time.hour >= 12 else evening + timedelta(days=1)
    return _local_s(day, clock_time, zone)


def _local_s(day: date, clock_time: time, zone: ZoneInfo) -> float:
    # In the hour that occurs twice the first counts; an hour that does not exist is taken an hour later.
    return datetime.combine(day, clock_time, zone).astimezone(UTC).timestamp()
