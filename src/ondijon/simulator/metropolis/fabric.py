"""The fabric of the city as a raster: where and how it is built, along which directions, in which commune."""

from typing import NamedTuple

import numpy as np
import shapely
from msgspec import Struct
from shapely.geometry.base import BaseGeometry

from ondijon.kernel.arrays import Bools, Floats, Ints64
from ondijon.kernel.geo import key_cells, locate_on_segments
from ondijon.simulator.metropolis.noise import Noise
from ondijon.simulator.metropolis.plan import CityPlan
from ondijon.simulator.metropolis.terrain import Terrain

CELL_M = 40.0
_MARGIN_M = 400.0
_BLOCK_M = 2 * CELL_M  # the nearest road is looked up once for cells this close together
_FIELD_MARGIN_M = 200.0


class Style(NamedTuple):
    """A way of building: distance between long streets and between cross streets, and how much they wander."""

    long_gap_m: float
    cross_gap_m: float
    wander_deg: float


STYLES = {
    "medieval": Style(54.0, 76.0, 26.0),
    "faubourg": Style(90.0, 162.0, 16.0),
    "grid": Style(100.0, 220.0, 5.0),
    "curved": Style(95.0, 215.0, 60.0),
    "towers": Style(165.0, 280.0, 18.0),
    "industrial": Style(250.0, 390.0, 6.0),
    "campus": Style(250.0, 340.0, 25.0),
    "village": Style(105.0, 190.0, 45.0),
    "fields": Style(680.0, 950.0, 45.0),
}
_STYLE_KEYS = list(STYLES)
_SUBURB = {"curved": 0.5, "grid": 0.28, "towers": 0.22}


class Fabric(Struct, frozen=True):
    """Arrays by raster cell, row-major from the south-west `corner`."""

    corner: Floats
    columns: int
    rows: int
    commune: Ints64
    built: Bools
    free: Bools
    angle: Floats
    style: Ints64

    def open_country(self) -> "Fabric":
        """The same raster for the tracks between fields, far enough from houses."""
        near = self.built.reshape(self.rows, self.columns)
        reach = int(_FIELD_MARGIN_M / CELL_M)
        for axis in (0, 1):
            near = np.any([np.roll(near, shift, axis) for shift in range(-reach, reach + 1)], axis=0)
        fields = self.free & ~near.ravel() & (self.commune >= 0)
        style = np.full(len(self.style), _STYLE_KEYS.index("fields"))
        return Fabric(self.corner, self.columns, self.rows, self.commune, fields, self.free, self.angle, style)

    def cells_of(self, points: Floats) -> Ints64:
        """The cell number of each point."""
        column, row = np.floor((points - self.corner) / CELL_M).astype(np.int64).T
        cells: Ints64 = np.clip(row, 0, self.rows - 1) * self.columns + np.clip(column, 0, self.columns - 1)
        return cells

    def centers(self, cells: Ints64) -> Floats:
        """The middle of each cell."""
        offsets = np.column_stack((cells % self.columns, cells // self.columns)) + 0.5
        middles: Floats = offsets * CELL_M + self.corner
        return middles


class _Ground(Struct, frozen=True):
    """The cells inside the metropolis, with what is measured at each."""

    points: Floats
    commune: Ints64
    free: Bools
    road_gap_m: Floats
    road_angle: Floats


def weave_fabric(plan: CityPlan, areas: list[BaseGeometry], terrain: Terrain, rng: np.random.Generator) -> Fabric:
    """Decide for every cell whether and how it is built."""
    bounds = shapely.total_bounds(areas)
    corner = bounds[:2] - _MARGIN_M
    columns, rows = (np.ceil((bounds[2:] - corner + _MARGIN_M) / CELL_M)).astype(int).tolist()
    middles = np.column_stack([axis.ravel() for axis in np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)])
    points = middles * CELL_M + corner
    commune = _communes_at(points, areas)
    inside = np.nonzero(commune >= 0)[0]
    free = np.zeros(len(points), dtype=np.bool_)
    free[inside] = ~_contains(terrain.barrier, points[inside])
    gap, road_angle = _nearest_roads(points[inside], terrain)
    ground = _Ground(points[inside], commune[inside], free[inside], gap, road_angle)
    built, forced = _built_cells(plan, ground, rng)
    town = _contains(terrain.old_town, ground.points)
    built |= town & ground.free
    forced[town] = _STYLE_KEYS.index("medieval")
    style, angle = _styles(plan, ground, built, forced, rng)
    total = len(points)
    return Fabric(
        corner=corner,
        columns=columns,
        rows=rows,
        commune=commune,
        built=_spread(built, inside, total, False).astype(np.bool_),
        free=free,
        angle=_spread(angle, inside, total, 0.0),
        style=_spread(style, inside, total, 0).astype(np.int64),
    )


def _spread(values: Floats | Bools | Ints64, at: Ints64, total: int, default: float) -> Floats:
    whole = np.full(total, default, dtype=np.float64)
    whole[at] = values
    return whole


def _contains(shape: BaseGeometry, points: Floats) -> Bools:
    shapely.prepare(shape)
    result: Bools = shapely.contains_xy(shape, points[:, 0], points[:, 1])
    return result


def _communes_at(points: Floats, areas: list[BaseGeometry]) -> Ints64:
    result = np.full(len(points), -1, dtype=np.int64)
    for row, area in enumerate(areas):
        west, south, east, north = area.bounds
        near = np.nonzero(
            (points[:, 0] > west) & (points[:, 0] < east) & (points[:, 1] > south) & (points[:, 1] < north)
        )[0]
        result[near[_contains(area, points[near])]] = row
    return result


def _nearest_roads(points: Floats, terrain: Terrain) -> tuple[Floats, Floats]:
    """Distance to the nearest typed street that houses may line, and its direction."""
    lines = [road.points for road in terrain.roads if road.street_class != "motorway"]
    lines += [street.points for street in terrain.town_streets]
    starts = np.vstack([line[:-1] for line in lines])
    ends = np.vstack([line[1:] for line in lines])
    block_at = np.floor(points / _BLOCK_M).astype(np.int64)
    _, first, block_of = np.unique(key_cells(block_at), return_index=True, return_inverse=True)
    tree = shapely.STRtree(shapely.linestrings(np.stack((starts, ends), axis=1)))
    nearest = tree.nearest(shapely.points((block_at[first] + 0.5) * _BLOCK_M))[block_of]
    _, gap = locate_on_segments(points, starts[nearest], ends[nearest])
    step = ends[nearest] - starts[nearest]
    return gap, np.arctan2(step[:, 1], step[:, 0])


def _built_area_m2(population: int, area_km2: float) -> float:
    """Ground taken by streets and houses: denser where more people live."""
    return float(min(0.55 * (population / 1000.0) ** 0.77, 0.66 * area_km2) * 1e6)


def _built_cells(plan: CityPlan, ground: _Ground, rng: np.random.Generator) -> tuple[Bools, Ints64]:
    """The cells nearest to each commune's heart, along its roads, until its built area is reached."""
    noise = Noise(rng)
    built = np.zeros(len(ground.points), dtype=np.bool_)
    hearts = plan.metres([fact.center for fact in plan.communes])
    hearts[0] = plan.metres([plan.skeleton.old_town.heart])[0]
    for row, fact in enumerate(plan.communes):
        cells = np.nonzero((ground.commune == row) & ground.free)[0]
        wanted_m2 = _built_area_m2(fact.population, fact.area_km2)
        radius = np.sqrt(wanted_m2 / np.pi)
        points = ground.points[cells]
        rough = noise.octaves(points, max(radius * 0.7, 350.0), 3)
        pull = np.exp(-np.square(ground.road_gap_m[cells] / 230.0))
        score = (
            np.hypot(*(points - hearts[row]).T) / radius
            + 0.30 * rough
            - (0.55 if fact.population > 6000 else 0.95) * pull
        )
        built[cells[np.argsort(score, kind="stable")[: int(wanted_m2 / CELL_M**2)]]] = True
    forced = np.full(len(ground.points), -1, dtype=np.int64)
    for estate in plan.skeleton.estates:
        gap = np.hypot(*(ground.points - plan.metres([estate.at])).T)
        inside = (gap < estate.radius_m * (1 + 0.25 * noise.octaves(ground.points, 700.0, 2))) & ground.free
        built[inside] = estate.style != "empty"
        if estate.style in STYLES:
            forced[inside] = _STYLE_KEYS.index(estate.style)
    return built, forced


def _styles(
    plan: CityPlan, ground: _Ground, built: Bools, forced: Ints64, rng: np.random.Generator
) -> tuple[Ints64, Floats]:
    """Districts with a style and a direction of their own, bent towards the nearest road and the old heart."""
    heart = plan.metres([plan.skeleton.old_town.heart])
    cells = np.nonzero(built)[0]
    seeds = rng.choice(cells, size=max(int(len(cells) * CELL_M**2 / 6e5), 1), replace=False)
    noise, edge = Noise(rng), Noise(rng)
    points = ground.points
    bent = points + 160.0 * np.column_stack((edge.at(points, 420.0), edge.at(points + 5e4, 420.0)))
    district = shapely.STRtree(shapely.points(points[seeds])).nearest(shapely.points(bent))
    from_heart = np.hypot(*(points - heart).T)
    village = np.array([fact.population < 4000 for fact in plan.communes])
    suburban = [_STYLE_KEYS.index(key) for key in _SUBURB]
    drawn = rng.choice(suburban, size=len(seeds), p=list(_SUBURB.values()))
    style = drawn[district]
    style[from_heart < 2100.0] = _STYLE_KEYS.index("faubourg")
    style[village[ground.commune]] = _STYLE_KEYS.index("village")
    style[forced >= 0] = forced[forced >= 0]
    wander = np.radians([STYLES[key].wander_deg for key in _STYLE_KEYS])[style]
    offset = np.where(rng.random(len(seeds)) < 0.5, rng.normal(0, 0.12, len(seeds)), rng.uniform(0, np.pi, len(seeds)))
    own = ground.road_angle[seeds][district] + offset[district] + wander * noise.octaves(points, 620.0, 2)
    radial = np.arctan2(*(points - heart).T[::-1])
    pull = 1.7 * np.exp(-np.square(ground.road_gap_m / 190.0))
    centre = 0.8 * np.clip(1.0 - from_heart / 2600.0, 0.0, 1.0)
    tensor = np.exp(2j * own) + pull * np.exp(2j * ground.road_angle) + centre * np.exp(2j * radial)
    return style, np.angle(tensor) / 2
