"""A tiny town written with field tools: two communes, a cross of streets, some lights."""

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import shapefile

CITY = """
key = "smallville"
name = "Smallville"
center = [3.0, 46.5]
"""
MAPPING = """
[communes]
file = "communes.geojson"
crs = "EPSG:4326"
geometry = "polygon"
required = ["insee", "name", "population", "area_km2"]
[communes.fields]
insee = [{ column = "code" }]
name = [{ column = "nom" }]
population = [{ column = "pop" }]
area_km2 = [{ column = "km2" }]

[streets]
file = "streets.zip"
crs = "EPSG:2154"
encoding = "latin-1"
geometry = "line"
required = ["key", "name", "street_class"]
[streets.fields]
key = [{ column = "ID" }]
name = [{ column = "NOM" }]
one_way = [{ column = "SENS", values = { "UNIQUE" = true }, otherwise = false }]
street_class = [{ column = "KIND", values = { "AV" = "secondary" }, otherwise = "residential" }]

[[twins]]
type = "Streetlight"
prefix = "SL"
file = "lights.zip"
crs = "EPSG:2154"
encoding = "latin-1"
geometry = "point"
required = ["luminaire"]
[twins.fields]
luminaire = [{ column = "type", values = { "LANTERNE" = "lantern", "" = "unknown" } }]
[twins.inferred]
by = "luminaire"
marks = { rated_power_inferred = true }
[twins.inferred.values]
lantern = { rated_power_w = 100.0 }
unknown = { rated_power_w = 70.0 }

[circuits]
of = "Streetlight"
type = "StreetlightControlCabinet"
prefix = "CAB"
power = "rated_power_w"
subscribed_kw = [3.0, 6.0]
switched_share = 0.5
attributes = { feeders = "permanent+switched" }

[street_groups]
of = "Streetlight"
type = "StreetlightGroup"
prefix = "GRP"
"""
# Lambert-93 metres around 3 E 46.5 N, the origin of that projection.
X, Y = 700_000.0, 6_600_000.0

Rows = Sequence[tuple[Any, tuple[Any, ...]]]


def write_shapes(path: Path, kind: int, fields: Sequence[tuple[str, str, int]], rows: Rows) -> None:
    """A zipped Shapefile in Latin-1; a row without geometry is a null shape."""
    files = {ending: io.BytesIO() for ending in ("shp", "shx", "dbf")}
    with shapefile.Writer(**files, shapeType=kind, encoding="latin-1") as writer:
        for name, field_type, size in fields:
            writer.field(name, field_type, size)
        for geometry, record in rows:
            if geometry is None:
                writer.null()
            elif kind == shapefile.POINT:
                writer.point(*geometry)
            else:
                writer.line([geometry])
            writer.record(*record)
    with zipfile.ZipFile(path, "w") as archive:
        for ending, content in files.items():
            archive.writestr(f"{path.stem}.{ending}", content.getvalue())


def write_streets(folder: Path, rows: Rows | None = None) -> None:
    """A street in two arcs, and another that joins it where they meet."""
    cross: Rows = [
        ([(X - 900, Y), (X, Y)], (1, "Rue de la Célette", "UNIQUE", "RUE")),
        ([(X, Y), (X + 900, Y)], (2, "Rue de la Célette", "", "RUE")),
        ([(X, Y), (X, Y + 900)], (3, "Avenue du Nord", "", "AV")),
    ]
    fields = (("ID", "N", 10), ("NOM", "C", 80), ("SENS", "C", 10), ("KIND", "C", 4))
    write_shapes(folder / "streets.zip", shapefile.POLYLINE, fields, cross if rows is None else rows)


def write_lights(folder: Path, rows: Rows | None = None, column: str = "type") -> None:
    """A hundred lights, 15 m apart, five metres north of the long street."""
    along: Rows = [((X - 743 + 15 * row, Y + 5), ("LANTERNE" if row % 10 else "",)) for row in range(100)]
    write_shapes(folder / "lights.zip", shapefile.POINT, ((column, "C", 50),), along if rows is None else rows)


def commune(code: str, name: str, west: float, east: float) -> dict[str, Any]:
    """A GeoJSON feature between two longitudes."""
    ring = [[west, 46.49], [east, 46.49], [east, 46.51], [west, 46.51], [west, 46.49]]
    return {
        "type": "Feature",
        "properties": {"code": code, "nom": name, "pop": 1200, "km2": 3.4},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def write_communes(folder: Path, features: Sequence[dict[str, Any]] | None = None) -> None:
    """A western and an eastern commune, which leave a gap of the easternmost lights outside."""
    both = [commune("03001", "Ouest-lès-Prés", 2.98, 3.0), commune("03002", "Est", 3.0, 3.006)]
    content = {"type": "FeatureCollection", "features": both if features is None else features}
    (folder / "communes.geojson").write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """One folder that serves as the city's and as the sources'."""
    (tmp_path / "city.toml").write_text(CITY, encoding="utf-8")
    (tmp_path / "import.toml").write_text(MAPPING, encoding="utf-8")
    write_communes(tmp_path)
    write_streets(tmp_path)
    write_lights(tmp_path)
    return tmp_path
