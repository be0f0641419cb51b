"""What a content must be, beyond its shape, before it may be kept."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import shapely

from ondijon.domains.lighting.rules.programmes.lights import Lights, rows_in
from ondijon.domains.lighting.rules.programmes.local_times import NIGHT_MIN, minute_of
from ondijon.domains.lighting.rules.programmes.model import (
    AllLights,
    Content,
    InPolygon,
    OfClasses,
    OfCommunes,
    OfStreets,
    Profile,
    Range,
    Rule,
    Scope,
    Span,
)
from ondijon.kernel.arrays import Bools
from ondijon.kernel.errors import Refused

_LEAP_YEAR = 2028
_OF_EVENING, _OF_MORNING = ("sunset", "dusk"), ("sunrise", "dawn")


def check_content(content: Content, lights: Lights) -> Bools:
    """The lights that a content means; raises Refused when it means none, or says what cannot be."""
    if set(content.names) != {"fr", "en"}:
        raise Refused("lighting.refusal.programme_names")
    for rule in content.rules:
        _check_rule(rule)
    if content.layer == "metropolis" and any(rule.interval is not None for rule in content.rules):
        raise Refused("lighting.refusal.default_interval")
    if isinstance(content.scope, InPolygon) and shapely.Polygon(content.scope.polygon).area == 0:
        raise Refused("lighting.refusal.programme_no_lights")
    meant = rows_in(content.scope, lights)
    if not meant.any():
        raise Refused("lighting.refusal.programme_no_lights")
    return meant


def communes_of(meant: Bools, lights: Lights) -> list[str]:
    """The communes that lights stand in, by INSEE code."""
    return sorted(lights.communes[place] for place in np.unique(lights.commune[meant]).tolist())


def communes_named(scope: Scope, every: Sequence[str]) -> list[str]:
    """The communes that a scope speaks of itself, before any light is looked up; none for zones and single lights."""
    match scope:
        case OfCommunes(communes) | OfClasses(_, communes) if communes:
            return sorted(set(communes))
        case OfStreets(streets):
            return sorted({street.commune for street in streets})
        case AllLights() | OfClasses():
            return sorted(every)
        case _:
            return []


def _check_rule(rule: Rule) -> None:
    for one in rule.calendar.ranges:
        _check_range(one)
    if rule.interval is not None:
        _check_span(rule.interval)
    _check_profile(rule.profile)


def _check_profile(profile: Profile) -> None:
    if profile.on.sun not in _OF_EVENING or profile.off.sun not in _OF_MORNING:
        raise Refused("lighting.refusal.programme_edges")
    starts = [step.from_local for step in profile.steps]
    if len(set(starts)) != len(starts):
        raise Refused("lighting.refusal.programme_steps")
    for span in profile.off_hours:
        _check_span(span)
    for edge in (profile.on, profile.off):
        if edge.not_before and edge.not_after and minute_of(edge.not_before) > minute_of(edge.not_after):
            raise Refused("lighting.refusal.programme_edges")


def _check_span(span: Span) -> None:
    if minute_of(span.from_local) >= (minute_of(span.until_local) or NIGHT_MIN):
        raise Refused("lighting.refusal.programme_hours", since=span.from_local, until=span.until_local)


def _check_range(one: Range) -> None:
    yearly = len(one.first) == len("MM-DD")
    if yearly != (len(one.last) == len("MM-DD")):
        raise Refused("lighting.refusal.programme_dates", since=one.first, until=one.last)
    try:
        first, last = (date.fromisoformat(f"{_LEAP_YEAR}-{text}" if yearly else text) for text in (one.first, one.last))
    except ValueError as error:
        raise Refused("lighting.refusal.programme_dates", since=one.first, until=one.last) from error
    if not yearly and first > last:
        raise Refused("lighting.refusal.programme_dates", since=one.first, until=one.last)
