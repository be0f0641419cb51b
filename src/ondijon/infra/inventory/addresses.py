"""House numbers of a real city, each on the arc of its street that is nearest."""

import numpy as np
import shapely

from ondijon.infra.inventory.rows import CheckedRow
from ondijon.infra.inventory.streets import Ground
from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.inventory import Address, AttributeValue


def make_addresses(rows: list[CheckedRow], ground: Ground) -> list[Address]:
    """Addresses in the order of their file; a street that has no arc leaves its name with the address."""
    points = shapely.get_coordinates([row.geometry for row in rows]).reshape(-1, 2)
    arc, is_own = _find_arcs([row.values.get("code") for row in rows], points, ground)
    degrees = np.round(points, 6).tolist()
    result: list[Address] = []
    for row, arc_row, own, (lon, lat) in zip(rows, arc.tolist(), is_own, degrees, strict=True):
        street = row.values.get("street")
        result.append(
            Address(
                street_id=ground.streets[arc_row].street_id,
                number=_number(row),
                position=(lon, lat),
                street=None if own or street is None else str(street),
            )
        )
    return result


def _number(row: CheckedRow) -> str:
    suffix = row.values.get("suffix")
    return f"{row.values['number']} {suffix}" if suffix else str(row.values["number"])


def _find_arcs(codes: list[AttributeValue], points: Floats, ground: Ground) -> tuple[Ints64, list[bool]]:
    """For each point in degrees the nearest arc of the street with its code, else the nearest of all."""
    nearest, _ = ground.attach(points)
    arcs_of: dict[AttributeValue, list[int]] = {}
    for arc, code in enumerate(ground.codes):
        if code is not None:
            arcs_of.setdefault(code, []).append(arc)
    lines = np.array(ground.lines, dtype=object)
    spots = np.array(shapely.points(ground.frame.to_metres(points)), dtype=object)
    rows_of: dict[AttributeValue, list[int]] = {}
    for row, code in enumerate(codes):
        rows_of.setdefault(code, []).append(row)
    for code, rows in rows_of.items():
        own = np.array(arcs_of.get(code, []), dtype=np.int64)
        if len(own):
            away = shapely.distance(spots[rows][:, None], lines[own][None, :])
            nearest[rows] = own[np.argmin(away, axis=1)]
    return nearest, [code in arcs_of for code in codes]
