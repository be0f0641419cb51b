"""Ways in which a file of a city comes broken, one function each; every one must refuse the whole import."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyproj

from ondijon.infra.inventory.mapping import Dataset

Corrupt = Callable[[Path, Dataset], None]


def truncate(path: Path, _: Dataset) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 55 // 100])


def fill_with_noise(path: Path, _: Dataset) -> None:
    path.write_bytes(random.Random(4).randbytes(max(2_000, path.stat().st_size // 50)))


def empty(path: Path, _: Dataset) -> None:
    path.write_bytes(b"")


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write_members(path: Path, members: dict[str, bytes]) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, part in members.items():
            archive.writestr(name, part)
    path.write_bytes(content.getvalue())


def _without(path: Path, suffix: str) -> None:
    _write_members(path, {name: part for name, part in _members(path).items() if not name.lower().endswith(suffix)})


def leave_out_dbf(path: Path, _: Dataset) -> None:
    _without(path, ".dbf")


def leave_out_shp(path: Path, _: Dataset) -> None:
    _without(path, ".shp")


def halve_dbf(path: Path, _: Dataset) -> None:
    """The archive is sound, but its table ends in the middle."""
    _write_members(
        path,
        {name: part[: len(part) // 2] if name.endswith(".dbf") else part for name, part in _members(path).items()},
    )


def halve_shp(path: Path, _: Dataset) -> None:
    """The archive is sound, but its shapes end in the middle."""
    _write_members(
        path,
        {name: part[: len(part) // 2] if name.endswith(".shp") else part for name, part in _members(path).items()},
    )


def _first_column(dataset: Dataset) -> str:
    return next(rule.column for rules in dataset.fields.values() for rule in rules)


def rename_column_of_dbf(path: Path, dataset: Dataset) -> None:
    column = _first_column(dataset).encode(dataset.encoding)
    _write_members(
        path,
        {
            name: part.replace(column.ljust(11, b"\0"), b"AUTRE".ljust(11, b"\0"), 1) if name.endswith(".dbf") else part
            for name, part in _members(path).items()
        },
    )


def _with_projection(path: Path, words: str) -> None:
    members = {name: part for name, part in _members(path).items() if not name.endswith(".prj")}
    stem = next(iter(members)).rpartition(".")[0]
    _write_members(path, members | {f"{stem}.prj": words.encode()})


def tell_another_projection(path: Path, _: Dataset) -> None:
    _with_projection(path, pyproj.CRS("EPSG:27572").to_wkt("WKT1_ESRI"))


def tell_no_projection_at_all(path: Path, _: Dataset) -> None:
    _with_projection(path, "PROJCS[nothing that anybody knows")


def rename_property(path: Path, dataset: Dataset) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'"{_first_column(dataset)}"', '"autre"'), encoding="utf-8")


def name_lambert_in_geojson(path: Path, _: Dataset) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    path.write_text(json.dumps(content), encoding="utf-8")


def write_latin_1(path: Path, _: Dataset) -> None:
    path.write_bytes(path.read_text(encoding="utf-8").replace("\\u00e8", "è").encode("latin-1"))


def write_semicolons(path: Path, dataset: Dataset) -> None:
    text = path.read_bytes().decode(dataset.encoding)
    path.write_bytes(text.replace(dataset.delimiter, ";").encode(dataset.encoding))


def write_utf_8(path: Path, dataset: Dataset) -> None:
    path.write_bytes(path.read_bytes().decode(dataset.encoding).encode("utf-8"))


def write_utf_16(path: Path, dataset: Dataset) -> None:
    path.write_bytes(path.read_bytes().decode(dataset.encoding).encode("utf-16"))


def rename_column_of_csv(path: Path, dataset: Dataset) -> None:
    text = path.read_bytes().decode(dataset.encoding)
    path.write_bytes(text.replace(_first_column(dataset), "AUTRE", 1).encode(dataset.encoding))


_ANY: list[Corrupt] = [truncate, fill_with_noise, empty]
_ZIP: list[Corrupt] = [leave_out_dbf, leave_out_shp, halve_dbf, halve_shp, tell_another_projection]
CORRUPTIONS: dict[str, list[Corrupt]] = {
    ".zip": [*_ANY, *_ZIP, tell_no_projection_at_all, rename_column_of_dbf],
    ".geojson": [*_ANY, rename_property, name_lambert_in_geojson, write_latin_1],
    ".csv": [*_ANY, write_semicolons, write_utf_8, write_utf_16, rename_column_of_csv],
}


def cases(datasets: list[Dataset]) -> list[tuple[Dataset, Corrupt]]:
    """Each file with each way in which it may be broken; a file of bare places has no column to lose."""
    return [
        (dataset, corrupt)
        for dataset in datasets
        for corrupt in CORRUPTIONS[Path(dataset.file).suffix]
        if dataset.fields or corrupt is not rename_column_of_dbf
    ]
