"""Streets traced along the fabric's directions, evenly spaced (Jobard and Lefer 1997; Chen et al. 2008 for streets)."""

from collections import deque
from functools import cache
from math import hypot

import numpy as np

from ondijon.kernel.arrays import Bools, Floats, Ints64
from ondijon.simulator.metropolis.curves import Curve
from ondijon.simulator.metropolis.fabric import CELL_M, STYLES, Fabric
from ondijon.simulator.metropolis.terrain import Terrain

_STEP_M = 20.0
_OCCUPANCY_M = 20.0
_RIM_M = 800.0  # beyond the fabric, so that no street's surroundings pass the edge
_NEARNESS = 0.72  # a line stops when it comes nearer than this part of the wanted gap
_SHORTEST_M = 90.0
_SHARPEST_TURN_COS = 0.6
_ROAD_SHADOW_M = 34.0
_AT_ONCE = 500  # scattered places looked at together


class _Occupancy:
    """Cells already near a street of one family."""

    def __init__(self, fabric: Fabric) -> None:
        self.corner = fabric.corner - _RIM_M
        self.west, self.south = self.corner.tolist()
        self.columns = int((fabric.columns * CELL_M + 2 * _RIM_M) / _OCCUPANCY_M)
        rows = int((fabric.rows * CELL_M + 2 * _RIM_M) / _OCCUPANCY_M)
        self.taken = bytearray(self.columns * rows)
        self._view = np.frombuffer(self.taken, dtype=np.uint8)

    def cells_of(self, points: Floats) -> Ints64:
        """The cell number of each point."""
        column, row = ((points - self.corner) / _OCCUPANCY_M).astype(np.int64).T
        cells: Ints64 = row * self.columns + column
        return cells

    def are_free(self, points: Floats) -> Bools:
        """Whether no street is near, for each point."""
        free: Bools = self._view[self.cells_of(points)] == 0
        return free

    def stamp(self, points: Floats, radius_m: float) -> None:
        """Mark the cells around the points."""
        dx, dy = _disc(radius_m)
        self._view[self.cells_of(points)[:, None] + (dy * self.columns + dx)] = 1


@cache
def _disc(radius_m: float) -> tuple[Ints64, Ints64]:
    """The cells within that distance of one, as shifts in columns and rows."""
    reach = max(int(radius_m / _OCCUPANCY_M), 1)
    span = np.arange(-reach, reach + 1)
    dx, dy = (axis.ravel() for axis in np.meshgrid(span, span))
    inside = np.hypot(dx, dy) * _OCCUPANCY_M <= radius_m
    return dx[inside], dy[inside]


class _Tracer:
    """Follows one family of directions: along (0) or across (1)."""

    def __init__(self, fabric: Fabric, across: bool, rng: np.random.Generator) -> None:
        turned = fabric.angle + (np.pi / 2 if across else 0.0)
        self._west, self._south = fabric.corner.tolist()
        self._columns = fabric.columns
        self.occupancy = _Occupancy(fabric)
        self._x, self._y = np.cos(turned).tolist(), np.sin(turned).tolist()
        self._is_built = fabric.built
        self._built = fabric.built.tolist()
        gaps = [style.cross_gap_m if across else style.long_gap_m for style in STYLES.values()]
        self.gap = np.array(gaps)[fabric.style].tolist()
        self._rng = rng
        widest = max(1.0, float(np.median(self.gap)) / 400.0)
        self._lengths = (180.0 * widest, 620.0 * widest) if across else (350.0 * widest, 1700.0 * widest)

    def cell(self, x: float, y: float) -> int:
        return int((y - self._south) / CELL_M) * self._columns + int((x - self._west) / CELL_M)

    def is_taken(self, x: float, y: float) -> bool:
        occupancy = self.occupancy
        column = int((x - occupancy.west) / _OCCUPANCY_M)
        row = int((y - occupancy.south) / _OCCUPANCY_M)
        return bool(occupancy.taken[row * occupancy.columns + column])

    def with_room(self, places: Floats) -> list[tuple[float, float]]:
        """Those of the places that are built and not near a street so far."""
        column, row = ((places - (self._west, self._south)) / CELL_M).astype(np.int64).T
        cell = row * self._columns + column
        found = places[(cell >= 0) & (cell < len(self._built)) & self._is_built[cell % len(self._built)]]
        return [(x, y) for x, y in found[self.occupancy.are_free(found)].tolist()]

    def trace(self, x: float, y: float) -> Floats | None:
        """A street through this place, or None when there is no room."""
        if self.is_taken(x, y):
            return None
        longest = float(self._rng.uniform(*self._lengths))
        forth = self._follow(x, y, 1.0, longest * float(self._rng.uniform(0.3, 0.7)))
        back = self._follow(x, y, -1.0, longest - _STEP_M * len(forth))
        points = np.array([*back[::-1], (x, y), *forth])
        return points if _STEP_M * (len(points) - 1) >= _SHORTEST_M else None

    def _follow(self, x: float, y: float, sign: float, longest_m: float) -> list[tuple[float, float]]:
        result: list[tuple[float, float]] = []
        cell = self.cell(x, y)
        dx, dy = sign * self._x[cell], sign * self._y[cell]
        start_x, start_y = x, y
        while len(result) * _STEP_M < longest_m:
            cell = self.cell(x + dx * _STEP_M / 2, y + dy * _STEP_M / 2)
            next_x, next_y = self._x[cell], self._y[cell]
            turn = next_x * dx + next_y * dy
            if turn < 0:
                next_x, next_y, turn = -next_x, -next_y, -turn
            if turn < _SHARPEST_TURN_COS:
                break
            dx, dy = next_x, next_y
            x, y = x + dx * _STEP_M, y + dy * _STEP_M
            if not self._built[self.cell(x, y)] or self.is_taken(x, y):
                break
            if len(result) > 8 and hypot(x - start_x, y - start_y) < 60.0:
                break
            result.append((x, y))
        return result


def trace_streets(fabric: Fabric, terrain: Terrain, rng: np.random.Generator) -> list[Curve]:
    """Fill the built cells with long streets, then with cross streets; then lay tracks through the country."""
    typed = [curve.points for curve in (*terrain.roads, *terrain.town_streets)]
    streets = [
        Curve(points, "residential") for across in (False, True) for points in _trace(fabric, across, typed, rng)
    ]
    country = fabric.open_country()
    tracks = [Curve(points, "path") for across in (False, True) for points in _trace(country, across, typed, rng)]
    return [*streets, *tracks]


def _trace(fabric: Fabric, across: bool, typed: list[Floats], rng: np.random.Generator) -> list[Floats]:
    """All lines of one family, starting beside the typed ones."""
    tracer = _Tracer(fabric, across, rng)
    seeds: deque[tuple[float, float]] = deque()
    for line in typed:
        inside = line[fabric.commune[fabric.cells_of(line)] >= 0]
        if len(inside) == 0:
            continue
        radius = _ROAD_SHADOW_M if across else _NEARNESS * tracer.gap[tracer.cell(*inside[len(inside) // 2])]
        tracer.occupancy.stamp(inside, radius)
        if not across:
            seeds.extend(tracer.with_room(_beside(inside, tracer)))
    return _fill(tracer, seeds, _scattered(fabric, rng))


def _scattered(fabric: Fabric, rng: np.random.Generator) -> Floats:
    """The middles of all built cells in a random order."""
    cells: Ints64 = np.nonzero(fabric.built)[0]
    return fabric.centers(rng.permutation(cells))


def _beside(line: Floats, tracer: _Tracer) -> Floats:
    """Places one gap to the left and right of a line, every few points."""
    here, ahead = line[:-1:4], line[1::4]
    step = ahead - here
    length = np.hypot(*step.T)
    length[length == 0] = 1.0
    gap = np.array([tracer.gap[tracer.cell(x, y)] for x, y in here.tolist()])
    aside = np.column_stack((-step[:, 1], step[:, 0])) / length[:, None] * gap[:, None]
    return np.stack((here + aside, here - aside), axis=1).reshape(-1, 2)


def _fill(tracer: _Tracer, seeds: deque[tuple[float, float]], scattered: Floats) -> list[Floats]:
    """Trace from each place that has room; each new street offers the places beside it."""
    result: list[Floats] = []
    for start in range(0, len(scattered), _AT_ONCE):
        for place in tracer.with_room(scattered[start : start + _AT_ONCE]):
            seeds.append(place)
            while seeds:
                x, y = seeds.popleft()
                points = tracer.trace(x, y)
                if points is None:
                    continue
                tracer.occupancy.stamp(points, _NEARNESS * tracer.gap[tracer.cell(x, y)])
                seeds.extend(tracer.with_room(_beside(points, tracer)))
                result.append(points)
    return result
