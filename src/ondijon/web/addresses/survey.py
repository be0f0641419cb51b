"""Builds the gazetteer from a city's arcs, house numbers and places."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.geo import LocalMetres, line_lengths, place_along
from ondijon.kernel.inventory import Position
from ondijon.web.addresses.gazetteer import Entry, Gazetteer, House, read_number
from ondijon.web.addresses.words import fold

_CELL_M = 1.0  # vertices of two arcs closer than about this are one point
_STEP_M = 15.0
_UNNAMED = frozenset(("voie non denommee", "non denommee", ""))


class SourceArc(Struct, frozen=True):
    """One arc of a street as the rows hold it."""

    street_id: str
    name: str
    commune: str
    line: list[Position]


class SourceAddress(Struct, frozen=True):
    """One house number; `name` is its street's own where that street has no arc."""

    street_id: str
    number: str
    lon: float
    lat: float
    name: str | None = None


class SourcePlace(Struct, frozen=True):
    """A place that is no street."""

    name: str
    commune: str | None
    lon: float
    lat: float


_Key = tuple[str, str]


class _Points(Struct, frozen=True):
    """The points of all streets, street by street."""

    at: Floats
    owner: Ints64
    is_vertex: Ints64
    starts: list[int]


def build_gazetteer(
    center: Position, arcs: Sequence[SourceArc], addresses: Sequence[SourceAddress], places: Sequence[SourcePlace]
) -> Gazetteer:
    """The gazetteer of a city; takes a second or two for a metropolis, so not on the event loop."""
    frame = LocalMetres(*center)
    rows: dict[_Key, int] = {}
    lines: list[list[Floats]] = []
    for arc in arcs:
        if fold(arc.name) not in _UNNAMED:
            row = rows.setdefault((arc.name, arc.commune), len(rows))
            lines.extend([] for _ in range(row + 1 - len(lines)))
            lines[row].append(frame.to_metres(np.array(arc.line)))
    houses = _assign(arcs, addresses, rows)
    lines.extend([] for _ in range(len(rows) - len(lines)))
    points = _lay_points(lines)
    entries = [_street(frame, key, row, points, houses.get(row, {})) for key, row in rows.items()]
    house_of = [(row, house) for row, own in houses.items() for house in own.values()]
    return Gazetteer(
        frame=frame,
        entries=[*entries, *(_place(place) for place in places)],
        points=points.at,
        entry_of_point=points.owner,
        house_at=frame.to_metres(np.array([house.position for _, house in house_of]).reshape(-1, 2)),
        house_of=house_of,
        crossings=_find_crossings(points),
    )


_Houses = dict[tuple[int, str], House]


def _assign(arcs: Sequence[SourceArc], addresses: Sequence[SourceAddress], rows: dict[_Key, int]) -> dict[int, _Houses]:
    """House numbers by street; a street known by its numbers only gets a row of its own."""
    key_of = {arc.street_id: (arc.name, arc.commune) for arc in arcs}
    houses: dict[int, _Houses] = {}
    for one in addresses:
        name, commune = key_of[one.street_id]
        name = one.name or name
        number = read_number(one.number)
        if number is not None and fold(name) not in _UNNAMED:
            row = rows.setdefault((name, commune), len(rows))
            houses.setdefault(row, {}).setdefault(number, House(one.number, (one.lon, one.lat)))
    return houses


def _lay_points(lines: list[list[Floats]]) -> _Points:
    """Each line's vertices, and points between them every _STEP_M."""
    parts: list[Floats] = [np.zeros((0, 2))]
    vertices: list[Ints64] = []
    owners: list[int] = []
    counts: list[int] = []
    for row, own in enumerate(lines):
        for line in own:
            between = np.arange(_STEP_M, line_lengths(line)[-1], _STEP_M)
            parts += [line, place_along(line, between)[0]] if len(between) else [line]
            vertices.append(np.repeat([1, 0], [len(line), len(between)]))
            owners.append(row)
            counts.append(len(line) + len(between))
    owner = np.repeat(np.array(owners, np.int64), counts)
    starts: list[int] = np.searchsorted(owner, np.arange(len(lines) + 1)).tolist()
    is_vertex = np.concatenate(vertices) if vertices else np.zeros(0, np.int64)
    return _Points(np.vstack(parts), owner, is_vertex, starts)


def _street(frame: LocalMetres, key: _Key, row: int, points: _Points, houses: _Houses) -> Entry:
    name, commune = key
    start, end = points.starts[row], points.starts[row + 1]
    at = points.at[start:end] if end > start else frame.to_metres(np.array([own.position for own in houses.values()]))
    middle = at[int(np.argmin(np.square(at - np.median(at, axis=0)).sum(axis=1)))]
    lon, lat = frame.to_degrees(middle[None, :])[0].tolist()
    numbers = np.array(sorted({number for number, _ in houses}), np.int64)
    return Entry("street", name, commune, (round(lon, 6), round(lat, 6)), start, end, houses, numbers)


def _place(place: SourcePlace) -> Entry:
    return Entry("place", place.name, place.commune, (place.lon, place.lat), 0, 0, {}, np.zeros(0, np.int64))


def _find_crossings(points: _Points) -> dict[tuple[int, int], list[int]]:
    """For each pair of streets with vertices in one spot, one point of each such spot."""
    rows = np.nonzero(points.is_vertex)[0]
    cells = np.round(points.at[rows] / _CELL_M).astype(np.int64)
    order = np.lexsort((cells[:, 1], cells[:, 0]))
    moved = np.any(np.diff(cells[order], axis=0) != 0, axis=1)
    result: dict[tuple[int, int], list[int]] = {}
    for spot in np.split(rows[order], np.nonzero(moved)[0] + 1):
        owners = np.unique(points.owner[spot]).tolist() if len(spot) > 1 else []
        for place, one in enumerate(owners):
            for other in owners[place + 1 :]:
                result.setdefault((one, other), []).append(int(spot[0]))
    return result
