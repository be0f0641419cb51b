"""One night of one light: layers painted one over the other minute by minute, then what must not be gone below."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.programmes.local_times import NIGHT_MIN, minute_of
from ondijon.domains.lighting.rules.programmes.model import FLOOR, Edge, Level, Profile, Rule, Span
from ondijon.kernel.arrays import Bools, Floats

NOBODY = -1
# Where no programme says anything, the lights burn from sunset to sunrise: nobody sits in the dark by omission.
SAFE = Profile()
# What "floor" means where a light has none (its class is unknown, or asks for nothing): never the dark.
UNKNOWN_FLOOR_PCT = 50.0


class Change(Struct, frozen=True):
    """From this minute since noon on: the level, what the layer that gives it asked for, and that layer's place."""

    minute: int
    level_pct: float
    asked_pct: float
    source: int


class Composition(Struct, frozen=True):
    """A night as it comes out of its layers; levels count from `on` to `off` only."""

    on: Edge
    off: Edge
    changes: tuple[Change, ...]


class NightProfile(Struct, frozen=True):
    """A night as a gateway stores it: levels in % from each minute since noon, the first from 0."""

    on: Edge
    off: Edge
    steps: tuple[tuple[int, float], ...]


class Leave(Struct, frozen=True):
    """An authorised policy on one night: from a minute since noon to another (it may lie past noon), how far down."""

    from_min: int
    until_min: int
    least_pct: float


def compose(speaking: Sequence[tuple[int, Rule]], floor_pct: float, leaves: Sequence[Leave] = ()) -> Composition:
    """What a light does when these rules speak, lowest first, each with the place of its programme.

    The highest rule without an interval gives the whole night; those above it speak within their intervals; then the
    floor holds levels up, but for what `leaves` allow.
    """
    whole = max((place for place, (_, rule) in enumerate(speaking) if rule.interval is None), default=NOBODY)
    source, profile = (NOBODY, SAFE) if whole == NOBODY else (speaking[whole][0], speaking[whole][1].profile)
    asked = _levels(profile, floor_pct).copy()
    sources = np.full(NIGHT_MIN, source, np.int32)
    for place, rule in speaking[whole + 1 :]:
        if rule.interval is not None:
            within = slice(*_minutes(rule.interval))
            asked[within] = _levels(rule.profile, floor_pct)[within]
            sources[within] = place
    level = np.maximum(asked, least_by_minute(floor_pct, leaves))
    return Composition(profile.on, profile.off, _changes(level, asked, sources))


def least_by_minute(floor_pct: float, leaves: Sequence[Leave]) -> Floats:
    """The level that nothing may go below, by minute since noon."""
    least = np.full(NIGHT_MIN, floor_pct)
    for leave in leaves:
        part = least[leave.from_min : leave.until_min]
        np.minimum(part, leave.least_pct, out=part)
        # What reaches past noon is meant before it as well.
        rest = least[: max(leave.until_min - NIGHT_MIN, 0)]
        np.minimum(rest, leave.least_pct, out=rest)
    return least


def _minutes(span: Span) -> tuple[int, int]:
    return minute_of(span.from_local), minute_of(span.until_local) or NIGHT_MIN


@lru_cache(maxsize=4096)
def _levels(profile: Profile, floor_pct: float) -> Floats:
    """What a profile asks, by minute since noon; read only."""
    levels = np.full(NIGHT_MIN, _number(profile.level_pct, floor_pct))
    for step in sorted(profile.steps, key=lambda step: minute_of(step.from_local)):
        levels[minute_of(step.from_local) :] = _number(step.level_pct, floor_pct)
    for span in profile.off_hours:
        levels[slice(*_minutes(span))] = 0.0
    levels.flags.writeable = False
    return levels


def _number(level: Level, floor_pct: float) -> float:
    return (floor_pct or UNKNOWN_FLOOR_PCT) if level == FLOOR else float(level)


def _changes(
    level: Floats, asked: Floats, sources: np.ndarray[tuple[int, ...], np.dtype[np.int32]]
) -> tuple[Change, ...]:
    turns: Bools = np.ones(NIGHT_MIN, np.bool_)
    turns[1:] = (np.diff(level) != 0) | (np.diff(asked) != 0) | (np.diff(sources) != 0)
    return tuple(
        Change(minute, round(float(level[minute]), 2), round(float(asked[minute]), 2), int(sources[minute]))
        for minute in np.flatnonzero(turns).tolist()
    )


def stored_profile(composition: Composition) -> NightProfile:
    """What a gateway must store of a night."""
    steps: list[tuple[int, float]] = []
    for change in composition.changes:
        if not steps or steps[-1][1] != change.level_pct:
            steps.append((change.minute, change.level_pct))
    return NightProfile(composition.on, composition.off, tuple(steps))


def change_at(composition: Composition, minute: int) -> Change:
    """What holds at a minute since noon."""
    return next(change for change in reversed(composition.changes) if change.minute <= minute)
