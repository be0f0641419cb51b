"""The strip of a year: by the city's clocks, on long and short nights too, as a mean over the lights."""

from datetime import date

import numpy as np

from ondijon.domains.lighting.rules.programmes.calendar import Nights
from ondijon.domains.lighting.rules.programmes.compose import Change, Composition, NightProfile
from ondijon.domains.lighting.rules.programmes.model import Edge
from ondijon.domains.lighting.rules.programmes.resolve import Resolution, Signatures
from ondijon.domains.lighting.rules.programmes.strip import PARTS, mean_levels
from ondijon.domains.lighting.rules.programmes.sun import Place

PLACE = Place(5.04, 47.32, "Europe/Paris")
ON, OFF = Edge("sunset"), Edge("sunrise")
DIMMED = NightProfile(ON, OFF, ((0, 100.0), (660, 40.0)))
DARK = NightProfile(ON, OFF, ((0, 100.0), (660, 0.0)))
TWO_AT_NIGHT = 28


def resolution(first: date, nights: int) -> Resolution:
    """Two signatures: one is dimmed from 23:00 on, the other goes dark."""
    some = np.zeros(nights, np.int32)
    signatures = Signatures(np.array([0, 1], np.int32), np.ones((2, 1), np.bool_), np.zeros(2), np.ones(2, np.int32))
    composition = Composition(ON, OFF, (Change(0, 100.0, 100.0, 0),))
    calendar = Nights(first, some, some.astype(np.int8), some, some.astype(np.bool_), some.astype(np.bool_))
    by_night = np.array([some, some + 1], np.int32)
    both = np.array([0, 1], np.int32)
    return Resolution((), calendar, signatures, (composition, composition), (DIMMED, DARK), both, by_night)


def strip(first: date, lights: list[int], nights: int = 1) -> list[list[int]]:
    return mean_levels(resolution(first, nights), np.array(lights, np.int32), PLACE, nights)


def test_levels_are_means_over_the_lights() -> None:
    night = strip(date(2026, 12, 1), [0, 0, 0, 1])[0]
    assert len(night) == PARTS
    assert night[0] == 0, "noon is day"
    assert night[21] == 100, "half past ten"
    assert night[22] == 30, "three of four at 40 %, one dark"
    assert night[44] == 0, "ten in the morning"


def test_no_lights_have_no_strip() -> None:
    assert strip(date(2026, 12, 1), []) == []


def test_nights_when_the_clocks_change_keep_their_hours() -> None:
    long, short = strip(date(2026, 10, 24), [0])[0], strip(date(2027, 3, 27), [0])[0]
    assert len(long) == len(short) == PARTS
    assert long[TWO_AT_NIGHT] == 40
    assert short[30] == 40, "three o'clock"
    assert max(long) == max(short) == 100
