"""The whole metropolis from a folder of typed facts and a seed."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from ondijon.kernel.inventory import Commune, Inventory, Street
from ondijon.simulator.metropolis.assets import place_assets
from ondijon.simulator.metropolis.borders import draw_communes, take_communes
from ondijon.simulator.metropolis.curves import lines_of
from ondijon.simulator.metropolis.fabric import Fabric, weave_fabric
from ondijon.simulator.metropolis.houses import number_houses
from ondijon.simulator.metropolis.lamps import INSTALLATIONS, equip, place_lamps
from ondijon.simulator.metropolis.network import build_network, lead_ends
from ondijon.simulator.metropolis.plan import CityPlan, read_plan
from ondijon.simulator.metropolis.scenery import draw_scenery, rings_of
from ondijon.simulator.metropolis.streamlines import trace_streets
from ondijon.simulator.metropolis.streets import NamedArc, name_streets
from ondijon.simulator.metropolis.terrain import NamedShape, grow_groves, lay_terrain
from ondijon.simulator.metropolis.traffic import count_streets, paint_crossings

STREETLIGHTS = 34_000
_GROVES, _HILL_GROVES = 70, 60
_HILLS_X_M = -4000.0
_AROUND_M = ((0, 0), (70, 0), (-70, 0), (0, 70), (0, -70))
_LIT_SHARE = 0.3
_EXTRAS = 1  # dice of their own for traffic and assets: streets and lights stay where they were without them


def generate_metropolis(city_folder: Path, seed: int = 21231, boundaries: Sequence[Commune] | None = None) -> Inventory:
    """The same folder and seed give the same inventory; raises Refused when the folder's files do not fit.

    boundaries: real communes, in whose borders everything is then drawn; without them borders are invented too.
    """
    plan = read_plan(city_folder)
    rng = np.random.default_rng(seed)
    areas = draw_communes(plan, rng) if boundaries is None else take_communes(plan, boundaries)
    terrain = lay_terrain(plan, rng)
    fabric = weave_fabric(plan, areas, terrain, rng)
    curves = [*terrain.roads, *terrain.town_streets, *trace_streets(fabric, terrain, rng)]
    curves = lead_ends(curves, fabric)
    network = build_network(curves, areas)
    arcs = name_streets(plan, network, curves, areas, terrain.old_town, rng)
    lit = _lit(arcs, fabric)
    lamps = place_lamps(arcs, lit, STREETLIGHTS, rng)
    own = np.random.default_rng((seed, _EXTRAS))
    streets = count_streets(arcs, _streets(plan, arcs), own)
    addresses = number_houses(plan, arcs, lit, rng)
    groves = _groves(fabric, rng)
    # Scenery is cut by a library that lets go of the interpreter: it costs no time beside the lights.
    with ThreadPoolExecutor(1) as beside:
        landscape = beside.submit(draw_scenery, plan, areas, terrain, groves, arcs, lit)
        lights = equip(plan, arcs, lamps, network.nodes, rng)
        return Inventory(
            city=plan.key,
            communes=_communes(plan, areas),
            streets=streets,
            addresses=addresses,
            landscape=landscape.result(),
            twins=[*lights, *place_assets(plan, arcs, lit, network.nodes, own)],
            crossings=paint_crossings(plan, arcs, lit, own),
        )


def _lit(arcs: list[NamedArc], fabric: Fabric) -> list[bool]:
    """Which arcs are lit: where the city is built on about a third of both sides; motorways and paths never."""
    points = np.vstack([arc.points for arc in arcs])
    arc_of = np.repeat(np.arange(len(arcs)), [len(arc.points) for arc in arcs])
    built = np.zeros(len(points), dtype=np.float64)
    for shift in _AROUND_M:
        built += fabric.built[fabric.cells_of(points + shift)] / len(_AROUND_M)
    share = np.bincount(arc_of, built) / np.bincount(arc_of)
    return [
        arc.street_class in INSTALLATIONS and part > _LIT_SHARE for arc, part in zip(arcs, share.tolist(), strict=True)
    ]


def _groves(fabric: Fabric, rng: np.random.Generator) -> list[NamedShape]:
    """Small woods in the open country, more of them in the hills of the west."""
    points = fabric.centers(np.nonzero(fabric.open_country().built)[0])
    west = points[points[:, 0] < _HILLS_X_M]
    return [*grow_groves(points, _GROVES, rng), *grow_groves(west, _HILL_GROVES, rng)]


def _communes(plan: CityPlan, areas: list[BaseGeometry]) -> list[Commune]:
    return [
        Commune(
            insee=fact.insee,
            name=fact.name,
            population=fact.population,
            area_km2=fact.area_km2,
            center=fact.center,
            boundary=rings_of(plan, shapely.simplify(area, 2.0)),
        )
        for fact, area in zip(plan.communes, areas, strict=True)
    ]


def _streets(plan: CityPlan, arcs: list[NamedArc]) -> list[Street]:
    """The arcs as the inventory knows them, their lines without needless points."""
    lines = lines_of([arc.points for arc in arcs])
    points, arc_of = shapely.get_coordinates(shapely.simplify(lines, 0.6), return_index=True)
    degrees = [(lon, lat) for lon, lat in np.round(plan.frame.to_degrees(points), 6).tolist()]
    first = np.searchsorted(arc_of, np.arange(len(arcs) + 1)).tolist()
    return [
        Street(
            street_id=arc.street_id,
            name=arc.name,
            commune=plan.communes[arc.commune].insee,
            street_class=arc.street_class,
            line=degrees[first[row] : first[row + 1]],
            one_way=arc.one_way,
        )
        for row, arc in enumerate(arcs)
    ]
