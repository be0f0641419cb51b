"""Dijon inside the borders that it really has, where they are at hand; made ones otherwise."""

from pathlib import Path

import numpy as np
import pytest
import shapely

import ondijon
from ondijon.infra.inventory import read_boundaries
from ondijon.kernel.errors import Refused
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.inventory import Commune, Inventory
from ondijon.simulator.metropolis import STREETLIGHTS, generate_metropolis
from ondijon.simulator.metropolis.borders import take_communes
from ondijon.simulator.metropolis.plan import CityPlan, read_plan

DIJON = Path(ondijon.__file__).parent / "cities" / "dijon"
BORDERS = DIJON.parents[3].parent / "shared" / "data" / "dijon"
FRAME = LocalMetres(5.0415, 47.3215)


@pytest.fixture(scope="module")
def communes() -> list[Commune]:
    if not (BORDERS / "communes.geojson").exists():
        pytest.skip("the published borders are not at ../shared/data/dijon")
    return read_boundaries(DIJON, BORDERS).communes


@pytest.fixture(scope="module")
def city(communes: list[Commune]) -> Inventory:
    return generate_metropolis(DIJON, boundaries=communes)


def _area(commune: Commune) -> shapely.Polygon:
    (rings,) = commune.boundary
    outer, *holes = [FRAME.to_metres(np.array(ring)) for ring in rings]
    return shapely.Polygon(outer, holes)


def test_the_borders_on_the_map_are_the_real_ones(communes: list[Commune], city: Inventory) -> None:
    drawn = {commune.insee: commune for commune in city.communes}
    assert len(drawn) == 23
    for real in communes:
        ours, theirs = _area(drawn[real.insee]), _area(real)
        assert ours.symmetric_difference(theirs).area / theirs.area < 0.01, real.name


def test_lights_and_streets_stand_inside_the_real_border_of_their_commune(
    communes: list[Commune], city: Inventory
) -> None:
    areas = {commune.insee: _area(commune) for commune in communes}
    lights = [twin for twin in city.twins if twin.type == "Streetlight"]
    assert len(lights) == STREETLIGHTS
    spots = shapely.points(FRAME.to_metres(np.array([light.position for light in lights])))
    # A street along a border has its lights on one side, a few metres over it.
    assert shapely.dwithin(np.array([areas[light.commune] for light in lights]), spots, 12.0).mean() > 0.998
    middles = np.array([street.line[len(street.line) // 2] for street in city.streets])
    streets = shapely.points(FRAME.to_metres(middles))
    assert shapely.dwithin(np.array([areas[one.commune] for one in city.streets]), streets, 60.0).mean() > 0.99


def _square(plan: CityPlan, row: int, size_deg: float = 0.01) -> Commune:
    fact = plan.communes[row]
    lon, lat = fact.center
    ring = [(lon, lat), (lon + size_deg, lat), (lon + size_deg, lat + size_deg), (lon, lat + size_deg), (lon, lat)]
    return Commune(fact.insee, fact.name, fact.population, fact.area_km2, fact.center, [[ring]])


def test_areas_come_in_the_order_of_the_plan_whatever_the_order_of_the_file() -> None:
    plan = read_plan(DIJON)
    squares = [_square(plan, row) for row in range(len(plan.communes))]
    areas = take_communes(plan, squares[::-1])
    for area, square in zip(areas, squares, strict=True):
        west, south = plan.metres([square.center])[0]
        assert area.bounds[:2] == pytest.approx((west, south), abs=0.01)


def test_a_commune_without_a_border_is_refused_by_name() -> None:
    plan = read_plan(DIJON)
    with pytest.raises(Refused) as refusal:
        take_communes(plan, [_square(plan, row) for row in range(1, len(plan.communes))])
    assert plan.communes[0].insee in str(refusal.value.values["reason"])
