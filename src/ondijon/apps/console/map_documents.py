"""The map's still layers as GeoJSON, built from the rows once and kept compressed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

import msgspec
from msgspec import Raw

from ondijon.apps.console.queries import place
from ondijon.kernel.city import City
from ondijon.kernel.ports import Row, Rows
from ondijon.web.documents import Document, make_document

GEOJSON = "application/geo+json"
Layer = Literal["communes", "streets", "landscape"]
Box = tuple[float, float, float, float]
Build = Callable[[Row], list[dict[str, Any]]]
_MARGIN_DEG = 0.02


class MapDocuments:
    """Each layer is built when somebody first asks for it."""

    def __init__(self, city: City, rows: Rows) -> None:
        self._city = city
        self._rows = rows
        self._building = asyncio.Lock()
        self._documents: dict[str, Document] = {}
        self._box: Box | None = None

    async def get(self, layer: Layer) -> Document:
        """A layer, from memory or from the rows."""
        async with self._building:
            if layer not in self._documents:
                build = _BUILDERS[layer]
                rows = await _LISTS[layer](self._rows)
                self._documents[layer] = await asyncio.to_thread(_collect, build, rows)
            return self._documents[layer]

    async def box(self) -> Box:
        """West, south, east and north of all communes, or of their centres while they have no boundary."""
        if self._box is None:
            boundaries = [msgspec.json.decode(row["boundary"]) for row in await place.list_communes(self._rows)]
            self._box = _box_of(boundaries, self._city)
        return self._box


def _box_of(boundaries: Sequence[list[list[list[tuple[float, float]]]]], city: City) -> Box:
    points = [point for polygons in boundaries for rings in polygons for ring in rings for point in ring]
    if points:
        lons, lats = [point[0] for point in points], [point[1] for point in points]
        return min(lons), min(lats), max(lons), max(lats)
    lons, lats = [one.center[0] for one in city.communes], [one.center[1] for one in city.communes]
    return min(lons) - _MARGIN_DEG, min(lats) - _MARGIN_DEG, max(lons) + _MARGIN_DEG, max(lats) + _MARGIN_DEG


def _collect(build: Build, rows: Sequence[Row]) -> Document:
    features = [feature for row in rows for feature in build(row)]
    content = msgspec.json.encode({"type": "FeatureCollection", "features": features})
    return make_document(content, GEOJSON)


def _feature(geometry_type: str, coordinates: str, properties: dict[str, str]) -> dict[str, Any]:
    # PostgreSQL writes JSON with blanks after commas; coordinates hold no text that these could belong to.
    geometry = {"type": geometry_type, "coordinates": Raw(coordinates.replace(" ", "").encode())}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _commune(row: Row) -> list[dict[str, Any]]:
    return [_feature("MultiPolygon", row["boundary"], {"insee": row["insee"], "name": row["name"]})]


def _street(row: Row) -> list[dict[str, Any]]:
    words = {"id": row["street_id"], "name": row["name"], "class": row["street_class"]}
    return [_feature("LineString", row["line"], words)]


def _shape(row: Row) -> list[dict[str, Any]]:
    kinds = (("polygons", "MultiPolygon"), ("lines", "MultiLineString"))
    return [
        _feature(geometry_type, row[key], {"kind": row["kind"]}) for key, geometry_type in kinds if row[key] is not None
    ]


_BUILDERS: dict[str, Build] = {"communes": _commune, "streets": _street, "landscape": _shape}
_LISTS: dict[str, Callable[[Rows], Awaitable[Sequence[Row]]]] = {
    "communes": place.list_communes,
    "streets": place.list_streets,
    "landscape": place.list_landscape,
}
