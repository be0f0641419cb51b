"""The SQL of roll-ups, one query a function; table and column names are this module's own."""

from collections.abc import Sequence
from datetime import date, datetime

import asyncpg
import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import AnyArray
from ondijon.kernel.history import GrainKey
from ondijon.kernel.ports import Row, Rows

_MEANS = {"of_no": "i4", "begins_us": "i8", "mean": "f8"}


class Grain(Struct, frozen=True):
    """How long a roll-up is, where it is kept, and whose readings count together."""

    key: GrainKey
    table: str
    groups: str


HOUR = Grain("hour", "readings_hourly", "twin_groups")
DAY = Grain("day", "readings_daily", "(SELECT twin_no, twin_no AS of_no FROM twins)")

GRAINS: dict[GrainKey, Grain] = {grain.key: grain for grain in (HOUR, DAY)}


async def list_totals(
    rows: Rows, grain: Grain, of_no: int, property_no: int, since: datetime, until: datetime
) -> Sequence[Row]:
    return await rows.fetch(
        f"""SELECT begins_at, n, total, lowest, highest FROM {grain.table}
            WHERE property_no = $1 AND of_no = $2 AND begins_at >= $3 AND begins_at < $4 ORDER BY begins_at""",  # noqa: S608
        property_no,
        of_no,
        since,
        until,
    )


async def list_means(
    rows: Rows, grain: Grain, property_no: int, since: datetime, until: datetime
) -> dict[str, AnyArray]:
    """`of_no`, `begins_us` and `mean`, in this order of rows, in arrays that PostgreSQL made: no object a row."""
    found = await rows.fetch_one(
        f"""SELECT array_send(array_agg(of_no)) AS of_no, array_send(array_agg(begins_us)) AS begins_us,
                array_send(array_agg(mean)) AS mean
            FROM (SELECT of_no, (extract(epoch FROM begins_at) * 1e6)::bigint AS begins_us, total / n AS mean
                  FROM {grain.table} WHERE property_no = $1 AND begins_at >= $2 AND begins_at < $3
                  ORDER BY of_no, begins_at) AS chosen""",  # noqa: S608
        property_no,
        since,
        until,
    )
    return {key: _numbers(found[key] if found else None, kind) for key, kind in _MEANS.items()}


def _numbers(stored: bytes | None, kind: str) -> AnyArray:
    """An array in PostgreSQL's binary form: 20 bytes of head, then each number behind its length of four bytes."""
    if stored is None:
        return np.empty(0, kind)
    item = np.dtype([("length", ">i4"), ("number", np.dtype(kind).newbyteorder(">"))])
    return np.ascontiguousarray(np.frombuffer(stored, item, offset=20)["number"], kind)


async def list_marked(rows: Rows, grain: Grain) -> list[datetime]:
    found = await rows.fetch("SELECT DISTINCT begins_at FROM rollup_marks WHERE grain = $1 ORDER BY 1", grain.key)
    return [row["begins_at"] for row in found]


async def summarize(rows: Rows, days: Sequence[date]) -> None:
    """Let the indexes by time of these UTC days know their newest pages."""
    await rows.execute("SELECT summarize_readings(day) FROM unnest($1::date[]) AS day", days)


async def take_marks(connection: asyncpg.Connection, grain: Grain, begins_at: datetime) -> list[int | None]:
    """Which twins reported since; None stands for all. Rows stored later bring marks of their own."""
    found = await connection.fetch(
        """WITH taken AS (DELETE FROM rollup_marks WHERE grain = $1 AND begins_at = $2 RETURNING twin_no)
           SELECT DISTINCT twin_no FROM taken""",
        grain.key,
        begins_at,
    )
    return [row["twin_no"] for row in found]


async def mark_day(connection: asyncpg.Connection, begins_at: datetime, twins: list[int] | None) -> None:
    await connection.execute(
        "INSERT INTO rollup_marks SELECT 'day', $1, unnest($2::integer[])",
        begins_at,
        [None] if twins is None else twins,
    )


async def list_members(
    connection: asyncpg.Connection, grain: Grain, twins: list[int] | None
) -> Sequence[asyncpg.Record]:
    """All twins whose readings count together with those of `twins`, with whose they are; a twin unknown is its own."""
    found: Sequence[asyncpg.Record] = await connection.fetch(
        f"""SELECT twin_no, of_no FROM {grain.groups} AS all_twins
            WHERE $1::integer[] IS NULL
                OR of_no IN (SELECT of_no FROM {grain.groups} AS late WHERE twin_no = ANY($1))
            UNION SELECT late, late FROM unnest($1::integer[]) AS late
            WHERE NOT EXISTS (SELECT FROM twins WHERE twin_no = late)""",  # noqa: S608
        twins,
    )
    return found


async def forget(connection: asyncpg.Connection, grain: Grain, begins_at: datetime, groups: list[int] | None) -> None:
    await connection.execute(
        f"DELETE FROM {grain.table} WHERE begins_at = $1 AND ($2::integer[] IS NULL OR of_no = ANY($2))",  # noqa: S608
        begins_at,
        groups,
    )


async def is_archived(connection: asyncpg.Connection, begins_at: datetime, ends_at: datetime) -> bool:
    """Whether readings of the span, which ends before `ends_at`, may lie in files."""
    found = await connection.fetchval(
        """SELECT EXISTS (SELECT FROM archive_days WHERE day >= ($1::timestamptz AT TIME ZONE 'UTC')::date
               AND day <= ($2::timestamptz AT TIME ZONE 'UTC')::date)""",
        begins_at,
        ends_at,
    )
    return bool(found)


async def reckon(
    connection: asyncpg.Connection, grain: Grain, begins_at: datetime, ends_at: datetime, twins: list[int] | None
) -> None:
    """From the rows that are still in PostgreSQL, of some twins or of all."""
    chosen = "" if twins is None else "AND twin_no = ANY($3)"
    await connection.execute(
        f"""INSERT INTO {grain.table} (of_no, property_no, begins_at, n, total, lowest, highest)
            SELECT coalesce(of_no, twin_no), property_no, $1, count(*), sum(value), min(value), max(value)
            FROM readings_here LEFT JOIN {grain.groups} AS groups USING (twin_no)
            WHERE observed_at >= $1 AND observed_at < $2 AND quality = 0 AND value <> 'NaN' {chosen}
            GROUP BY 1, 2""",  # noqa: S608
        *((begins_at, ends_at) if twins is None else (begins_at, ends_at, twins)),
    )


async def store(
    connection: asyncpg.Connection, grain: Grain, begins_at: datetime, totals: Sequence[tuple[object, ...]]
) -> None:
    """Keep what was reckoned elsewhere: (of_no, property_no, n, total, lowest, highest)."""
    await connection.copy_records_to_table(
        grain.table,
        records=[(of_no, prop, begins_at, *rest) for of_no, prop, *rest in totals],
        columns=("of_no", "property_no", "begins_at", "n", "total", "lowest", "highest"),
    )
