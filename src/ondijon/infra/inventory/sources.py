"""Rows as field files give them: zipped Shapefile and GeoJSON."""

import json
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import shapefile
import shapely
from msgspec import Struct
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from ondijon.infra.inventory.mapping import Dataset
from ondijon.kernel.errors import Refused

_BROKEN = (
    OSError,
    ValueError,  # also bad text and bad JSON
    LookupError,
    struct.error,
    zipfile.BadZipFile,
    shapefile.ShapefileException,
    NotImplementedError,
    EOFError,
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
        columns, rows = _read_geojson(path) if path.suffix == ".geojson" else _read_shapefile(path, dataset.encoding)
    except _BROKEN as error:
        raise Refused(
            "error.import_broken_file", file=dataset.file, reason=f"{type(error).__name__}: {error}"
        ) from error
    for rules in dataset.fields.values():
        for rule in rules:
            if rule.column not in columns:
                raise Refused("error.import_missing_field", file=dataset.file, field=rule.column)
    return rows


def _read_shapefile(path: Path, encoding: str) -> tuple[set[str], list[SourceRow]]:
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        if damaged is not None:
            raise zipfile.BadZipFile(damaged)
    with shapefile.Reader(str(path), encoding=encoding) as reader:
        columns = {field[0] for field in reader.fields if field[0] != "DeletionFlag"}
        pairs = enumerate(reader.iterShapeRecords(), start=1)
        return columns, [SourceRow(number, pair.record.as_dict(), _geometry(pair.shape)) for number, pair in pairs]


def _geometry(shape: Any) -> BaseGeometry | None:
    if shape.shapeType == shapefile.NULL or not shape.points:
        return None
    return _shaped(shape.__geo_interface__)


def _shaped(interface: Any) -> BaseGeometry | None:
    try:
        return shapely.geometry.shape(interface)
    except (ShapelyError, ValueError, TypeError, LookupError, AttributeError):
        return None


def _read_geojson(path: Path) -> tuple[set[str], list[SourceRow]]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or not isinstance(content.get("features"), list):
        raise ValueError("no feature collection")
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
