"""Communes and streets of a real city, and where other objects stand on them."""

import numpy as np
import shapely
from msgspec import Struct, ValidationError, convert
from shapely.geometry.base import BaseGeometry

from ondijon.infra.inventory.rows import BadRow, CheckedRow
from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.geo import LocalMetres, StreetGraph, join_ends
from ondijon.kernel.inventory import AttributeValue, Commune, Position, Ring, Street


class _CommuneFields(Struct, frozen=True):
    insee: str
    name: str
    population: int
    area_km2: float


def make_communes(file: str, rows: list[CheckedRow], bad: list[BadRow]) -> tuple[list[Commune], list[BaseGeometry]]:
    """Communes with their areas in degrees."""
    communes: list[Commune] = []
    areas: list[BaseGeometry] = []
    for row in rows:
        try:
            fields = convert(row.values, _CommuneFields)
        except ValidationError as error:
            bad.append(BadRow(file, row.number, str(error).rpartition("$.")[2].rstrip("`"), "wrong_type"))
            continue
        center = row.geometry.representative_point()
        communes.append(
            Commune(
                insee=fields.insee,
                name=fields.name,
                population=fields.population,
                area_km2=fields.area_km2,
                center=_position(shapely.get_coordinates(center)[0]),
                boundary=[_rings(polygon) for polygon in shapely.get_parts(row.geometry)],
            )
        )
        areas.append(row.geometry)
    return communes, areas


def _rings(polygon: BaseGeometry) -> list[Ring]:
    return [[_position(point) for point in np.array(ring.coords)] for ring in (polygon.exterior, *polygon.interiors)]


def _position(point: Floats) -> Position:
    return round(float(point[0]), 6), round(float(point[1]), 6)


class Ground(Struct, frozen=True):
    """Where things are: communes' areas in degrees, streets' lines in metres, and the graph that they form.

    codes: what other datasets call each street by, None where the streets' set has no such column.
    """

    frame: LocalMetres
    communes: list[Commune]
    areas: list[BaseGeometry]
    streets: list[Street]
    lines: list[BaseGeometry]
    codes: list[AttributeValue]
    graph: StreetGraph

    def communes_of(self, points: Floats) -> Ints64:
        """The commune of each point in degrees: the one around it, else the nearest."""
        tree = shapely.STRtree(self.areas)
        spots = shapely.points(points)
        result: Ints64 = np.asarray(tree.nearest(spots), dtype=np.int64)
        spot, area = tree.query(spots, predicate="intersects")
        result[spot] = area
        return result

    def attach(self, points: Floats) -> tuple[Ints64, Floats]:
        """For each point in degrees the nearest street, and how far along it in metres."""
        spots = shapely.points(self.frame.to_metres(points))
        nearest: Ints64 = np.asarray(shapely.STRtree(self.lines).nearest(spots), dtype=np.int64)
        along: Floats = shapely.line_locate_point(np.array(self.lines, dtype=object)[nearest], spots)
        return nearest, along

    def gaps_m(self, points: Floats, arc: Ints64) -> Floats:
        """How far each point in degrees is from the street that it was given."""
        spots = shapely.points(self.frame.to_metres(points))
        gaps: Floats = shapely.distance(np.array(self.lines, dtype=object)[arc], spots)
        return gaps


def lay_ground(
    frame: LocalMetres,
    communes: list[Commune],
    areas: list[BaseGeometry],
    file: str,
    rows: list[CheckedRow],
    bad: list[BadRow],
) -> Ground:
    """Streets from their rows; a key that came before makes a bad row."""
    ground = Ground(frame, communes, areas, [], [], [], join_ends([np.zeros((2, 2))]))
    middles = np.array([shapely.get_coordinates(row.geometry.interpolate(0.5, normalized=True))[0] for row in rows])
    commune_of = ground.communes_of(middles.reshape(-1, 2)).tolist()
    streets: list[Street] = []
    lines: list[Floats] = []
    codes: list[AttributeValue] = []
    seen: set[str] = set()
    for row, commune in zip(rows, commune_of, strict=True):
        insee = communes[commune].insee
        street_id = f"{insee}-{row.values['key']}"
        if street_id in seen:
            bad.append(BadRow(file, row.number, "key", "repeated_value"))
            continue
        seen.add(street_id)
        points = shapely.get_coordinates(row.geometry)
        record = {
            "street_id": street_id,
            "name": row.values["name"],
            "commune": insee,
            "street_class": row.values["street_class"],
            "line": [_position(point) for point in points],
            "one_way": row.values.get("one_way") is True,
        }
        try:
            streets.append(convert(record, Street))
        except ValidationError:
            bad.append(BadRow(file, row.number, "street_class", "unknown_value"))
            continue
        lines.append(frame.to_metres(points))
        codes.append(row.values.get("code"))
    return Ground(frame, communes, areas, streets, list(shapely_lines(lines)), codes, join_ends(lines))


def shapely_lines(lines: list[Floats]) -> list[BaseGeometry]:
    """Lines of points as geometries."""
    counts = [len(line) for line in lines]
    result: list[BaseGeometry] = shapely.linestrings(np.vstack(lines), indices=np.repeat(np.arange(len(lines)), counts))
    return result
