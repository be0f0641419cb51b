"""The generated Dijon has the counts, shapes and links that the rest of the city relies on."""

from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest
import shapely
from shapely import Polygon

import ondijon
from ondijon.kernel.errors import Refused
from ondijon.kernel.geo import LocalMetres, join_ends, label_components, line_lengths
from ondijon.kernel.ids import parse_twin_id
from ondijon.kernel.inventory import Inventory, Position, TwinRecord
from ondijon.simulator.metropolis import STREETLIGHTS, generate_metropolis
from ondijon.simulator.metropolis.lamps import INSTALLATIONS

DIJON = Path(ondijon.__file__).parent / "cities" / "dijon"
FRAME = LocalMetres(5.0415, 47.3215)


@pytest.fixture(scope="module")
def city() -> Inventory:
    return generate_metropolis(DIJON)


def _twins(city: Inventory, twin_type: str) -> list[TwinRecord]:
    return [twin for twin in city.twins if twin.type == twin_type]


def _metres(positions: list[Position]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return FRAME.to_metres(np.array(positions))


def test_the_same_seed_gives_the_same_bytes(city: Inventory) -> None:
    assert msgspec.json.encode(generate_metropolis(DIJON)) == msgspec.json.encode(city)


def test_counts_are_those_of_the_metropolis(city: Inventory) -> None:
    assert len(city.communes) == 23
    assert sum(commune.population for commune in city.communes) == 258_630
    assert len(_twins(city, "Streetlight")) == STREETLIGHTS == 34_000
    assert 650 <= len(_twins(city, "StreetlightControlCabinet")) <= 760
    assert 5_000 <= len(city.streets) <= 7_200
    assert len(city.addresses) >= 30_000


def test_communes_are_about_as_large_as_in_reality_and_hold_their_centre(city: Inventory) -> None:
    for commune in city.communes:
        area = Polygon(_metres(commune.boundary[0][0]))
        assert area.area / 1e6 == pytest.approx(commune.area_km2, rel=0.2), commune.name
        assert area.contains(shapely.Point(_metres([commune.center])[0])), commune.name
    whole = shapely.union_all([Polygon(_metres(commune.boundary[0][0])) for commune in city.communes])
    assert whole.area / 1e6 == pytest.approx(sum(commune.area_km2 for commune in city.communes), rel=0.02)


def test_one_can_go_from_any_street_to_any_other(city: Inventory) -> None:
    lines = [_metres(street.line) for street in city.streets]
    graph = join_ends(lines)
    parts = label_components(len(graph.nodes), graph.starts, graph.ends)
    assert np.bincount(parts).max() / len(parts) > 0.99


def test_every_light_stands_beside_its_own_street_in_its_own_commune(city: Inventory) -> None:
    streets = {street.street_id: street for street in city.streets}
    lights = _twins(city, "Streetlight")
    lines = np.array([shapely.LineString(_metres(streets[str(light.street_id)].line)) for light in lights])
    gaps = shapely.distance(lines, shapely.points(_metres([light.position for light in lights])))
    offsets = np.array([INSTALLATIONS[streets[str(light.street_id)].street_class].offset_m for light in lights])
    assert np.quantile(np.abs(gaps - offsets), 0.98) < 1.0
    assert all(light.commune == streets[str(light.street_id)].commune for light in lights)
    areas = {commune.insee: Polygon(_metres(commune.boundary[0][0])) for commune in city.communes}
    spots = shapely.points(_metres([light.position for light in lights]))
    inside = shapely.dwithin(np.array([areas[light.commune] for light in lights]), spots, 12.0)
    assert inside.mean() > 0.998


def test_lights_follow_each_other_at_the_spacing_of_their_class(city: Inventory) -> None:
    counts = Counter(light.street_id for light in _twins(city, "Streetlight"))
    for street in city.streets:
        length = float(line_lengths(_metres(street.line))[-1])
        if length > 150 and street.street_id in counts:
            assert 18.0 <= length / counts[street.street_id] <= 48.0


def test_every_light_hangs_on_a_cabinet_of_its_commune(city: Inventory) -> None:
    cabinets = {cabinet.id: cabinet for cabinet in _twins(city, "StreetlightControlCabinet")}
    sizes: Counter[str] = Counter()
    for light in _twins(city, "Streetlight"):
        cabinet = cabinets[str(light.part_of)]
        assert light.gateway == cabinet.gateway == cabinet.device
        assert light.commune == cabinet.commune
        sizes[cabinet.id] += 1
    assert max(sizes.values()) <= 60
    assert sum(size >= 40 for size in sizes.values()) / len(cabinets) > 0.9
    assert len(sizes) == len(cabinets), "no cabinet without lights"


def test_cabinets_hang_on_feeders_and_uplinks_and_lights_on_circuits_and_phases(city: Inventory) -> None:
    cabinets = _twins(city, "StreetlightControlCabinet")
    feeders = Counter(cabinet.attributes["grid_feeder"] for cabinet in cabinets)
    uplinks = Counter(cabinet.attributes["uplink"] for cabinet in cabinets)
    assert min(feeders.values()) >= 20 and max(feeders.values()) <= 60
    assert min(uplinks.values()) >= 8 and max(uplinks.values()) <= 30
    circuits: dict[str, set[object]] = {}
    for light in _twins(city, "Streetlight"):
        circuits.setdefault(str(light.part_of), set()).add(light.attributes["circuit"])
        assert light.attributes["phase"] in ("L1", "L2", "L3")
    assert {len(found) for found in circuits.values()} <= {2, 3, 4}


def test_ids_are_unique_and_carry_the_commune(city: Inventory) -> None:
    assert len({twin.id for twin in city.twins}) == len(city.twins)
    devices = [twin.device for twin in city.twins if twin.device is not None]
    assert len(set(devices)) == len(devices)
    assert all(parse_twin_id(twin.id)[:2] == (twin.type, twin.commune) for twin in city.twins)
    assert len({street.street_id for street in city.streets}) == len(city.streets)


def test_attributes_say_what_kind_of_light_it_is(city: Inventory) -> None:
    lights = _twins(city, "Streetlight")
    led = sum(light.attributes["lamp_type"] == "led" for light in lights) / len(lights)
    assert 0.60 <= led <= 0.70
    assert {light.attributes["feeder"] for light in lights} == {"permanent", "switched"}
    assert all(light.attributes["lighting_class"] for light in lights)


def test_each_lit_street_has_one_group_named_after_it(city: Inventory) -> None:
    streets = {street.street_id: street for street in city.streets}
    lit = {(streets[str(light.street_id)].name, light.commune) for light in _twins(city, "Streetlight")}
    groups = [(group.name, group.commune) for group in _twins(city, "StreetlightGroup")]
    assert sorted(groups) == sorted(lit)


def test_house_numbers_are_odd_on_one_side_even_on_the_other_and_never_repeat(city: Inventory) -> None:
    streets = {street.street_id: street for street in city.streets}
    keys = [(streets[house.street_id].name, streets[house.street_id].commune, house.number) for house in city.addresses]
    assert len(set(keys)) == len(keys)
    side: dict[tuple[str, int], set[bool]] = {}
    for house in city.addresses[:2000]:
        line = shapely.LineString(_metres(streets[house.street_id].line))
        spot = shapely.Point(_metres([house.position])[0])
        at = line.project(spot)
        (ax, ay), (bx, by) = (line.interpolate(at + step).coords[0] for step in (-1.0, 1.0))
        left = (bx - ax) * (spot.y - ay) - (by - ay) * (spot.x - ax) > 0
        side.setdefault((house.street_id, int(house.number) % 2), set()).add(left)
    mixed = sum(len(sides) > 1 for sides in side.values())
    assert mixed / len(side) < 0.03, "only where a street bends sharply may the sides look mixed"


def test_main_streets_are_counted_and_carry_more_than_side_streets(city: Inventory) -> None:
    counted = [street for street in city.streets if street.vehicles_per_day is not None]
    medians = {
        kind: np.median([street.vehicles_per_day or 0 for street in counted if street.street_class == kind])
        for kind in ("primary", "secondary", "tertiary", "residential")
    }
    assert list(medians) == sorted(medians, key=lambda kind: -medians[kind])
    assert 0.1 < len(counted) / len(city.streets) < 0.6
    assert all(2017 <= int(str(street.counted_year)) <= 2025 for street in counted)


def test_junctions_and_cameras_stand_in_the_city_and_say_that_they_are_invented(city: Inventory) -> None:
    junctions, cameras = _twins(city, "TrafficSignalJunction"), _twins(city, "Camera")
    assert (len(junctions), len(cameras)) == (250, 269)
    assert sum(junction.attributes["bus_priority"] is True for junction in junctions) == 113
    assert all(twin.attributes["synthetic"] is True for twin in [*junctions, *cameras])
    assert all(twin.gateway is None and twin.device is None for twin in [*junctions, *cameras])
    assert len({twin.position for twin in junctions}) == 250


def test_crossings_lie_on_their_lit_street_in_its_commune(city: Inventory) -> None:
    streets = {street.street_id: street for street in city.streets}
    assert 2_000 < len(city.crossings) < 8_000
    lines = np.array([shapely.LineString(_metres(streets[one.street_id].line)) for one in city.crossings])
    gaps = shapely.distance(lines, shapely.points(_metres([one.position for one in city.crossings])))
    assert gaps.max() < 1.0
    assert all(one.commune == streets[one.street_id].commune for one in city.crossings)


def test_water_woods_trams_and_rails_are_on_the_map(city: Inventory) -> None:
    kinds = {shape.kind for shape in city.landscape}
    assert kinds == {"water", "river", "wood", "built", "tram", "rail"}
    trams = [shape for shape in city.landscape if shape.kind == "tram"]
    on_streets = {position for street in city.streets for position in street.line}
    for tram in trams:
        assert len(tram.lines[0]) > 50
        assert sum(position in on_streets for position in tram.lines[0]) / len(tram.lines[0]) > 0.5


def test_a_folder_without_a_plan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        generate_metropolis(tmp_path)
    assert refusal.value.key == "error.bad_city_plan"
