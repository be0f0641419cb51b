"""A city's streets, house numbers and places in memory, and the points where streets meet."""

import re
from typing import Literal

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.inventory import Position
from ondijon.web.addresses.vocabulary import SAME_SUFFIX, SUFFIXES
from ondijon.web.addresses.words import fold

_NUMBER = re.compile(r"(\d+) ?([a-z]*)")
_CLUSTER_M = 60.0
_MOST_SPOTS = 2
_MOST_POINTS = 400  # of each street, when the nearest points of two are sought


class House(Struct, frozen=True):
    """A house number as signs show it, and where it is."""

    label: str
    position: Position


class Entry(Struct, frozen=True, eq=False):
    """A street of one commune (all its arcs), or a place; its points are `Gazetteer.points[start:end]`."""

    kind: Literal["street", "place"]
    name: str
    commune: str | None
    middle: Position
    start: int
    end: int
    houses: dict[tuple[int, str], House]
    numbers: Ints64


class Gazetteer(Struct, frozen=True, eq=False):
    """Everything that may be named; built once, then only read. Points and houses are in metres of `frame`."""

    frame: LocalMetres
    entries: list[Entry]
    points: Floats
    entry_of_point: Ints64
    house_at: Floats
    house_of: list[tuple[int, House]]
    crossings: dict[tuple[int, int], list[int]]

    def meet(self, one: int, other: int) -> bool:
        """Whether two streets have a point in common."""
        return (min(one, other), max(one, other)) in self.crossings

    def crossing_of(self, one: int, other: int) -> list[Position]:
        """Where two streets meet: one point, two when they meet far apart; none when they do not."""
        rows = self.crossings.get((min(one, other), max(one, other)))
        return [] if rows is None else [self._degrees(spot) for spot in _gather(self.points[rows])]

    def nearest_between(self, one: int, other: int) -> tuple[Position, float]:
        """The middle of the shortest line between two streets, and its length in metres."""
        mine, theirs = self._points_of(one), self._points_of(other)
        squared = np.square(mine[:, None, :] - theirs[None, :, :]).sum(axis=2)
        row, column = divmod(int(np.argmin(squared)), len(theirs))
        return self._degrees((mine[row] + theirs[column]) / 2), float(np.sqrt(squared[row, column]))

    def nearest_house(self, lon: float, lat: float) -> tuple[int, House, float] | None:
        """The nearest house number with its entry, and how far it is in metres; None in a city without any."""
        if not len(self.house_at):
            return None
        at, away_m = _nearest(self.house_at, self._spot(lon, lat))
        entry, house = self.house_of[at]
        return entry, house, away_m

    def nearest_street(self, lon: float, lat: float) -> tuple[int, float] | None:
        """The street that passes nearest, and how far it is in metres."""
        if not len(self.points):
            return None
        at, away_m = _nearest(self.points, self._spot(lon, lat))
        return int(self.entry_of_point[at]), away_m

    def _spot(self, lon: float, lat: float) -> Floats:
        spot: Floats = self.frame.to_metres(np.array([(lon, lat)]))[0]
        return spot

    def _points_of(self, entry: int) -> Floats:
        found = self.entries[entry]
        if found.end == found.start:
            return self.frame.to_metres(np.array([found.middle]))
        return self.points[found.start : found.end : 1 + (found.end - found.start) // _MOST_POINTS]

    def _degrees(self, spot: Floats) -> Position:
        lon, lat = self.frame.to_degrees(spot[None, :])[0].tolist()
        return round(lon, 6), round(lat, 6)


def read_number(text: str) -> tuple[int, str] | None:
    """A house number's digits and its suffix in one spelling; None when there is none (0 stands for none)."""
    match = _NUMBER.fullmatch(fold(text).strip())
    if match is None or int(match[1]) == 0:
        return None
    return int(match[1]), SUFFIXES.get(match[2], match[2])


def find_house(entry: Entry, number: int, suffix: str) -> tuple[House | None, bool]:
    """The house meant and whether it is exactly that; else the nearest number, on the same side if as near."""
    for wanted in (suffix, SAME_SUFFIX.get(suffix)):
        exact = None if wanted is None else entry.houses.get((number, wanted))
        if exact is not None:
            return exact, True
    if not len(entry.numbers):
        return None, False
    away = np.abs(entry.numbers - number) * 2 + (entry.numbers % 2 != number % 2)
    nearest = int(entry.numbers[int(np.argmin(away))])
    return entry.houses[nearest, min(own for value, own in entry.houses if value == nearest)], False


def _nearest(points: Floats, spot: Floats) -> tuple[int, float]:
    squared = np.square(points - spot).sum(axis=1)
    at = int(np.argmin(squared))
    return at, float(np.sqrt(squared[at]))


def _gather(spots: Floats) -> list[Floats]:
    """One spot for each group of spots, the largest groups first: a wide junction is one crossing."""
    groups: list[list[Floats]] = []
    for spot in spots:
        for group in groups:
            if np.hypot(*(np.mean(group, axis=0) - spot)) < _CLUSTER_M:
                group.append(spot)
                break
        else:
            groups.append([spot])
    groups.sort(key=len, reverse=True)
    result = []
    for group in groups[:_MOST_SPOTS]:
        at, _ = _nearest(np.array(group), np.mean(group, axis=0))
        result.append(group[at])
    return result
