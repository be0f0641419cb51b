"""A ground laid out for adaptive light: levels and limits of each zone, its counters, and who its neighbours are."""

import numpy as np
import shapely
from msgspec import Struct

from ondijon.domains.lighting.rules.classes import LightingClass, darker, designed_weight, light_ratio, use_of
from ondijon.kernel.arrays import Bools, Floats, Ints8, Ints32
from ondijon.kernel.city import City
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.steering import Ground, Zone
from ondijon.kernel.twins import TwinsOfType

MOST_STEPS = (
    2  # traffic weighs +1, 0 or -1 (CEN/TR 13201-1:2014): two classes between the busiest hour and the quietest
)
NEIGHBOUR_M = 45.0  # lights of two zones closer than a usual spacing and a half are seen together
NEARBY_M = 250.0
MOST_NEARBY = 2
_WEIGHTS = (1, 0, -1)  # by rank: 0 high, 1 moderate, 2 low traffic


class Plan(Struct, frozen=True, eq=False):
    """Arrays by zone, and pairs of zones with counters and with each other.

    step_of_rank: how many classes below the designed one each traffic allows; level_of_step: what that is in %.
    """

    zones: tuple[Zone, ...]
    step_of_rank: Ints8
    level_of_step: Floats
    high_per_h: Floats
    moderate_per_h: Floats
    counts_people: Bools
    counted_zone: Ints32
    counter: Ints32
    neighbour_a: Ints32
    neighbour_b: Ints32
    counters: int

    def __len__(self) -> int:
        return len(self.zones)


def lay_out(zones: tuple[Zone, ...], links: tuple[Ints32, Ints32], pairs: tuple[Ints32, Ints32], counters: int) -> Plan:
    """The plan of these zones; links: (zone, counter) by pair; pairs: neighbouring zones, each pair both ways round."""
    uses = [use_of(zone.street_class) for zone in zones]
    steps = [_steps(zone) for zone in zones]
    levels = [_levels(zone) for zone in zones]
    return Plan(
        zones=zones,
        step_of_rank=np.array(steps, np.int8).reshape(-1, len(_WEIGHTS)),
        level_of_step=np.array(levels, np.float64).reshape(-1, MOST_STEPS + 1),
        high_per_h=np.array([use.high_per_h for use in uses], np.float64),
        moderate_per_h=np.array([use.moderate_per_h for use in uses], np.float64),
        counts_people=np.array([use.family == "P" for use in uses], np.bool_),
        counted_zone=links[0],
        counter=links[1],
        neighbour_a=pairs[0],
        neighbour_b=pairs[1],
        counters=counters,
    )


def _steps(zone: Zone) -> list[int]:
    """Classes below the designed one by rank of traffic: what the street was designed for less what is there now."""
    designed = designed_weight(use_of(zone.street_class), LightingClass(zone.street_designed))
    return [min(max(designed - weight, 0), MOST_STEPS) for weight in _WEIGHTS]


def _levels(zone: Zone) -> list[float]:
    """Whole % by step, never below the zone's floor; P7 promises nothing to be lowered."""
    built = LightingClass(zone.designed)
    if built is LightingClass.P7:
        return [100.0] * (MOST_STEPS + 1)
    asked = [light_ratio(darker(built, step), built) * 100.0 for step in range(MOST_STEPS + 1)]
    return [min(100.0, max(float(np.ceil(round(level, 6))), float(np.ceil(zone.floor_pct)))) for level in asked]


def read_plan(city: City, ground: Ground, lights: TwinsOfType, sensors: TwinsOfType) -> Plan:
    """The plan of a city's ground: counters of a zone's own street, else the nearest ones of like streets."""
    frame = LocalMetres(*city.card.center)
    places = frame.to_metres(np.column_stack((lights.lon, lights.lat)))
    pairs = find_neighbours(places, ground.zone_of)
    spots = frame.to_metres(np.column_stack((sensors.lon, sensors.lat)))
    links = _link(city, ground, sensors, places, spots)
    return lay_out(ground.zones, links, pairs, len(sensors))


def find_neighbours(places: Floats, zone_of: Ints32) -> tuple[Ints32, Ints32]:
    """Pairs of zones that have lights within `NEIGHBOUR_M` of each other, both ways round, in order."""
    steered = np.flatnonzero(zone_of >= 0)
    if not len(steered):
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    points = shapely.points(places[steered])
    near = shapely.STRtree(points).query(points, predicate="dwithin", distance=NEIGHBOUR_M)
    zones = zone_of[steered][near]
    apart = zones[:, zones[0] != zones[1]]
    found = np.unique(apart, axis=1).astype(np.int32)
    return found[0], found[1]


def _link(city: City, ground: Ground, sensors: TwinsOfType, places: Floats, spots: Floats) -> tuple[Ints32, Ints32]:
    of_street: dict[tuple[str, str], list[int]] = {}
    for row, record in enumerate(sensors.records):
        street = city.streets.get(record.street_id or "")
        named = record.attributes.get("street") if street is None else street.name
        if isinstance(named, str):
            of_street.setdefault((record.commune, named), []).append(row)
    class_of = {(zone.commune, zone.street): zone.street_class for zone in ground.zones}
    like: dict[str, list[int]] = {}
    for street_key, rows in of_street.items():
        like.setdefault(class_of.get(street_key, ""), []).extend(rows)
    zone_no: list[int] = []
    counter: list[int] = []
    for number, zone in enumerate(ground.zones):
        own = of_street.get((zone.commune, zone.street))
        near = own or _nearby(spots, like.get(zone.street_class, []), places[ground.zone_of == number])
        zone_no += [number] * len(near)
        counter += near
    return np.array(zone_no, np.int32), np.array(counter, np.int32)


def _nearby(spots: Floats, rows: list[int], lights: Floats) -> list[int]:
    """Up to two counters of like streets within reach of the zone's middle, the nearest first."""
    if not rows or not len(lights):
        return []
    away = np.hypot(*(spots[rows] - lights.mean(axis=0)).T)
    order = np.argsort(away, kind="stable")[:MOST_NEARBY]
    return [rows[place] for place in order.tolist() if away[place] <= NEARBY_M]
