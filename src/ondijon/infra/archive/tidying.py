"""The lake tells what it holds: a manifest of the files that count, and dictionaries of their numbers."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import msgspec
import numpy as np

from ondijon.infra.archive import queries
from ondijon.infra.archive.lake import Lake
from ondijon.infra.archive.layout import FORMAT, MANIFEST, PROPERTIES, TWINS
from ondijon.infra.archive.queries import DayFile
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.city import City

_LEFT_S = 86_400.0
_TWINS = {
    "urn": str,
    "type": str,
    "commune": str,
    "name": str,
    "part_of": str,
    "twin_no": int,
    "lon": float,
    "lat": float,
}
_PROPERTIES = {"property_no": int, "twin_type": str, "key": str, "unit": str, "model_name": str, "choices": str}
_PROPERTIES |= {"data_class": str, "purpose": str, "retention_days": int}


async def tidy(rows: PostgresRows, lake: Lake, city: City) -> None:
    """Write manifest and dictionaries anew, then take away every file that does not count."""
    twins = await queries.list_twins(rows)
    properties = [_describe(row, city) for row in await queries.list_properties(rows)]
    await asyncio.to_thread(_write_table, lake, TWINS, _TWINS, twins)
    await asyncio.to_thread(_write_table, lake, PROPERTIES, _PROPERTIES, properties)
    async with rows.transaction() as tx:
        await queries.lock_files(tx)
        await asyncio.to_thread(_tidy, lake, await queries.list_files(tx))


def _describe(row: Mapping[str, Any], city: City) -> dict[str, Any]:
    """A property's number with what its trade declares; of a trade that is gone the number and name alone."""
    found = {key: row[key] for key in ("property_no", "twin_type", "key")} | {"retention_days": row["retention_days"]}
    declared = city.types.get(row["twin_type"])
    for spec in () if declared is None else declared.properties:
        if spec.key == row["key"]:
            found |= {"unit": spec.unit, "model_name": spec.model_name, "choices": ",".join(spec.choices)}
            found |= {"data_class": str(spec.privacy.data_class), "purpose": spec.privacy.purpose}
    return found


def _write_table(lake: Lake, name: str, columns: Mapping[str, type], rows: Sequence[Mapping[str, Any]]) -> None:
    staged = lake.scratch / f"{uuid4().hex}.parquet"
    kinds = {str: "VARCHAR", int: "INTEGER", float: "DOUBLE"}
    table = {key: np.array([row.get(key) for row in rows], object) for key in columns}
    chosen = ", ".join(f"{key}::{kinds[kind]} AS {key}" for key, kind in columns.items())
    with duckdb.connect() as engine:
        engine.register("given", table)
        engine.sql(f"SELECT {chosen} FROM given").write_parquet(str(staged), compression="zstd")  # noqa: S608
    lake.place(staged, name)


def _sweep(scratch: Path) -> None:
    """Take away what killed processes left half written."""
    for path in scratch.iterdir():
        if path.is_file() and path.stat().st_mtime < time.time() - _LEFT_S:
            path.unlink(missing_ok=True)


def _tidy(lake: Lake, counting: Sequence[DayFile]) -> None:
    staged: Path = lake.scratch / f"{uuid4().hex}.json"
    staged.write_bytes(msgspec.json.format(msgspec.json.encode({"format": FORMAT, "files": counting}), indent=1))
    lake.place(staged, MANIFEST)
    _sweep(lake.scratch)
    names = {one.file for one in counting}
    for name in lake.list_files():
        if name not in names:
            lake.remove(name)
