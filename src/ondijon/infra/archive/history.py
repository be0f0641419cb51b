"""One way to ask for readings, wherever they lie: DuckDB over the rows still in PostgreSQL and the lake's files."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import duckdb

from ondijon.infra.archive import rollup_queries
from ondijon.infra.archive.columns import Chunk, copy_span, steady
from ondijon.infra.archive.lake import Lake
from ondijon.infra.archive.queries import list_names
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.arrays import AnyArray, Ints32
from ondijon.kernel.clock import to_us
from ondijon.kernel.history import GrainKey, Series, Total

Answer = TypeVar("Answer")
Totals = Sequence[tuple[Any, ...]]
_ALL_TWINS = {"low": 0, "high": 2_147_483_647}
_ALL_PROPERTIES = {"first": 0, "last": 32_767}
# DuckDB takes a NaN of numpy's for NULL.
_HERE = """SELECT twin_no, property_no, observed_at AS at_us, coalesce(value, 'NaN'::DOUBLE) AS value, quality
    FROM here"""
_FILES = """SELECT twin_no, property_no, epoch_us(observed_at) AS at_us, value, quality
    FROM read_parquet($files, hive_partitioning = false)
    WHERE property_no BETWEEN $first AND $last
        AND observed_at >= make_timestamptz($since_us) AND observed_at < make_timestamptz($until_us)"""
_OF_TWINS = "AND twin_no BETWEEN $low AND $high"
_VALUES = "SELECT at_us, value FROM readings ORDER BY at_us LIMIT $most"
_EXTREMES = """SELECT unnest([arg_min(at_us, value), arg_max(at_us, value)]) AS at_us,
        unnest([min(value), max(value)]) AS value
    FROM readings WHERE NOT isnan(value)
    GROUP BY (at_us - $since_us) * $spans // ($until_us - $since_us) ORDER BY at_us"""
_TOTALS = """SELECT coalesce(of_no, twin_no), property_no, count(*), sum(value), min(value), max(value)
    FROM readings LEFT JOIN members USING (twin_no)
    WHERE quality = 0 AND NOT isnan(value) AND ($whole OR of_no IS NOT NULL) GROUP BY 1, 2"""
_BY_HOUR = """SELECT of_no, at_us // 3600000000 * 3600000000 AS begins_us, avg(value) AS mean
    FROM readings JOIN members USING (twin_no) WHERE quality = 0 AND NOT isnan(value) GROUP BY 1, 2 ORDER BY 1, 2"""


class HistoryOverBoth:
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
        span = _span(since, until) | {"low": twin_no, "high": twin_no, "first": property_no, "last": property_no}
        return await self._over_both(span, since, until, lambda here, files: self._series(span, here, files, most))

    async def list_totals(
        self, grain: GrainKey, of_no: int, property_no: int, since: datetime, until: datetime
    ) -> list[Total]:
        found = await rollup_queries.list_totals(
            self._rows, rollup_queries.GRAINS[grain], of_no, property_no, since, until
        )
        return [Total(row["begins_at"], row["n"], row["total"], row["lowest"], row["highest"]) for row in found]

    async def list_means(
        self, grain: GrainKey, property_no: int, since: datetime, until: datetime
    ) -> dict[str, AnyArray]:
        """From the roll-ups: `of_no`, `begins_us`, `mean` of everything that has this property."""
        return await rollup_queries.list_means(self._rows, rollup_queries.GRAINS[grain], property_no, since, until)

    async def list_hourly_means(
        self, members: tuple[Ints32, Ints32], property_no: int, since: datetime, until: datetime
    ) -> dict[str, AnyArray]:
        """From raw readings: `of_no`, `begins_us`, `mean` of twins (first array) by whose they are (second array)."""
        span = _span(since, until) | _ALL_TWINS | {"first": property_no, "last": property_no}
        return await self._over_both(
            span, since, until, lambda here, files: self._hourly_means(span, here, files, members)
        )

    async def list_sums(
        self,
        connection: asyncpg.Connection,
        bounds: tuple[datetime, datetime],
        members: tuple[Ints32, Ints32],
        *,
        whole: bool,
    ) -> Totals:
        """(of_no, property_no, n, total, lowest, highest) of the members, or of everybody when `whole`.

        Within a transaction of `steady`, whose locks keep the files in their place.
        """
        span = _span(*bounds) | _ALL_TWINS | _ALL_PROPERTIES
        if not whole:
            span |= {"low": int(members[0].min()), "high": int(members[0].max())}
        names = await list_names(connection, *bounds)
        here = await copy_span(connection, span, *bounds, None if whole else members[0].tolist())
        return await asyncio.to_thread(self._sums, span, here, names, members, whole)

    def _sums(
        self, span: dict[str, int], here: Chunk, names: list[str], members: tuple[Ints32, Ints32], whole: bool
    ) -> Totals:
        files = [self._lake.fetch(name) for name in names]
        with self._engine.cursor() as cursor:
            cursor.register("here", here)
            cursor.register("members", {"twin_no": members[0], "of_no": members[1]})
            return _ask(cursor, _TOTALS, span, files, whole=whole).fetchall()

    async def _over_both(
        self, span: dict[str, int], since: datetime, until: datetime, ask: Callable[[Chunk, list[Path]], Answer]
    ) -> Answer:
        """Ask, and ask once more when a file went meanwhile because another took its place."""
        try:
            return await asyncio.to_thread(ask, *await self._gather(span, since, until))
        except (FileNotFoundError, duckdb.IOException):
            return await asyncio.to_thread(ask, *await self._gather(span, since, until))

    async def _gather(self, span: dict[str, int], since: datetime, until: datetime) -> tuple[Chunk, list[Path]]:
        """The rows still here, and the files of the span, as they are at one instant."""
        async with steady(self._rows) as connection:
            names = await list_names(connection, since, until)
            here = await copy_span(connection, span, since, until)
        return here, await asyncio.to_thread(lambda: [self._lake.fetch(name) for name in names])

    def _series(self, span: dict[str, int], here: Chunk, files: Sequence[Path], most: int) -> Series:
        with self._engine.cursor() as cursor:
            cursor.register("here", here)
            whole = _ask(cursor, _VALUES, span, files, most=most + 1).fetchnumpy()
            if len(whole["at_us"]) <= most:
                return Series(whole["at_us"], whole["value"], False)
            chosen = _ask(cursor, _EXTREMES, span, files, spans=most // 2).fetchnumpy()
            return Series(chosen["at_us"], chosen["value"], True)

    def _hourly_means(
        self, span: dict[str, int], here: Chunk, files: Sequence[Path], members: tuple[Ints32, Ints32]
    ) -> dict[str, AnyArray]:
        with self._engine.cursor() as cursor:
            cursor.register("here", here)
            cursor.register("members", {"twin_no": members[0], "of_no": members[1]})
            found: dict[str, AnyArray] = _ask(cursor, _BY_HOUR, span, files).fetchnumpy()
            return found


def _span(since: datetime, until: datetime) -> dict[str, int]:
    return {"since_us": to_us(since), "until_us": to_us(until)}


def _ask(
    cursor: duckdb.DuckDBPyConnection, question: str, span: dict[str, int], files: Sequence[Path], **more: Any
) -> duckdb.DuckDBPyConnection:
    """Ask a question about `readings`, which is what is here together with what is in the files."""
    readings = _HERE
    if files:
        few = "" if (span["low"], span["high"]) == tuple(_ALL_TWINS.values()) else _OF_TWINS
        readings = f"{_HERE} UNION ALL {_FILES} {few}"
    sql = f"WITH readings AS ({readings}) {question}"
    given = {**span, **more, "files": [str(path) for path in files]}
    return cursor.execute(sql, {key: value for key, value in given.items() if f"${key}" in sql})
