"""House numbers: odd on the left, even on the right, counted along each street."""

import numpy as np

from ondijon.kernel.arrays import Floats
from ondijon.kernel.geo import place_along
from ondijon.kernel.inventory import Address, StreetClass
from ondijon.simulator.metropolis.plan import CityPlan
from ondijon.simulator.metropolis.streets import NamedArc

_FRONTAGE_M: dict[StreetClass, float] = {
    "primary": 34.0,
    "secondary": 30.0,
    "tertiary": 27.0,
    "residential": 29.0,
    "pedestrian": 16.0,
}
_SETBACK_M: dict[StreetClass, float] = {
    "primary": 15.0,
    "secondary": 14.0,
    "tertiary": 12.0,
    "residential": 11.0,
    "pedestrian": 6.0,
}
_CORNER_M = 9.0


def number_houses(plan: CityPlan, arcs: list[NamedArc], lit: list[bool], rng: np.random.Generator) -> list[Address]:
    """Addresses along the streets that are lit, which are those where people live."""
    last: dict[int, list[int]] = {}
    places: list[Floats] = []
    labels: list[tuple[str, str]] = []
    for arc, lived in zip(arcs, lit, strict=True):
        frontage = _FRONTAGE_M.get(arc.street_class)
        length = arc.length_m
        if frontage is None or not lived or length < 3 * _CORNER_M:
            continue
        counters = last.setdefault(arc.street, [-1, 0])
        for side, sign in ((0, 1.0), (1, -1.0)):
            count = max(int((length - 2 * _CORNER_M) / frontage), 1)
            at = _CORNER_M + (np.arange(count) + rng.uniform(0.3, 0.7, count)) * (length - 2 * _CORNER_M) / count
            point, ahead = place_along(arc.points, at)
            aside = np.column_stack((-ahead[:, 1], ahead[:, 0])) * sign * _SETBACK_M[arc.street_class]
            places.append(point + aside)
            for _ in range(count):
                counters[side] += 2
                labels.append((arc.street_id, str(counters[side])))
    degrees = np.round(plan.frame.to_degrees(np.vstack(places)), 6).tolist()
    return [
        Address(street_id, number, (lon, lat)) for (street_id, number), (lon, lat) in zip(labels, degrees, strict=True)
    ]
