"""Commune areas: a power diagram around the real centres, brought to the real areas, with organic borders."""

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.errors import Refused
from ondijon.kernel.inventory import Commune
from ondijon.simulator.metropolis.noise import Warp
from ondijon.simulator.metropolis.plan import CityPlan

_ROUNDS = 40
_STEP_M = 70.0
_FAR_M = 40_000.0


def draw_communes(plan: CityPlan, rng: np.random.Generator) -> list[BaseGeometry]:
    """One area (in metres) per commune of the plan, in its order; together they fill one outline."""
    centers = plan.metres([fact.center for fact in plan.communes])
    areas = np.array([fact.area_km2 for fact in plan.communes]) * 1e6
    owner, seeds = _seeds(plan, centers)
    outline = _outline(centers, areas)
    cells = _balanced_cells(seeds, owner, areas, outline)
    warp = Warp(rng, 3000.0, 240.0, 6)
    return [_organic(cell, warp) for cell in cells]


def take_communes(plan: CityPlan, boundaries: Sequence[Commune]) -> list[BaseGeometry]:
    """The real area (in metres) of each commune of the plan, in its order; raises Refused when one is missing."""
    known = {commune.insee: commune for commune in boundaries}
    areas: list[BaseGeometry] = []
    for fact in plan.communes:
        if fact.insee not in known:
            raise Refused("error.bad_city_plan", folder=plan.key, reason=f"no border of {fact.insee} {fact.name}")
        polygons = [
            Polygon(plan.metres(outer), [plan.metres(hole) for hole in holes])
            for outer, *holes in known[fact.insee].boundary
        ]
        areas.append(shapely.union_all(polygons))
    return areas


def _seeds(plan: CityPlan, centers: Floats) -> tuple[Ints64, Floats]:
    """The centre of each commune, then the lobes of those that stretch; with the commune each belongs to."""
    row_of = {fact.insee: row for row, fact in enumerate(plan.communes)}
    lobes = plan.skeleton.lobes
    owner = np.array([*range(len(centers)), *(row_of[lobe.commune] for lobe in lobes)], dtype=np.int64)
    return owner, np.concatenate((centers, plan.metres([lobe.at for lobe in lobes])))


def _outline(centers: Floats, areas: Floats) -> BaseGeometry:
    """A smooth hull of discs about as large as the communes, brought to their total area."""
    discs = shapely.buffer(shapely.points(centers), np.sqrt(areas / np.pi) * 1.06)
    shape = shapely.union_all(discs).buffer(4500).buffer(-4500)
    factor = float(np.sqrt(areas.sum() / shape.area))
    middle = np.array(shape.centroid.coords[0])
    return Polygon((np.array(shape.exterior.coords) - middle) * factor + middle)


def _balanced_cells(seeds: Floats, owner: Ints64, areas: Floats, outline: BaseGeometry) -> list[BaseGeometry]:
    """Cells of the power diagram whose weights are moved until the areas fit; each keeps its own centre."""
    weights = areas / np.pi / np.bincount(owner)
    gaps = np.square(seeds[:, None] - seeds[None]).sum(axis=2)
    gaps[owner[:, None] == owner[None]] = np.inf
    cells: list[BaseGeometry] = []
    for _ in range(_ROUNDS):
        parts = [_cell(index, seeds, weights[owner]) for index in range(len(seeds))]
        cells = [
            _together([parts[part] for part in np.nonzero(owner == row)[0]]).intersection(outline)
            for row in range(len(areas))
        ]
        lack = areas - shapely.area(cells)
        weights = weights + 0.6 * lack * 1500.0 / np.maximum(shapely.length(cells), 2000.0)
        weights = _keep_centres(weights, gaps, owner)
    return _in_one_piece(cells)


def _together(parts: list[Polygon]) -> BaseGeometry:
    """One shape of adjoining parts; half a metre of overlap makes sure that they meet."""
    if len(parts) == 1:
        return parts[0]
    return shapely.union_all(shapely.buffer(parts, 0.5, join_style="mitre"))


def _in_one_piece(cells: list[BaseGeometry]) -> list[BaseGeometry]:
    """Give what is cut off from its commune to the neighbour with the longest common border."""
    pieces = [sorted(shapely.get_parts(cell), key=lambda part: -float(part.area)) for cell in cells]
    result = [parts[0] for parts in pieces]
    for row, parts in enumerate(pieces):
        for part in parts[1:]:
            shared = shapely.length(shapely.intersection(shapely.boundary(result), part.buffer(1.0)))
            shared[row] = 0.0
            taker = int(np.argmax(shared))
            result[taker] = _together([result[taker], part])
    return result


def _keep_centres(weights: Floats, gaps: Floats, owner: Ints64) -> Floats:
    """Limit weights so that no seed falls into a neighbour's cell."""
    for _ in range(3):
        limit = (weights[owner][None, :] + 0.7 * gaps).min(axis=1)
        lowest = np.full(len(weights), np.inf)
        np.minimum.at(lowest, owner, limit)
        weights = np.minimum(weights, lowest)
    return weights


def _cell(index: int, centers: Floats, weights: Floats) -> Polygon:
    """The points nearer to this centre than to any other, by power distance: half-planes clipped one by one."""
    own = centers[index]
    x, y = own.tolist()
    ring = [(x - _FAR_M, y - _FAR_M), (x + _FAR_M, y - _FAR_M), (x + _FAR_M, y + _FAR_M), (x - _FAR_M, y + _FAR_M)]
    normals = centers - own
    squares = np.square(centers).sum(axis=1)
    limits = (squares - squares[index] + weights[index] - weights) / 2
    nearest = np.argsort(np.square(normals).sum(axis=1), kind="stable")[1:]
    for (east, north), limit in zip(normals[nearest].tolist(), limits[nearest].tolist(), strict=True):
        ring = _clip(ring, [x * east + y * north - limit for x, y in ring])
        if len(ring) < 3:
            return Polygon()
    return Polygon(ring)


def _clip(ring: list[tuple[float, float]], excess: list[float]) -> list[tuple[float, float]]:
    """The part of a convex ring where `excess` is not positive."""
    if max(excess) <= 0:
        return ring
    kept: list[tuple[float, float]] = []
    for here, (x, y) in enumerate(ring):
        after = (here + 1) % len(ring)
        if excess[here] <= 0:
            kept.append((x, y))
        if (excess[here] <= 0) != (excess[after] <= 0):
            part = excess[here] / (excess[here] - excess[after])
            kept.append((x + (ring[after][0] - x) * part, y + (ring[after][1] - y) * part))
    return kept


def _organic(cell: BaseGeometry, warp: Warp) -> BaseGeometry:
    """The same cell with its borders bent; shared borders bend alike because the plane itself is bent."""
    dense = shapely.segmentize(cell, _STEP_M)
    parts = shapely.get_parts(shapely.transform(dense, warp.moved).buffer(0))
    return parts[int(np.argmax(shapely.area(parts)))]
