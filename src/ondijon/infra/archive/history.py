"""One way to ask for readings, wherever they lie: DuckDB over the rows still in PostgreSQL and the lake's files."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import duckdb

from ondijon.infra.archive.columns import Chunk, copy_span, steady
from ondijon.infra.archive.lake import Lake
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.arrays import AnyArray
from ondijon.kernel.clock import to_us
from ondijon.kernel.history import Series

Found = dict[str, AnyArray]
_HERE = "SELECT twin_no, observed_at AS at_us, value, quality FROM here"
_FILES = """SELECT twin_no, epoch_us(observed_at) AS at_us, value, quality FROM read_parquet($files)
    WHERE twin_no BETWEEN $low AND $high AND property_no = $property_no
        AND observed_at >= make_timestamptz($since_us) AND observed_at < make_timestamptz($until_us)"""
_VALUES = "SELECT at_us, value FROM readings ORDER BY at_us LIMIT $most"
_EXTREMES = """SELECT unnest([arg_min(at_us, value), arg_max(at_us, value)]) AS at_us,
        unnest([min(value), max(value)]) AS value
    FROM readings WHERE NOT isnan(value)
    GROUP BY (at_us - $since_us) * $spans // ($until_us - $since_us) ORDER BY at_us"""


class ReadingHistory:
    """The History port; the lake's folder is all that its DuckDB may open."""

    def __init__(self, rows: PostgresRows, lake: Lake) -> None:
        self._rows = rows
        self._lake = lake
        self._engine = duckdb.connect(config={"threads": 2, "memory_limit": "512MB"})
        self._engine.execute("SET parquet_metadata_cache = true")
        self._engine.execute("SET allowed_directories = $1", [[str(lake.folder)]])
        for setting in ("enable_external_access = false", "lock_configuration = true"):
            self._engine.execute(f"SET {setting}")

    async def get_series(self, twin_no: int, property_no: int, since: datetime, until: datetime, most: int) -> Series:
        span = {"low": twin_no, "high": twin_no, "property_no": property_no}
        span |= {"since_us": to_us(since), "until_us": to_us(until)}
        here, files = await self._gather(span, since, until)
        return await asyncio.to_thread(self._series, span, here, files, most)

    async def _gather(self, span: dict[str, int], since: datetime, until: datetime) -> tuple[Chunk, list[Path]]:
        """The rows still here, and the files of the span, as they are at one instant."""
        async with steady(self._rows) as connection:
            names = await _list_names(connection, since, until)
            here = await copy_span(connection, span["low"], span["high"], span["property_no"], since, until)
        return here, [self._lake.fetch(name) for name in names]

    def _series(self, span: dict[str, int], here: Chunk, files: Sequence[Path], most: int) -> Series:
        with self._engine.cursor() as cursor:
            cursor.register("here", here)
            whole = _ask(cursor, _VALUES, span, files, most=most + 1)
            if len(whole["at_us"]) <= most:
                return Series(whole["at_us"], whole["value"], False)
            chosen = _ask(cursor, _EXTREMES, span, files, spans=most // 2)
            return Series(chosen["at_us"], chosen["value"], True)


def _ask(
    cursor: duckdb.DuckDBPyConnection, question: str, span: dict[str, int], files: Sequence[Path], **more: Any
) -> Found:
    """Ask a question about `readings`, which is what is here together with what is in the files."""
    parameters = {key: value for key, value in {**span, **more}.items() if f"${key}" in question}
    readings = _HERE
    if files:
        readings = f"{_HERE} UNION ALL {_FILES}"
        parameters |= {**span, "files": [str(path) for path in files]}
    found: Found = cursor.execute(f"WITH readings AS ({readings}) {question}", parameters).fetchnumpy()
    return found


async def _list_names(connection: asyncpg.Connection, since: datetime, until: datetime) -> list[str]:
    found = await connection.fetch(
        """SELECT file FROM archive_days
           WHERE day >= ($1::timestamptz AT TIME ZONE 'UTC')::date AND day <= ($2::timestamptz AT TIME ZONE 'UTC')::date
           ORDER BY day""",
        since,
        until,
    )
    return [row["file"] for row in found]
