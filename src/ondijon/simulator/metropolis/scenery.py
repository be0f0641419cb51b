"""The background of the map: water, woods, built-up areas, trams along the streets, and rails."""

import heapq

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ondijon.kernel.arrays import Floats
from ondijon.kernel.inventory import Landscape, LandscapeKind, Position, Ring
from ondijon.simulator.metropolis.plan import CityPlan, Tram
from ondijon.simulator.metropolis.streets import NamedArc
from ondijon.simulator.metropolis.terrain import NamedShape, Terrain

_PLOT_M = 62.0
_HORIZON_M = 1500.0
_TRAM_COST = {"primary": 0.6, "secondary": 0.6, "tertiary": 0.8, "residential": 1.0, "pedestrian": 0.9}


def draw_scenery(
    plan: CityPlan,
    areas: list[BaseGeometry],
    terrain: Terrain,
    groves: list[NamedShape],
    arcs: list[NamedArc],
    lit: list[bool],
) -> list[Landscape]:
    """Every landscape shape, cut at some distance outside the metropolis."""
    horizon = shapely.union_all(areas).buffer(_HORIZON_M, quad_segs=4)
    lived = [shapely.linestrings(arc.points) for arc, on in zip(arcs, lit, strict=True) if on]
    plots = shapely.union_all(shapely.buffer(shapely.simplify(lived, 8.0), _PLOT_M, quad_segs=1))
    built = shapely.simplify(plots.buffer(110.0, quad_segs=2).buffer(-135.0, quad_segs=2), 7.0)
    water = shapely.union_all([item.shape for item in (*terrain.rivers, *terrain.lakes)])
    areas_of: list[tuple[LandscapeKind, list[NamedShape]]] = [
        ("built", [NamedShape("", built.difference(water))]),
        ("wood", [*terrain.woods, NamedShape("", shapely.union_all([grove.shape for grove in groves]))]),
        ("river", terrain.rivers),
        ("water", terrain.lakes),
    ]
    result = [
        Landscape(kind, item.name, polygons=rings_of(plan, item.shape.intersection(horizon)))
        for kind, items in areas_of
        for item in items
    ]
    rails = [
        Landscape("rail", item.name, lines=_lines_of(plan, item.shape.intersection(horizon))) for item in terrain.rails
    ]
    trams = [
        Landscape("tram", tram.name, lines=[_degrees(plan, _tram_line(plan, tram, arcs))])
        for tram in plan.skeleton.trams
    ]
    return [*result, *rails, *trams]


def rings_of(plan: CityPlan, shape: BaseGeometry) -> list[list[Ring]]:
    """The polygons of a shape as rings of degrees, outer ring first."""
    return [
        [_degrees(plan, np.array(ring.coords)) for ring in (polygon.exterior, *polygon.interiors)]
        for polygon in shapely.get_parts(shape)
        if polygon.geom_type == "Polygon"
    ]


def _lines_of(plan: CityPlan, shape: BaseGeometry) -> list[list[Position]]:
    return [_degrees(plan, np.array(line.coords)) for line in shapely.get_parts(shape)]


def _degrees(plan: CityPlan, points: Floats) -> list[Position]:
    rounded = np.round(plan.frame.to_degrees(points), 6).tolist()
    return [(lon, lat) for lon, lat in rounded]


def _tram_line(plan: CityPlan, tram: Tram, arcs: list[NamedArc]) -> Floats:
    """The cheapest way along the streets from stop to stop."""
    ways: dict[int, list[tuple[int, float, Floats]]] = {}
    place: dict[int, Floats] = {}
    for arc in arcs:
        if arc.street_class not in _TRAM_COST:
            continue
        cost = arc.length_m * _TRAM_COST[arc.street_class]
        ways.setdefault(arc.start, []).append((arc.end, cost, arc.points))
        ways.setdefault(arc.end, []).append((arc.start, cost, arc.points[::-1]))
        place[arc.start], place[arc.end] = arc.points[0], arc.points[-1]
    numbers = np.array(list(place))
    spots = np.array(list(place.values()))
    stops = [int(numbers[np.argmin(np.hypot(*(spots - stop).T))]) for stop in plan.metres(tram.stops)]
    pieces = [piece for start, end in zip(stops, stops[1:], strict=False) for piece in _cheapest(ways, start, end)]
    return np.vstack(pieces)


def _cheapest(ways: dict[int, list[tuple[int, float, Floats]]], start: int, end: int) -> list[Floats]:
    """The arcs from one node to another, in order (Dijkstra)."""
    came: dict[int, tuple[int, Floats]] = {}
    best = {start: 0.0}
    queue = [(0.0, start)]
    while queue:
        cost, node = heapq.heappop(queue)
        if node == end:
            break
        if cost > best[node]:
            continue
        for other, step, points in ways[node]:
            if cost + step < best.get(other, np.inf):
                best[other] = cost + step
                came[other] = (node, points)
                heapq.heappush(queue, (cost + step, other))
    result: list[Floats] = []
    while end != start:
        end, points = came[end]
        result.append(points)
    return result[::-1]
