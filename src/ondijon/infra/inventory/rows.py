"""From source rows to checked rows in WGS 84, with a report of every row left out."""

import numpy as np
import pyproj
import shapely
from msgspec import Struct
from shapely.geometry.base import BaseGeometry

from ondijon.infra.inventory.mapping import Dataset, GeometryKind, Rule
from ondijon.infra.inventory.projections import find_system
from ondijon.infra.inventory.sources import SourceRow
from ondijon.kernel.arrays import Floats
from ondijon.kernel.inventory import AttributeValue

_TYPES: dict[GeometryKind, tuple[str, ...]] = {
    "point": ("Point",),
    "line": ("LineString",),
    "polygon": ("Polygon", "MultiPolygon"),
    "none": (),
}
_NOWHERE = shapely.Point()


class BadRow(Struct, frozen=True):
    """A row left out: `row` counts from 1; `field` is ours, or `geometry`; `reason` is a word key."""

    file: str
    row: int
    field: str
    reason: str


class CheckedRow(Struct, frozen=True):
    """A row that fits: our fields, geometry in degrees, empty where the set has none."""

    number: int
    values: dict[str, AttributeValue]
    geometry: BaseGeometry


class _BadValueError(Exception):
    """One field of one row does not fit."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason


def check_rows(dataset: Dataset, rows: list[SourceRow], bad: list[BadRow]) -> list[CheckedRow]:
    """The rows that fit the mapping; the others are added to `bad`."""
    sound: list[CheckedRow] = []
    for row in rows:
        try:
            geometry = _checked(row.geometry, dataset.geometry)
            values = {name: _value(name, rules, row, dataset) for name, rules in dataset.fields.items()}
        except _BadValueError as error:
            bad.append(BadRow(dataset.file, row.number, error.field, error.reason))
            continue
        sound.append(CheckedRow(row.number, values, geometry))
    return sound if dataset.geometry == "none" else _in_degrees(dataset, sound, bad)


def _checked(geometry: BaseGeometry | None, kind: GeometryKind) -> BaseGeometry:
    if kind == "none":
        return _NOWHERE
    if geometry is None or geometry.is_empty:
        raise _BadValueError("geometry", "no_geometry")
    if geometry.geom_type not in _TYPES[kind]:
        raise _BadValueError("geometry", "wrong_geometry")
    if not np.isfinite(shapely.get_coordinates(geometry)).all():
        raise _BadValueError("geometry", "not_finite")
    if kind == "line" and geometry.length <= 0:
        raise _BadValueError("geometry", "no_length")
    if kind == "polygon" and not geometry.is_valid:
        raise _BadValueError("geometry", "invalid_polygon")
    return geometry


def _value(name: str, rules: list[Rule], row: SourceRow, dataset: Dataset) -> AttributeValue:
    """The first value that a rule gives."""
    value: AttributeValue = None
    for rule in rules:
        value = _by_rule(rule, row.values.get(rule.column))
        if value is not None:
            return value
    if name in dataset.required:
        raise _BadValueError(name, "unknown_value" if any(rule.values for rule in rules) else "missing_value")
    return value


def _by_rule(rule: Rule, found: object) -> AttributeValue:
    text = "" if found is None else str(found).strip()
    if text in rule.absent:
        return None
    if rule.values is not None:
        return rule.values.get(text, rule.otherwise)
    if isinstance(found, bool | int | float):
        return found
    return text or rule.otherwise


def _in_degrees(dataset: Dataset, rows: list[CheckedRow], bad: list[BadRow]) -> list[CheckedRow]:
    """Transform all geometries in one go; rows outside the reference system's area of use are bad."""
    system = find_system(dataset)
    transformer = pyproj.Transformer.from_crs(system, "EPSG:4326", always_xy=True)
    west, south, east, north = system.area_of_use.bounds if system.area_of_use else (-180.0, -90.0, 180.0, 90.0)

    def to_degrees(points: Floats) -> Floats:
        return np.column_stack(transformer.transform(points[:, 0], points[:, 1]))

    moved = shapely.transform(np.array([row.geometry for row in rows], dtype=object), to_degrees)
    result: list[CheckedRow] = []
    for row, geometry in zip(rows, moved, strict=True):
        points = shapely.get_coordinates(geometry)
        if ((points >= (west, south)) & (points <= (east, north))).all():
            result.append(CheckedRow(row.number, row.values, geometry))
        else:
            bad.append(BadRow(dataset.file, row.number, "geometry", "out_of_range"))
    return result
