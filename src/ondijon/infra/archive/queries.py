"""The SQL of the archive, one query a function."""

from collections.abc import Sequence
from datetime import date, datetime

import asyncpg
from msgspec import Struct

from ondijon.kernel.ports import Row, Rows, Transaction


class DayFile(Struct, frozen=True):
    """The file of a day as the rows know it."""

    day: date
    file: str
    rows: int
    bytes: int
    sha256: str
    properties: tuple[int, ...]


async def begin_moving(rows: Rows, day: date) -> bool:
    found = await rows.fetch_one("SELECT begin_moving($1) AS begun", day)
    return found is not None and bool(found["begun"])


async def finish_moving(
    tx: Transaction, day: date, former: str | None, made: DayFile | None, at: datetime, with_leaf: bool
) -> bool:
    """Whether the new file counts now; False: somebody else was faster."""
    found = await tx.fetch_one(
        "SELECT finish_moving($1, $2, $3, $4, $5, $6, $7, $8, $9) AS done",
        day,
        former,
        made and made.file,
        made and made.rows,
        made and made.bytes,
        made and made.sha256,
        made and made.properties,
        at,
        with_leaf,
    )
    return found is not None and bool(found["done"])


async def lock_files(tx: Transaction) -> None:
    """Until the end of the transaction nobody else makes a file count, or takes those away that do not."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('archive_files'))")


async def list_files(rows: Rows | Transaction) -> list[DayFile]:
    """Every file that counts, by day."""
    found = await rows.fetch("SELECT day, file, rows, bytes, sha256, properties FROM archive_days ORDER BY day")
    return [_day_file(row) for row in found]


async def find_file(rows: Rows, day: date) -> DayFile | None:
    row = await rows.fetch_one(
        "SELECT day, file, rows, bytes, sha256, properties FROM archive_days WHERE day = $1", day
    )
    return None if row is None else _day_file(row)


async def list_days_here(rows: Rows) -> list[date]:
    """The days that have a leaf, or something on its way."""
    found = await rows.fetch(
        """SELECT DISTINCT to_date(right(inhrelid::regclass::text, 8), 'YYYYMMDD') AS day FROM pg_inherits
           WHERE inhparent IN ('readings'::regclass, 'readings_moving'::regclass)
               AND inhrelid::regclass::text ~ '^readings_(moving_)?[0-9]{8}$'
           ORDER BY 1"""
    )
    return [row["day"] for row in found]


def _day_file(row: Row) -> DayFile:
    return DayFile(row["day"], row["file"], row["rows"], row["bytes"], row["sha256"], tuple(row["properties"]))


async def is_moving(rows: Rows, day: date) -> bool:
    found = await rows.fetch_one("SELECT to_regclass($1) IS NOT NULL AS moving", f"readings_moving_{day:%Y%m%d}")
    return found is not None and bool(found["moving"])


async def list_properties(rows: Rows) -> Sequence[Row]:
    """Every number ever given to a property."""
    return await rows.fetch("SELECT property_no, twin_type, key, retention_days FROM properties ORDER BY property_no")


async def list_twins(rows: Rows) -> Sequence[Row]:
    """What the numbers of twins mean, retired ones too."""
    return await rows.fetch(
        """SELECT twin_no, urn, type, commune, name, position[0] AS lon, position[1] AS lat, part_of
           FROM twins ORDER BY twin_no"""
    )


async def list_names(connection: asyncpg.Connection, since: datetime, until: datetime) -> list[str]:
    """The files with readings from `since` on and before `until`."""
    found = await connection.fetch(
        """SELECT file FROM archive_days
           WHERE day >= ($1::timestamptz AT TIME ZONE 'UTC')::date AND day <= ($2::timestamptz AT TIME ZONE 'UTC')::date
           ORDER BY day""",
        since,
        until,
    )
    return [row["file"] for row in found]


async def keep_retention(tx: Transaction, days: Sequence[tuple[int, int]]) -> None:
    """Remember for how many days each property may be kept, as declared now."""
    await tx.execute(
        """UPDATE properties SET retention_days = declared.days
           FROM unnest($1::smallint[], $2::integer[]) AS declared (property_no, days)
           WHERE properties.property_no = declared.property_no AND retention_days IS DISTINCT FROM declared.days""",
        [number for number, _ in days],
        [kept for _, kept in days],
    )


async def list_retention(rows: Rows | Transaction) -> dict[int, int]:
    """Property number -> days kept, of trades that are gone too."""
    found = await rows.fetch("SELECT property_no, retention_days FROM properties WHERE retention_days IS NOT NULL")
    return {row["property_no"]: row["retention_days"] for row in found}


async def erase_readings(tx: Transaction, property_no: int, before: datetime) -> int:
    found = await tx.fetch_one("SELECT erase_readings($1::smallint, $2) AS erased", property_no, before)
    return 0 if found is None else int(found["erased"])
