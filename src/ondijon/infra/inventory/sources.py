"""Rows as field files give them: zipped Shapefile, GeoJSON and CSV."""

import csv
import io
import json
import struct
import warnings
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import shapefile
import shapely
from msgspec import Struct
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from ondijon.infra.inventory.mapping import Dataset
from ondijon.infra.inventory.projections import check_projection
from ondijon.kernel.errors import Refused

_BROKEN = (
    OSError,
    ValueError,  # also bad text and bad JSON
    LookupError,
    struct.error,
    zipfile.BadZipFile,
    shapefile.ShapefileException,
    shapefile.PossiblyCorruptFileHeader,
    NotImplementedError,
    EOFError,
    csv.Error,
)


class SourceRow(Struct, frozen=True):
    """One row, counted from 1; no geometry when it has none or one that cannot be read."""

    number: int
    values: dict[str, Any]
    geometry: BaseGeometry | None


def read_rows(dataset: Dataset, folder: Path) -> list[SourceRow]:
    """All rows of the dataset's file; raises Refused when it is missing, broken, or lacks a column."""
    path = folder / dataset.file
    if not path.is_file():
        raise Refused("error.import_missing_file", file=dataset.file)
    try:
        columns, rows = _READERS.get(path.suffix, _read_shapefile)(path, dataset)
    except _BROKEN as error:
        raise Refused(
            "error.import_broken_file", file=dataset.file, reason=f"{type(error).__name__}: {error}"
        ) from error
    _check_columns(columns, dataset)
    return rows


def _check_columns(columns: set[str], dataset: Dataset) -> None:
    for rule in chain(*dataset.fields.values()):
        if rule.column not in columns:
            raise Refused("error.import_missing_field", file=dataset.file, field=rule.column)


def _read_shapefile(path: Path, dataset: Dataset) -> tuple[set[str], list[SourceRow]]:
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        if damaged is not None:
            raise zipfile.BadZipFile(damaged)
        _check_members(archive, dataset)
    with warnings.catch_warnings(), shapefile.Reader(str(path), encoding=dataset.encoding) as reader:
        warnings.simplefilter("error", shapefile.PossiblyCorruptFileHeader)
        columns = {field[0] for field in reader.fields if field[0] != "DeletionFlag"}
        _check_columns(columns, dataset)
        wanted = list({rule.column for rule in chain(*dataset.fields.values())})
        values = [record.as_dict() for record in reader.iterRecords(fields=wanted)]
        places = _geometries(list(reader.iterShapes()))
    pairs = zip(values, places, strict=True)  # a shape without record is a broken file
    return columns, [SourceRow(number, *pair) for number, pair in enumerate(pairs, start=1)]


def _check_members(archive: zipfile.ZipFile, dataset: Dataset) -> None:
    """Shapes and records are both there; the projection, where the archive tells it, is the one that we were told."""
    members = {Path(name).suffix.lower(): name for name in archive.namelist()}
    for suffix in (".shp", ".dbf"):
        if suffix not in members:
            raise ValueError(f"no {suffix} in the archive")
    if ".prj" in members:
        check_projection(archive.read(members[".prj"]).decode("utf-8"), dataset)


def _geometries(shapes: list[Any]) -> list[BaseGeometry | None]:
    """Geometries of shapes, None for those without a place; points, which are many, all at once."""
    if not all(shape.shapeType in (shapefile.POINT, shapefile.NULL) for shape in shapes):
        return [_shaped(shape.__geo_interface__) if shape.points else None for shape in shapes]
    placed = [row for row, shape in enumerate(shapes) if shape.points]
    result: list[BaseGeometry | None] = [None] * len(shapes)
    coordinates = np.array([shapes[row].points[0] for row in placed], dtype=np.float64).reshape(-1, 2)
    for row, point in zip(placed, shapely.points(coordinates).tolist(), strict=True):
        result[row] = point
    return result


def _shaped(interface: Any) -> BaseGeometry | None:
    try:
        return shapely.geometry.shape(interface)
    except (ShapelyError, ValueError, TypeError, LookupError, AttributeError):
        return None


def _read_csv(path: Path, dataset: Dataset) -> tuple[set[str], list[SourceRow]]:
    text = _decoded(path.read_bytes(), dataset.encoding)
    lines = list(csv.reader(io.StringIO(text), delimiter=dataset.delimiter, strict=True))
    if not lines:
        raise ValueError("empty file")
    head, *body = lines
    wrong = next((number for number, line in enumerate(body, start=1) if len(line) != len(head)), None)
    if wrong is not None:
        raise ValueError(f"row {wrong} has {len(body[wrong - 1])} fields, the head {len(head)}")
    return set(head), [
        SourceRow(row, dict(zip(head, line, strict=True)), None) for row, line in enumerate(body, start=1)
    ]


def _decoded(content: bytes, encoding: str) -> str:
    """The text; raises ValueError when it is none in this encoding, also for UTF-8 where one byte a letter is said."""
    text = content.decode(encoding)
    if encoding not in ("utf-8", "utf-8-sig") and not content.isascii():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return text
        raise ValueError(f"the text is UTF-8, not {encoding}")
    return text


def _read_geojson(path: Path, dataset: Dataset) -> tuple[set[str], list[SourceRow]]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or not isinstance(content.get("features"), list):
        raise ValueError("no feature collection")
    named = content.get("crs")
    if isinstance(named, dict):
        check_projection(str(named.get("properties", {}).get("name")), dataset)
    rows = list(_features(content["features"]))
    columns = set().union(*(row.values for row in rows)) if rows else set()
    return columns, rows


def _features(features: list[Any]) -> Iterator[SourceRow]:
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") or {} if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            raise ValueError("a feature without properties")
        interface = feature.get("geometry")
        yield SourceRow(number, properties, _shaped(interface) if interface else None)


_READERS = {".geojson": _read_geojson, ".csv": _read_csv}
