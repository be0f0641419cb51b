"""Traffic that was counted and crossings that were painted, both invented, on the generated streets."""

import numpy as np
from msgspec import Struct, structs

from ondijon.kernel.geo import join_lines
from ondijon.kernel.inventory import Crossing, Street, StreetClass
from ondijon.simulator.metropolis.plan import CityPlan
from ondijon.simulator.metropolis.streets import NamedArc

_FIRST_YEAR, _LAST_YEAR = 2017, 2025
_SPREAD = 0.45  # of the logarithm of daily traffic, between streets of one class
_FROM_CORNER_M = 9.0


class _Usual(Struct, frozen=True):
    """Of one class of streets: median vehicles a day, share of streets counted, share of corners with a crossing."""

    vehicles_per_day: float
    counted: float
    crossed: float


_USUAL: dict[StreetClass, _Usual] = {
    "primary": _Usual(15_000.0, 1.0, 0.9),
    "secondary": _Usual(7_500.0, 0.9, 0.8),
    "tertiary": _Usual(3_200.0, 0.5, 0.5),
    "residential": _Usual(650.0, 0.08, 0.12),
}


def count_streets(arcs: list[NamedArc], streets: list[Street], rng: np.random.Generator) -> list[Street]:
    """The streets, some of them with traffic: a street is counted as a whole, its arcs differ a little."""
    number = max(arc.street for arc in arcs) + 1
    drawn, level = rng.random(number), rng.normal(0.0, _SPREAD, number)
    year = rng.integers(_FIRST_YEAR, _LAST_YEAR + 1, number).tolist()
    along = rng.normal(0.0, 0.08, len(arcs))
    result: list[Street] = []
    for row, (arc, street) in enumerate(zip(arcs, streets, strict=True)):
        usual = _USUAL.get(arc.street_class)
        if usual is None or drawn[arc.street] >= usual.counted:
            result.append(street)
            continue
        flow = round(usual.vehicles_per_day * float(np.exp(level[arc.street] + along[row])))
        result.append(structs.replace(street, vehicles_per_day=flow, counted_year=year[arc.street]))
    return result


def paint_crossings(plan: CityPlan, arcs: list[NamedArc], lit: list[bool], rng: np.random.Generator) -> list[Crossing]:
    """Crossings just before the corners of lit streets, more of them where more is driven."""
    ends = np.array([(arc.start, arc.end) for arc in arcs])
    degree = np.bincount(ends.ravel())
    drawn = rng.random(ends.shape)
    usual = [_USUAL.get(arc.street_class) for arc in arcs]
    crossed = np.array([found.crossed if found and on else 0.0 for found, on in zip(usual, lit, strict=True)])
    lengths = np.array([arc.length_m for arc in arcs])
    painted = (degree[ends] >= 3) & (drawn < crossed[:, None]) & (lengths >= 3 * _FROM_CORNER_M)[:, None]
    row, at_end = np.nonzero(painted)
    at = np.where(at_end == 1, lengths[row] - _FROM_CORNER_M, _FROM_CORNER_M)
    places = join_lines([arc.points for arc in arcs]).place(row, at)[0]
    owners = [arcs[found] for found in row.tolist()]
    degrees = np.round(plan.frame.to_degrees(places), 6).tolist()
    return [
        Crossing(arc.street_id, plan.communes[arc.commune].insee, (lon, lat))
        for arc, (lon, lat) in zip(owners, degrees, strict=True)
    ]
