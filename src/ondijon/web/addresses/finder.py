"""Answers a query with house numbers, crossings, streets and places, the likeliest first."""

import heapq
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal

import numpy as np
from msgspec import Struct

from ondijon.kernel.inventory import Position
from ondijon.web.addresses.gazetteer import Entry, Gazetteer, find_house
from ondijon.web.addresses.matching import Comparison, NameMatcher
from ondijon.web.addresses.readings import Communes, Crossing, Reading, read_crossings, read_names
from ondijon.web.addresses.words import split_words

Kind = Literal["address", "crossing", "street", "place", "near"]

MOST_HITS = 20
LEAST_SCORE = 0.3
_NAMES_KEPT = 14
_SIDES_KEPT = 7
_ENTRIES_KEPT = 40  # of one name in many communes
_EXACT, _NEAREST, _NO_HOUSES = 0.05, 0.03, -0.04
_OTHER_COMMUNE, _OWN_COMMUNE = -0.3, 0.12
_CROSSES, _ONLY_NEAR, _CROSSING_SAID = 0.05, -0.06, 0.04
_NEAR_ENOUGH_M = 200.0
_APART_KEPT = 3
_MOST_OF_A_STREET = 2
_NEARNESS, _NEARNESS_M = 0.03, 1500.0
_REVERSE_HOUSE_M = 60.0


class AddressHit(Struct, frozen=True):
    """One answer; `near` is the nearest number on the street to `asked`, which does not exist there.

    label: without the commune; commune: INSEE code; score: about 0 to 1, only good for ranking.
    """

    label: str
    kind: Kind
    commune: str | None
    street: str | None
    number: str | None
    lon: float
    lat: float
    score: float
    asked: str | None = None


class AddressFinder:
    """Answers from memory; one query takes some milliseconds of one processor."""

    def __init__(self, gazetteer: Gazetteer, communes: Sequence[tuple[str, str]]) -> None:
        self._gazetteer = gazetteer
        self._communes = Communes(communes)
        rows: dict[str, list[int]] = {}
        for row, entry in enumerate(gazetteer.entries):
            rows.setdefault(entry.name, []).append(row)
        self._entries_of = list(rows.values())
        self._matcher = NameMatcher(list(rows))

    def find(self, text: str, limit: int, near: Position | None = None) -> list[AddressHit]:
        """At most `limit` answers; `near` breaks ties in favour of what lies there."""
        words = split_words(text)
        if not words or not len(self._matcher):
            return []
        compared = self._matcher.compare(words)
        best: dict[tuple[str, str | None, str | None, str], AddressHit] = {}
        for hit in self._answers(compared, read_names(words, self._communes), read_crossings(words, self._communes)):
            hit = self._nearer(hit, near)
            key = (hit.label, hit.commune, hit.number, hit.kind if hit.kind == "crossing" else "")
            if hit.score >= LEAST_SCORE and (key not in best or best[key].score < hit.score):
                best[key] = hit
        return list(islice(_spread(sorted(best.values(), key=lambda hit: -hit.score)), min(limit, MOST_HITS)))

    def reverse(self, lon: float, lat: float) -> AddressHit | None:
        """The house number at a point, or the street that passes nearest."""
        house = self._gazetteer.nearest_house(lon, lat)
        if house is not None and house[2] <= _REVERSE_HOUSE_M:
            entry = self._gazetteer.entries[house[0]]
            return self._hit(entry, "address", house[1].position, 1.0, house[1].label)
        street = self._gazetteer.nearest_street(lon, lat)
        if street is None:
            return None
        return self._hit(self._gazetteer.entries[street[0]], "street", (lon, lat), 1.0)

    def _answers(
        self, compared: Comparison, readings: Iterator[Reading], crossings: Iterator[Crossing]
    ) -> Iterator[AddressHit]:
        for reading in readings:
            yield from self._read_name(compared, reading)
        for crossing in crossings:
            yield from self._read_crossing(compared, crossing)

    def _best_entries(
        self, compared: Comparison, places: tuple[int, ...], most: int, reading: Reading | Crossing
    ) -> Iterator[tuple[int, float]]:
        """The entries of the best names with their score; a commune that is named counts."""
        scores = compared.score(places)
        for name in np.argsort(-scores, kind="stable")[:most].tolist():
            for row in self._entries_of[name][:_ENTRIES_KEPT]:
                score = float(scores[name])
                if reading.commune is not None:
                    own = self._gazetteer.entries[row].commune == reading.commune
                    score += (_OWN_COMMUNE if own else _OTHER_COMMUNE) * reading.likeness
                yield row, score

    def _read_name(self, compared: Comparison, reading: Reading) -> Iterator[AddressHit]:
        for row, score in self._best_entries(compared, reading.name, _NAMES_KEPT, reading):
            entry = self._gazetteer.entries[row]
            if reading.number is None:
                yield self._hit(entry, entry.kind, entry.middle, score)
                continue
            house, is_exact = find_house(entry, reading.number, reading.suffix)
            if house is None:
                yield self._hit(entry, entry.kind, entry.middle, score + _NO_HOUSES)
            elif is_exact:
                yield self._hit(entry, "address", house.position, score + _EXACT, house.label)
            else:
                asked = f"{reading.number} {reading.suffix}".strip()
                yield self._hit(entry, "near", house.position, score + _NEAREST, house.label, asked)

    def _read_crossing(self, compared: Comparison, crossing: Crossing) -> Iterator[AddressHit]:
        """The pairs that meet; of those that do not, the best few that come close."""
        ones = list(self._best_entries(compared, crossing.one, _SIDES_KEPT, crossing))
        others = list(self._best_entries(compared, crossing.other, _SIDES_KEPT, crossing))
        said = _CROSSING_SAID if crossing.said else 0.0
        apart: list[tuple[float, int, int]] = []
        for one, first in ones:
            for other, second in others:
                score = (first + second) / 2 + said
                if self._gazetteer.meet(one, other):
                    for spot in self._gazetteer.crossing_of(one, other):
                        yield self._crossing_hit(one, other, spot, score + _CROSSES)
                elif one != other and self._commune_of(one) == self._commune_of(other):
                    apart.append((score, one, other))
        for score, one, other in heapq.nlargest(_APART_KEPT, apart):
            spot, away_m = self._gazetteer.nearest_between(one, other)
            if away_m <= _NEAR_ENOUGH_M:
                yield self._crossing_hit(one, other, spot, score + _ONLY_NEAR * away_m / _NEAR_ENOUGH_M)

    def _commune_of(self, row: int) -> str | None:
        return self._gazetteer.entries[row].commune

    def _crossing_hit(self, one: int, other: int, spot: Position, score: float) -> AddressHit:
        first, second = self._gazetteer.entries[one], self._gazetteer.entries[other]
        names = " / ".join(sorted((first.name, second.name)))
        return AddressHit(
            label=names,
            kind="crossing",
            commune=first.commune,
            street=names,
            number=None,
            lon=spot[0],
            lat=spot[1],
            score=score,
        )

    def _hit(
        self,
        entry: Entry,
        kind: Kind,
        position: Position,
        score: float,
        number: str | None = None,
        asked: str | None = None,
    ) -> AddressHit:
        text = f"{number} {entry.name}" if number else entry.name
        street = entry.name if entry.kind == "street" else None
        return AddressHit(text, kind, entry.commune, street, number, *position, score, asked)

    def _nearer(self, hit: AddressHit, near: Position | None) -> AddressHit:
        if near is None:
            return hit
        spots = self._gazetteer.frame.to_metres(np.array([(hit.lon, hit.lat), near]))
        away_m = float(np.hypot(*(spots[0] - spots[1])))
        nearness = _NEARNESS / (1.0 + away_m / _NEARNESS_M)
        return AddressHit(
            hit.label, hit.kind, hit.commune, hit.street, hit.number, hit.lon, hit.lat, hit.score + nearness, hit.asked
        )


def _spread(hits: Sequence[AddressHit]) -> Iterator[AddressHit]:
    """At most two answers on one street, and the bare street only when none of its houses came before."""
    passed: Counter[tuple[str, str | None]] = Counter()
    for hit in hits:
        key = (hit.street or hit.label, hit.commune)
        if passed[key] < (1 if hit.kind == "street" else _MOST_OF_A_STREET):
            passed[key] += 1
            yield hit
