"""Arcs become streets: each gets a commune, a class, a direction and, with its neighbours on the same curve, a name."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import shapely
from msgspec import Struct
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.errors import Refused
from ondijon.kernel.inventory import StreetClass
from ondijon.simulator.metropolis.curves import Curve
from ondijon.simulator.metropolis.network import Arc, Network, lengths_of, middles_of
from ondijon.simulator.metropolis.plan import CityPlan, StreetNames

_WALKING_M = 290.0
_DENSE_M = 2100.0
_AVENUE_M = 1000.0
_DEAD_END_M = 240.0
_ONE_WAY_SHARE = {"town": 0.6, "dense": 0.3, "else": 0.04}


class NamedArc(Struct, frozen=True):
    """One arc of a named street; arcs of one street share `street`, in order."""

    points: Floats
    length_m: float
    start: int
    end: int
    street_id: str
    street: int
    name: str
    commune: int
    street_class: StreetClass
    one_way: bool


class _Piece(Struct, frozen=True):
    """The arcs of one curve in one commune, in order: a street to be named."""

    arcs: list[Arc]
    lengths_m: list[float]
    curve: Curve
    commune: int
    length_m: float
    dead_end: bool
    in_town: bool
    from_heart_m: float


def name_streets(
    plan: CityPlan,
    network: Network,
    curves: list[Curve],
    areas: list[BaseGeometry],
    town: Polygon,
    rng: np.random.Generator,
) -> list[NamedArc]:
    """All arcs, street by street, commune by commune."""
    pieces = _pieces(plan, network, curves, areas, town)
    namers = [_Namer(plan.names, rng) for _ in plan.communes]
    for piece in pieces:
        namers[piece.commune].reserve(piece.curve.name)
    result: list[NamedArc] = []
    numbers: dict[tuple[int, str], int] = {}
    counts = [0] * len(plan.communes)
    for piece in pieces:
        street_class = _class_of(piece)
        name = piece.curve.name or namers[piece.commune].take(piece, street_class)
        street = numbers.setdefault((piece.commune, name), len(numbers))
        one_way = _is_one_way(piece, street_class, rng)
        backwards = one_way and rng.random() < 0.5
        for arc, length_m in list(zip(piece.arcs, piece.lengths_m, strict=True))[:: -1 if backwards else 1]:
            counts[piece.commune] += 1
            result.append(
                NamedArc(
                    points=arc.points[::-1] if backwards else arc.points,
                    length_m=length_m,
                    start=arc.end if backwards else arc.start,
                    end=arc.start if backwards else arc.end,
                    street_id=f"{plan.communes[piece.commune].insee}-{counts[piece.commune]:05d}",
                    street=street,
                    name=name,
                    commune=piece.commune,
                    street_class=street_class,
                    one_way=one_way,
                )
            )
    return result


def rank_in_turn(owner: Ints64) -> Ints64:
    """The place of each among those of its owner, from 0; owners (from 0) come one after the other."""
    counts = np.bincount(owner)
    ranks: Ints64 = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    return ranks


def passed_before(arcs: list[NamedArc], counts: Ints64) -> Ints64:
    """What a street has had of something before each arc, when each arc has so many of it."""
    street = np.array([arc.street for arc in arcs], dtype=np.int64)
    order = np.argsort(street, kind="stable")
    run = np.cumsum(counts[order]) - counts[order]
    _, first, size = np.unique(street[order], return_index=True, return_counts=True)
    result = np.empty_like(counts)
    result[order] = run - np.repeat(run[first], size)
    return result


def communes_of(points: Floats, areas: list[BaseGeometry]) -> Ints64:
    """The area that each point lies in; the nearest one when it lies in none."""
    tree = shapely.STRtree(areas)
    spots = shapely.points(points)
    result = np.full(len(points), -1, dtype=np.int64)
    spot, area = tree.query(spots, predicate="intersects")
    result[spot[::-1]] = area[::-1]
    outside = result < 0
    result[outside] = tree.nearest(spots[outside])
    return result


def _pieces(
    plan: CityPlan, network: Network, curves: list[Curve], areas: list[BaseGeometry], town: Polygon
) -> list[_Piece]:
    middles = middles_of(network.arcs)
    lengths = lengths_of(network.arcs).tolist()
    commune = communes_of(middles, areas).tolist()
    in_town = shapely.contains_xy(town.buffer(-5.0), middles).tolist()
    heart = plan.metres([plan.skeleton.old_town.heart])[0]
    degrees = np.bincount(np.array([(arc.start, arc.end) for arc in network.arcs]).ravel())
    found: dict[tuple[int, int], list[int]] = {}
    for row, arc in enumerate(network.arcs):
        found.setdefault((commune[row], arc.curve), []).append(row)
    result: list[_Piece] = []
    for (commune_row, curve), rows in sorted(found.items()):
        arcs = [network.arcs[row] for row in rows]
        result.append(
            _Piece(
                arcs=arcs,
                curve=curves[curve],
                commune=commune_row,
                lengths_m=[lengths[row] for row in rows],
                length_m=sum(lengths[row] for row in rows),
                dead_end=bool(min(degrees[arcs[0].start], degrees[arcs[-1].end]) == 1),
                in_town=in_town[rows[len(rows) // 2]],
                from_heart_m=float(np.hypot(*(middles[rows].mean(axis=0) - heart))),
            )
        )
    return result


def _class_of(piece: _Piece) -> StreetClass:
    if piece.curve.typed or piece.curve.street_class == "path":
        return piece.curve.street_class
    if piece.in_town and piece.from_heart_m < _WALKING_M:
        return "pedestrian"
    if piece.length_m > _AVENUE_M:
        return "tertiary"
    return piece.curve.street_class


def _is_one_way(piece: _Piece, street_class: StreetClass, rng: np.random.Generator) -> bool:
    if street_class not in ("residential", "tertiary") or piece.dead_end or piece.curve.typed:
        return False
    place = "town" if piece.in_town else "dense" if piece.from_heart_m < _DENSE_M else "else"
    return bool(rng.random() < _ONE_WAY_SHARE[place])


class _Namer:
    """Gives each street of one commune a name that no other has there."""

    def __init__(self, words: StreetNames, rng: np.random.Generator) -> None:
        self._words = words
        self._rng = rng
        self._used: set[str] = set()
        self._fresh = self._shuffled(words.specifics)
        self._fields = self._shuffled(words.field_specifics)
        self._old: Iterator[str] = iter([words.old_town[row] for row in rng.permutation(len(words.old_town))])

    def _shuffled(self, words: list[str]) -> Iterator[str]:
        while True:
            yield from (words[row] for row in self._rng.permutation(len(words)))

    def reserve(self, name: str) -> None:
        """Keep a typed name from being given again."""
        self._used.add(name)

    def take(self, piece: _Piece, street_class: StreetClass) -> str:
        """A name that fits the street."""
        old = next(self._old, None) if piece.in_town else None
        if old is not None and old not in self._used:
            self._used.add(old)
            return old
        short = piece.dead_end and piece.length_m < _DEAD_END_M
        kinds = self._words.dead_end_kinds if short else self._words.kinds_by_class[street_class]
        names = self._fields if street_class == "path" else self._fresh
        for specific in islice(names, 6 * len(self._words.specifics)):
            name = f"{kinds[int(self._rng.integers(len(kinds)))]} {specific}"
            if name not in self._used:
                self._used.add(name)
                return name
        raise Refused("error.bad_city_plan", folder="street_names.toml", reason="too few names")
