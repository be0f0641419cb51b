"""What traffic counts and crossings say of the streets they belong to."""

import re
from collections import defaultdict
from statistics import fmean

import numpy as np
import shapely
from msgspec import Struct, ValidationError, convert, structs

from ondijon.infra.inventory.rows import BadRow, CheckedRow
from ondijon.infra.inventory.streets import Ground
from ondijon.kernel.inventory import Crossing, Street


class _Count(Struct, frozen=True):
    """One count at one place, in one direction as its sender wrote it."""

    arc: str
    year: int
    vehicles_per_day: float
    direction: str = ""
    usable: bool = True


def make_crossings(rows: list[CheckedRow], ground: Ground) -> list[Crossing]:
    """Crossings in the order of their file, each of the nearest arc and of the commune around it."""
    points = shapely.get_coordinates([row.geometry for row in rows]).reshape(-1, 2)
    arc, _ = ground.attach(points)
    commune = ground.communes_of(points).tolist()
    return [
        Crossing(ground.streets[arc_row].street_id, ground.communes[commune_row].insee, (lon, lat))
        for arc_row, commune_row, (lon, lat) in zip(arc.tolist(), commune, np.round(points, 6).tolist(), strict=True)
    ]


def count_traffic(file: str, rows: list[CheckedRow], streets: list[Street], bad: list[BadRow]) -> list[Street]:
    """The streets with their daily traffic; counts that are of no use are added to `bad`.

    Only the newest counted year of an arc is used. Counts of one direction in that year (several campaigns,
    several counters) are averaged; directions are then added, at most as many as an arc has (one on a one-way
    arc, else two), the busiest first: other names for the same flow must not make it twice as strong.
    """
    arc_of = {street.street_id.partition("-")[2]: row for row, street in enumerate(streets)}
    counts: dict[int, list[_Count]] = defaultdict(list)
    for row in rows:
        count = _checked(file, row, arc_of, bad)
        if count is not None:
            counts[arc_of[count.arc]].append(count)
    result = list(streets)
    for arc, found in counts.items():
        year = max(count.year for count in found)
        flow = _flow([count for count in found if count.year == year], 1 if streets[arc].one_way else 2)
        result[arc] = structs.replace(streets[arc], vehicles_per_day=flow, counted_year=year)
    return result


def _checked(file: str, row: CheckedRow, arc_of: dict[str, int], bad: list[BadRow]) -> _Count | None:
    try:
        count = convert(row.values, _Count, strict=False)
    except ValidationError as error:
        bad.append(BadRow(file, row.number, str(error).rpartition("$.")[2].rstrip("`"), "wrong_type"))
        return None
    if count.arc not in arc_of:
        bad.append(BadRow(file, row.number, "arc", "unknown_street"))
    elif not count.usable:
        bad.append(BadRow(file, row.number, "usable", "spoiled_count"))
    elif count.vehicles_per_day < 0:
        bad.append(BadRow(file, row.number, "vehicles_per_day", "out_of_range"))
    else:
        return count
    return None


def _flow(counts: list[_Count], directions: int) -> int:
    """Vehicles a day of the counts of one arc in one year."""
    by_direction: dict[str, list[float]] = defaultdict(list)
    for count in counts:
        by_direction[re.sub(r"[\W_]+", " ", count.direction).strip().casefold()].append(count.vehicles_per_day)
    means = sorted((fmean(values) for values in by_direction.values()), reverse=True)
    return round(sum(means[:directions]))
