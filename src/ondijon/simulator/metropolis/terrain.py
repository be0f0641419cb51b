"""What the streets have to live with: water, woods, rails and the typed roads, in metres."""

import numpy as np
import shapely
from msgspec import Struct
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from ondijon.kernel.arrays import Floats
from ondijon.simulator.metropolis.curves import Curve, smooth_through, straight_through
from ondijon.simulator.metropolis.noise import Noise, Warp
from ondijon.simulator.metropolis.plan import CityPlan, Corridor, Wood

_MOTORWAY_MARGIN_M = 60.0
_RAIL_MARGIN_M = 28.0
_SHORE_MARGIN_M = 30.0


class NamedShape(Struct, frozen=True):
    """A shape of the landscape."""

    name: str
    shape: BaseGeometry


class Terrain(Struct, frozen=True):
    """The ground of the drawing; `barrier` is where no street may grow by itself."""

    roads: list[Curve]
    town_streets: list[Curve]
    old_town: Polygon
    rivers: list[NamedShape]
    river_lines: list[NamedShape]
    lakes: list[NamedShape]
    rails: list[NamedShape]
    woods: list[NamedShape]
    barrier: BaseGeometry


def lay_terrain(plan: CityPlan, rng: np.random.Generator) -> Terrain:
    """Bend the typed corridors a little, all by the same displacement so that junctions stay junctions."""
    bend = Warp(rng, 900.0, 22.0, 3)
    skeleton = plan.skeleton
    roads = [
        Curve(bend.moved(_corridor(plan, road)), road.street_class, road.name, typed=True) for road in skeleton.roads
    ]
    boulevards = _boulevards(plan, bend)
    old_town = Polygon(np.vstack([boulevard.points[:-1] for boulevard in boulevards]))
    town_streets = [*boulevards, *_main_streets(plan, bend, rng)]
    meander = Warp(rng, 420.0, 38.0, 2)
    lines = [
        bend.moved(meander.moved(_corridor(plan, river)) if river.smooth else _corridor(plan, river))
        for river in skeleton.rivers
    ]
    rivers = [
        NamedShape(river.name, LineString(line).buffer(river.width_m / 2, quad_segs=3))
        for river, line in zip(skeleton.rivers, lines, strict=True)
    ]
    shore = Warp(rng, 260.0, 30.0, 2)
    lakes = [
        NamedShape(lake.name, Polygon(bend.moved(shore.moved(_closed(plan.metres(lake.ring))))))
        for lake in skeleton.lakes
    ]
    rails = [NamedShape(rail.name, LineString(bend.moved(_corridor(plan, rail)))) for rail in skeleton.rails]
    noise = Noise(rng)
    woods = [NamedShape(wood.name, _wood(plan, wood, noise, number)) for number, wood in enumerate(skeleton.woods)]
    river_lines = [NamedShape(river.name, LineString(line)) for river, line in zip(skeleton.rivers, lines, strict=True)]
    barrier = _barrier(roads, [*rivers, *lakes], rails, woods)
    return Terrain(roads, town_streets, old_town, rivers, river_lines, lakes, rails, woods, barrier)


def _corridor(plan: CityPlan, corridor: Corridor) -> Floats:
    points = plan.metres(corridor.line)
    return smooth_through(points) if corridor.smooth else straight_through(points)


def _closed(ring: Floats) -> Floats:
    """A ring smoothed through its points."""
    around = np.vstack((ring[-2:], ring, ring[:3]))
    smooth = smooth_through(around, 25.0)
    starts = [int(np.argmin(np.hypot(*(smooth - point).T))) for point in (ring[0], ring[-1])]
    return smooth[starts[0] : len(smooth) - (len(smooth) - 1 - _last_index(smooth, ring[0]))]


def _last_index(line: Floats, point: Floats) -> int:
    """The last place where the line passes the point."""
    near = np.hypot(*(line - point).T) < 1.0
    return int(np.nonzero(near)[0][-1])


def _boulevards(plan: CityPlan, bend: Warp) -> list[Curve]:
    """The ring around the historic centre, one curve from gate to gate."""
    gates = plan.skeleton.old_town.gates
    corners = plan.metres([gate.at for gate in gates])
    sides = zip(gates, corners, np.roll(corners, -1, axis=0), strict=True)
    return [
        Curve(bend.moved(straight_through(np.vstack((start, end)))), "secondary", gate.name, typed=True)
        for gate, start, end in sides
    ]


def _main_streets(plan: CityPlan, bend: Warp, rng: np.random.Generator) -> list[Curve]:
    """The crooked old streets from gate to gate, past the heart at some distance."""
    town = plan.skeleton.old_town
    corners = plan.metres([gate.at for gate in town.gates])
    heart = plan.metres([town.heart])[0]
    crook = Warp(rng, 170.0, 17.0, 2)
    result: list[Curve] = []
    for street in town.main_streets:
        start, end = corners[street.start], corners[street.end]
        middle = (start + end) / 2 + 0.62 * (heart - (start + end) / 2) + rng.normal(0, 30.0, 2)
        line = smooth_through(np.vstack((start, middle, end)), 30.0)
        fade = np.minimum(np.minimum(np.arange(len(line)), np.arange(len(line))[::-1]) / 4.0, 1.0)[:, None]
        bent = line + (crook.moved(line) - line) * fade
        result.append(Curve(bend.moved(bent), "tertiary", street.name, typed=True))
    return result


def _wood(plan: CityPlan, wood: Wood, noise: Noise, number: int) -> Polygon:
    """An ellipse with a ragged edge."""
    turn = np.linspace(0.0, 2 * np.pi, 160, endpoint=False)
    circle = np.column_stack((np.cos(turn), np.sin(turn)))
    rough = 1.0 + 0.42 * noise.octaves(circle * 1.6 + 50.0 * number, 1.0, 5)
    bearing = np.radians(wood.bearing_deg)
    rotation = np.array([[np.cos(bearing), np.sin(bearing)], [-np.sin(bearing), np.cos(bearing)]])
    return Polygon((circle * rough[:, None] * wood.axes_m) @ rotation + plan.metres([wood.at]))


def grow_groves(fabric_points: Floats, count: int, rng: np.random.Generator) -> list[NamedShape]:
    """Nameless small woods around some of these places."""
    noise = Noise(rng)
    chosen = fabric_points[rng.choice(len(fabric_points), size=min(count, len(fabric_points)), replace=False)]
    turn = np.linspace(0.0, 2 * np.pi, 60, endpoint=False)
    circle = np.column_stack((np.cos(turn), np.sin(turn)))
    result: list[NamedShape] = []
    for number, place in enumerate(chosen):
        rough = 1.0 + 0.5 * noise.octaves(circle * 1.6 + 70.0 * number, 1.0, 4)
        axes = rng.uniform(60.0, 260.0, 2)
        result.append(NamedShape("", Polygon(circle * rough[:, None] * axes + place)))
    return result


def _barrier(
    roads: list[Curve], water: list[NamedShape], rails: list[NamedShape], woods: list[NamedShape]
) -> BaseGeometry:
    motorways = [LineString(road.points) for road in roads if road.street_class == "motorway"]
    shapes = [
        *(line.buffer(_MOTORWAY_MARGIN_M, quad_segs=2) for line in motorways),
        *(item.shape.buffer(_SHORE_MARGIN_M, quad_segs=2) for item in water),
        *(item.shape.buffer(_RAIL_MARGIN_M, quad_segs=2) for item in rails),
        *(item.shape for item in woods),
    ]
    return shapely.union_all(shapes)
