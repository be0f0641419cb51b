"""House numbers: odd on the left, even on the right, counted along each street."""

import numpy as np

from ondijon.kernel.geo import join_lines
from ondijon.kernel.inventory import Address, StreetClass
from ondijon.simulator.metropolis.plan import CityPlan
from ondijon.simulator.metropolis.streets import NamedArc, passed_before, rank_in_turn

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
    lived = [
        arc
        for arc, on in zip(arcs, lit, strict=True)
        if on and arc.street_class in _FRONTAGE_M and arc.length_m >= 3 * _CORNER_M
    ]
    room = np.array([arc.length_m - 2 * _CORNER_M for arc in lived])
    frontage = np.array([_FRONTAGE_M[arc.street_class] for arc in lived])
    lots = np.maximum((room / frontage).astype(np.int64), 1)
    # One stretch is one side of one arc: its left, then its right.
    stretch = np.repeat(np.arange(2 * len(lived)), np.repeat(lots, 2))
    row, right = stretch // 2, stretch % 2
    lot = rank_in_turn(stretch)
    at = _CORNER_M + (lot + rng.uniform(0.3, 0.7, len(row))) * room[row] / lots[row]
    point, ahead = join_lines([arc.points for arc in lived]).place(row, at)
    setback = np.array([_SETBACK_M[arc.street_class] for arc in lived])[row] * (1 - 2 * right)
    places = point + np.column_stack((-ahead[:, 1], ahead[:, 0])) * setback[:, None]
    numbers = 2 * (passed_before(lived, lots)[row] + lot) + 1 + right
    degrees = np.round(plan.frame.to_degrees(places), 6).tolist()
    return [
        Address(lived[on].street_id, str(number), (lon, lat))
        for on, number, (lon, lat) in zip(row.tolist(), numbers.tolist(), degrees, strict=True)
    ]
