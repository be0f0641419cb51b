"""From curves to a connected street network: ends are led to the next street, crossings become nodes."""

from bisect import bisect_left, bisect_right

import numpy as np
import shapely
from msgspec import Struct
from shapely.geometry.base import BaseGeometry

from ondijon.kernel.arrays import Bools, Floats, Ints64
from ondijon.kernel.geo import Lines, join_lines, key_cells, label_components, locate_on_segments
from ondijon.simulator.metropolis.curves import Curve, lines_of
from ondijon.simulator.metropolis.fabric import CELL_M, Fabric

_REACH_M = 200.0
_OVERSHOOT_M = 1.0
_TRACK_FACTOR = 3.5  # a track through the fields goes on further to reach a road
_SHORTEST_ARC_M = 16.0
_SHORTEST_STUB_M = 38.0
_SLIVER_M = 16.0
_TWIN_M = 30.0
_TWIN_SINE = 0.45


class Arc(Struct, frozen=True):
    """A piece of one curve between two nodes."""

    points: Floats
    start: int
    end: int
    curve: int


class Network(Struct, frozen=True):
    """Arcs between nodes, in metres."""

    nodes: Floats
    arcs: list[Arc]


def lead_ends(curves: list[Curve], fabric: Fabric) -> list[Curve]:
    """Prolong each loose end straight to the next street, unless water, rails or distance forbid it."""
    result = list(curves)
    for reach in (_REACH_M * 0.4, _REACH_M * 0.7, _REACH_M):
        result = _lead_once(result, fabric, reach)
    return result


def _lead_once(curves: list[Curve], fabric: Fabric, reach_m: float) -> list[Curve]:
    lines = lines_of([curve.points for curve in curves])
    tips = np.array([tip for curve in curves for tip in (curve.points[0], curve.points[-1])])
    inner = np.array([tip for curve in curves for tip in (curve.points[1], curve.points[-2])])
    ahead = tips - inner
    ahead /= np.maximum(np.hypot(*ahead.T), 1e-9)[:, None]
    wide = np.repeat([_TRACK_FACTOR if curve.street_class == "path" else 1.0 for curve in curves], 2)
    rays = shapely.linestrings(np.stack((tips - ahead * 0.01, tips + ahead * (reach_m * wide)[:, None]), axis=1))
    ray_of, line_of = shapely.STRtree(lines).query(rays, predicate="intersects")
    other = line_of != ray_of // 2
    ray_of, line_of = ray_of[other], line_of[other]
    gap = shapely.distance(shapely.points(tips[ray_of]), shapely.intersection(rays[ray_of], lines[line_of]))
    nearest = np.full(len(tips), np.inf)
    np.minimum.at(nearest, ray_of, gap)
    found = np.isfinite(nearest) & ~_is_joined(tips, join_lines([curve.points for curve in curves]))
    found &= ~_is_barred(tips, ahead, np.where(found, nearest, 0.0), fabric)
    goals = tips + ahead * (np.where(found, nearest, 0.0) + _OVERSHOOT_M)[:, None]
    return [
        _prolonged(
            curve, goals[2 * row] if found[2 * row] else None, goals[2 * row + 1] if found[2 * row + 1] else None
        )
        for row, curve in enumerate(curves)
    ]


def _is_joined(tips: Floats, lines: Lines) -> Bools:
    """Whether each tip already lies on a curve that is not its own."""
    line_of, starts, ends = lines.segments()
    tree = shapely.STRtree(shapely.linestrings(np.stack((starts, ends), axis=1)))
    tip, segment = tree.query(shapely.points(tips), predicate="dwithin", distance=1.0)
    joined = np.zeros(len(tips), dtype=np.bool_)
    joined[tip[line_of[segment] != tip // 2]] = True
    return joined


def _is_barred(tips: Floats, ahead: Floats, length: Floats, fabric: Fabric) -> Bools:
    """Whether the way there crosses a cell where nothing may be built."""
    barred = np.zeros(len(tips), dtype=np.bool_)
    for step in np.arange(0.0, float(length.max()), CELL_M / 2):
        cells = fabric.cells_of(tips + ahead * np.minimum(step, length)[:, None])
        barred |= ~fabric.free[cells]
    return barred


def _prolonged(curve: Curve, before: Floats | None, after: Floats | None) -> Curve:
    points = curve.points
    if before is not None:
        points = np.vstack((before, points))
    if after is not None:
        points = np.vstack((points, after))
    return Curve(points, curve.street_class, curve.name, curve.typed)


def build_network(curves: list[Curve], areas: list[BaseGeometry]) -> Network:
    """Cut all curves where they cross each other or a border, join near crossings, drop stubs and islands."""
    arcs = _within(_cut(curves, areas), areas)
    arcs = _numbered(arcs)
    arcs = _joined(arcs, curves)
    arcs = _without_twins(arcs, curves)
    for _ in range(2):
        arcs = _pruned(arcs, curves)
    return _largest_part(arcs)


def _cut(curves: list[Curve], borders: list[BaseGeometry]) -> list[Arc]:
    points = [curve.points for curve in curves]
    lines, joined = lines_of(points), join_lines(points)
    everything = np.concatenate((lines, shapely.get_parts(shapely.boundary(borders))))
    first, second = shapely.STRtree(everything).query(lines, predicate="intersects")
    pair = first != second
    first, second = first[pair], second[pair]
    met, owner = shapely.get_coordinates(shapely.intersection(lines[first], everything[second]), return_index=True)
    along = shapely.line_locate_point(lines[first[owner]], shapely.points(met))
    order = np.lexsort((along, first[owner]))
    line_of, along, met = first[owner][order], along[order], met[order]
    bounds = np.searchsorted(line_of, np.arange(len(curves) + 1))
    result: list[Arc] = []
    for row, curve in enumerate(curves):
        part = slice(int(bounds[row]), int(bounds[row + 1]))
        length = joined.along_m[joined.first[row] : joined.first[row + 1]].tolist()
        result.extend(Arc(points, -1, -1, row) for points in _pieces(curve.points, length, along[part], met[part]))
    return result


def _within(arcs: list[Arc], areas: list[BaseGeometry]) -> list[Arc]:
    """The arcs whose middle lies in the metropolis."""
    whole = shapely.union_all(areas)
    shapely.prepare(whole)
    inside = shapely.contains_xy(whole, middles_of(arcs))
    return [arc for arc, kept in zip(arcs, inside.tolist(), strict=True) if kept]


def middles_of(arcs: list[Arc]) -> Floats:
    """The place between the two points in the middle of each arc's list of points."""
    lines = join_lines([arc.points for arc in arcs])
    half = lines.first[:-1] + np.diff(lines.first) // 2
    middles: Floats = (lines.points[half - 1] + lines.points[half]) / 2
    return middles


def lengths_of(arcs: list[Arc]) -> Floats:
    """The length of each arc in metres."""
    return join_lines([arc.points for arc in arcs]).lengths()


def _pieces(line: Floats, length: list[float], along: Floats, met: Floats) -> list[Floats]:
    """The line cut at these places; `length` is how far each of its points is along it."""
    result: list[Floats] = []
    last_at, last_point = 0.0, line[:1]
    for row, at in enumerate([*along.tolist(), length[-1]]):
        if at - last_at < 0.05:
            continue
        point = met[row : row + 1] if row < len(met) else line[-1:]
        between = line[bisect_right(length, last_at + 0.01) : bisect_left(length, at - 0.01)]
        result.append(np.concatenate((last_point, between, point)))
        last_at, last_point = at, point
    return result


def _numbered(arcs: list[Arc]) -> list[Arc]:
    """Give equal ends equal numbers (crossings computed twice differ by less than a centimetre)."""
    ends = np.array([end for arc in arcs for end in (arc.points[0], arc.points[-1])])
    number = np.unique(key_cells(np.round(ends * 10).astype(np.int64)), return_inverse=True)[1].tolist()
    return [Arc(arc.points, number[2 * row], number[2 * row + 1], arc.curve) for row, arc in enumerate(arcs)]


def _degrees(arcs: list[Arc]) -> Ints64:
    return np.bincount(np.array([(arc.start, arc.end) for arc in arcs]).ravel())


def _joined(arcs: list[Arc], curves: list[Curve]) -> list[Arc]:
    """Shrink arcs too short to be streets to one node, at the place of the strongest street there."""
    degrees = _degrees(arcs)
    lengths = lengths_of(arcs).tolist()
    short = [
        arc
        for arc, length in zip(arcs, lengths, strict=True)
        if length < _SHORTEST_ARC_M and degrees[arc.start] > 1 and degrees[arc.end] > 1
    ]
    labels = label_components(
        len(degrees),
        np.array([arc.start for arc in short], dtype=np.int64),
        np.array([arc.end for arc in short], dtype=np.int64),
    )
    place: dict[int, Floats] = {}
    for typed in (False, True):
        for arc in arcs:
            if curves[arc.curve].typed == typed:
                place[int(labels[arc.start])] = arc.points[0]
                place[int(labels[arc.end])] = arc.points[-1]
    result: list[Arc] = []
    for arc, length in zip(arcs, lengths, strict=True):
        start, end = int(labels[arc.start]), int(labels[arc.end])
        if start == end and length < 4 * _SHORTEST_ARC_M:
            continue
        points = arc.points.copy()
        points[0], points[-1] = place[start], place[end]
        result.append(Arc(points, start, end, arc.curve))
    return result


def _pruned(arcs: list[Arc], curves: list[Curve]) -> list[Arc]:
    """Drop short dead ends, and the weaker of two arcs that run side by side between the same nodes."""
    degrees = _degrees(arcs)
    seen: dict[tuple[int, int], list[Floats]] = {}
    kept: list[Arc] = []
    ranked = sorted(arcs, key=lambda arc: not curves[arc.curve].typed)
    for arc, length in zip(ranked, lengths_of(ranked).tolist(), strict=True):
        loose = degrees[arc.start] == 1 or degrees[arc.end] == 1
        if loose and length < _SHORTEST_STUB_M:
            continue
        ends = (min(arc.start, arc.end), max(arc.start, arc.end))
        middle = arc.points.mean(axis=0)
        if any(np.hypot(*(middle - other)) < _SLIVER_M for other in seen.get(ends, [])):
            continue
        seen.setdefault(ends, []).append(middle)
        kept.append(arc)
    return kept


def _without_twins(arcs: list[Arc], curves: list[Curve]) -> list[Arc]:
    """Drop arcs whose middle runs beside another street in the same direction."""
    lines = join_lines([arc.points for arc in arcs])
    arc_of, starts, ends = lines.segments()
    step = ends - starts
    angle = np.arctan2(step[:, 1], step[:, 0])
    lengths = lines.lengths()
    rows = np.arange(len(arcs))
    middle_segment = lines.segments_at(rows, lengths / 2) - rows
    middles = (starts[middle_segment] + ends[middle_segment]) / 2
    tree = shapely.STRtree(shapely.linestrings(np.stack((starts, ends), axis=1)))
    row, segment = tree.query(shapely.points(middles), predicate="dwithin", distance=_TWIN_M)
    other = arc_of[segment]
    apart = np.abs(np.sin(angle[segment] - angle[middle_segment[row]]))
    typed = np.array([curves[arc.curve].typed for arc in arcs])
    rank = lengths + 1e6 * typed
    fraction, gap = locate_on_segments(middles[row], starts[segment], ends[segment])
    aside = starts[segment] + step[segment] * fraction[:, None] - middles[row]
    forward = np.abs(np.einsum("ij,ij->i", aside, step[middle_segment[row]]))
    beside = forward < 0.5 * gap * np.hypot(*step[middle_segment[row]].T)
    weaker = (other != row) & ~typed[row] & beside & (apart < _TWIN_SINE) & (rank[row] < rank[other])
    dropped = set(row[weaker].tolist())
    return [arc for number, arc in enumerate(arcs) if number not in dropped]


def _largest_part(arcs: list[Arc]) -> Network:
    starts = np.array([arc.start for arc in arcs], dtype=np.int64)
    ends = np.array([arc.end for arc in arcs], dtype=np.int64)
    labels = label_components(int(max(starts.max(), ends.max())) + 1, starts, ends)
    largest = np.bincount(labels[starts]).argmax()
    kept = [arc for arc in arcs if labels[arc.start] == largest]
    used, number = np.unique([(arc.start, arc.end) for arc in kept], return_inverse=True)
    number = number.reshape(-1, 2)
    nodes = np.zeros((len(used), 2), dtype=np.float64)
    result: list[Arc] = []
    for arc, (start, end) in zip(kept, number.tolist(), strict=True):
        nodes[start], nodes[end] = arc.points[0], arc.points[-1]
        result.append(Arc(arc.points, start, end, arc.curve))
    return Network(nodes, result)
