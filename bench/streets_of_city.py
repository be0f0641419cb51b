"""The streets of the generated city as a year is played over them: classes, watts before and after, usual traffic."""

import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct

import ondijon
from ondijon.automations.adaptive_lighting.plan import Plan, find_neighbours, lay_out
from ondijon.domains.lighting.rules.classes import CLASSES, REQUIREMENTS, LightingClass
from ondijon.domains.lighting.rules.floors import floor_pct, make_table, read_floors
from ondijon.domains.lighting.rules.light_classes import (
    LightPlace,
    StreetArc,
    classes_of_streets,
    classify_lights,
    find_on_crossing,
    uses_of_streets,
)
from ondijon.kernel.arrays import Floats, Ints32
from ondijon.kernel.geo import LocalMetres, line_lengths
from ondijon.kernel.inventory import Inventory, TwinRecord
from ondijon.kernel.steering import Zone
from ondijon.simulator.metropolis import generate_metropolis
from ondijon.simulator.metropolis.lamps import INSTALLATIONS
from ondijon.simulator.year import Streets
from ondijon.simulator.year.demand import TRAFFIC
from ondijon.simulator.year.luminaires import designed_w, lx_of_luminance, procured_w
from ondijon.simulator.year.street import with_ballast_w

FLOORS = Path(ondijon.__file__).parent / "cities" / "lighting_floors.toml"


class Ground(Struct, frozen=True, eq=False):
    """Zones as the automation has them, and what the year needs to know of them; light_zone: by light."""

    zones: tuple[Zone, ...]
    plan: Plan
    streets: Streets
    light_zone: Ints32
    center: tuple[float, float]


def read_ground(city: str) -> Ground:
    """All lights of a generated city, in zones of one class on one street; a counter on each street."""
    inventory = generate_metropolis(Path(ondijon.__file__).parent / "cities" / city)
    lights = [twin for twin in inventory.twins if twin.type == "Streetlight"]
    frame = LocalMetres(*inventory.communes[0].center)
    places = frame.to_metres(np.array([light.position for light in lights]))
    zones, light_zone = _zones(inventory, lights, places, frame)
    keys = sorted({(zone.commune, zone.street) for zone in zones})
    number = {key: place for place, key in enumerate(keys)}
    place = np.array([number[zone.commune, zone.street] for zone in zones], np.int32)
    links = (np.arange(len(zones), dtype=np.int32), place)
    plan = lay_out(zones, links, find_neighbours(places, light_zone), len(keys))
    streets = _streets(inventory, lights, plan, light_zone, place, keys)
    return Ground(zones, plan, streets, light_zone, inventory.communes[0].center)


def _zones(
    inventory: Inventory, lights: Sequence[TwinRecord], places: Floats, frame: LocalMetres
) -> tuple[tuple[Zone, ...], Ints32]:
    of_arc = {street.street_id: street for street in inventory.streets}
    arcs = [StreetArc(one.commune, one.name, one.street_class, one.vehicles_per_day) for one in inventory.streets]
    names = [of_arc[light.street_id or ""].name for light in lights]
    crossings = frame.to_metres(np.array([one.position for one in inventory.crossings]).reshape(-1, 2))
    on_crossing = find_on_crossing(places, crossings)
    surveyed = [LightPlace(light.commune, name, _class(light)) for light, name in zip(lights, names, strict=True)]
    found = classify_lights(surveyed, on_crossing, {}, classes_of_streets(arcs))
    codes = tuple(commune.insee for commune in inventory.communes)
    commune_no = np.array([codes.index(light.commune) for light in lights], np.int16)
    table = make_table(read_floors(tomllib.loads(FLOORS.read_text("utf-8"))), (), codes)
    floors = floor_pct(table, found.class_no, on_crossing, commune_no)
    uses = uses_of_streets(arcs)
    numbers: dict[str, int] = {}
    light_zone = np.zeros(len(lights), np.int32)
    made: list[Zone] = []
    for row, light in enumerate(lights):
        own, base = CLASSES[int(found.class_no[row])].value, CLASSES[int(found.street_class_no[row])].value
        key = f"{light.commune}/{names[row]}/{own}"
        if key not in numbers:
            numbers[key] = len(made)
            use = uses[light.commune, names[row]]
            made.append(Zone(key, light.commune, names[row], use, own, base, float(floors[row])))
        light_zone[row] = numbers[key]
    return tuple(made), light_zone


def _class(light: TwinRecord) -> str | None:
    found = light.attributes.get("lighting_class")
    return found if isinstance(found, str) else None


def _streets(
    inventory: Inventory,
    lights: Sequence[TwinRecord],
    plan: Plan,
    light_zone: Ints32,
    place: Ints32,
    keys: list[tuple[str, str]],
) -> Streets:
    of_arc = {street.street_id: street for street in inventory.streets}
    built = [INSTALLATIONS[of_arc[light.street_id or ""].street_class] for light in lights]
    sodium_w: Floats = np.array([with_ballast_w(one.sodium_w) for one in built], np.float64)
    led_w: dict[str, Floats] = {
        "city": np.array([one.led_w for one in built], np.float64),
        "procured": np.array([procured_w(one.sodium_w) for one in built], np.float64),
        "designed": designed_w(
            _required_lx(plan)[light_zone],
            np.array([2.0 * one.offset_m for one in built]),
            _spacing_m(inventory, lights),
            np.array([one.height_m for one in built]),
        ),
    }
    of_street = place[light_zone]
    on_street = np.bincount(of_street, minlength=len(keys))
    frame = LocalMetres(*inventory.communes[0].center)
    x_m, y_m = frame.to_metres(np.array([light.position for light in lights])).T
    use_of = {(zone.commune, zone.street): zone.street_class for zone in plan.zones}
    usual = [TRAFFIC[use_of[key]] for key in keys]
    counted = _counted(inventory)
    return Streets(
        lights=np.bincount(light_zone, minlength=len(plan)).astype(np.float64),
        sodium_w=_sums(light_zone, sodium_w, len(plan)),
        led_w={name: _sums(light_zone, watts, len(plan)) for name, watts in led_w.items()},
        counts_people=plan.counts_people,
        level_of_rank=np.take_along_axis(plan.level_of_step, plan.step_of_rank.astype(np.int64), axis=1),
        high_per_h=plan.high_per_h,
        moderate_per_h=plan.moderate_per_h,
        place=place,
        vehicles_per_day=np.array(
            [counted.get(key, one.vehicles_per_day) for key, one in zip(keys, usual, strict=True)]
        ),
        people_per_day=np.array([one.people_per_day for one in usual]),
        x_m=np.bincount(of_street, x_m, len(keys)) / on_street,
        y_m=np.bincount(of_street, y_m, len(keys)) / on_street,
    )


def _required_lx(plan: Plan) -> Floats:
    """The illuminance that each zone's designed class asks for."""
    asked = [REQUIREMENTS[LightingClass(zone.designed)] for zone in plan.zones]
    return np.array(
        [lx_of_luminance(one.maintained) if one.quantity == "luminance_cd_m2" else one.maintained for one in asked]
    )


def _spacing_m(inventory: Inventory, lights: Sequence[TwinRecord]) -> Floats:
    """How much of its arc each light has: they stand evenly along it."""
    frame = LocalMetres(*inventory.communes[0].center)
    lit = Counter(light.street_id for light in lights)
    lengths = {
        street.street_id: float(line_lengths(frame.to_metres(np.array(street.line)))[-1])
        for street in inventory.streets
        if street.street_id in lit
    }
    return np.array([lengths[light.street_id or ""] / lit[light.street_id] for light in lights])


def _sums(at: Ints32, values: Floats, count: int) -> Floats:
    sums: Floats = np.bincount(at, values, count).astype(np.float64)
    return sums


def _counted(inventory: Inventory) -> dict[tuple[str, str], int]:
    """Vehicles a day of the streets that were counted: the most of their arcs."""
    counted: dict[tuple[str, str], int] = {}
    for arc in inventory.streets:
        if arc.vehicles_per_day is not None:
            counted[arc.commune, arc.name] = max(counted.get((arc.commune, arc.name), 0), arc.vehicles_per_day)
    return counted
