"""The SQL of the archive, one query a function."""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from ondijon.kernel.ports import Row, Rows, Transaction


class DayFile(Struct, frozen=True):
    """The file of a day as the rows know it."""

    day: date
    file: str
    rows: int
    bytes: int
    sha256: str


async def begin_moving(rows: Rows, day: date) -> bool:
    found = await rows.fetch_one("SELECT begin_moving($1) AS begun", day)
    return found is not None and bool(found["begun"])


async def finish_moving(
    tx: Transaction, day: date, former: str | None, made: DayFile | None, at: datetime, with_leaf: bool
) -> bool:
    """Whether the new file counts now; False: somebody else was faster."""
    found = await tx.fetch_one(
        "SELECT finish_moving($1, $2, $3, $4, $5, $6, $7, $8) AS done",
        day,
        former,
        made and made.file,
        made and made.rows,
        made and made.bytes,
        made and made.sha256,
        at,
        with_leaf,
    )
    return found is not None and bool(found["done"])


async def lock_files(tx: Transaction) -> None:
    """Until the end of the transaction nobody else makes a file count, or takes those away that do not."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('archive_files'))")


async def list_files(rows: Rows | Transaction) -> list[DayFile]:
    """Every file that counts, by day."""
    found = await rows.fetch("SELECT day, file, rows, bytes, sha256 FROM archive_days ORDER BY day")
    return [_day_file(row) for row in found]


async def find_file(rows: Rows, day: date) -> DayFile | None:
    row = await rows.fetch_one("SELECT day, file, rows, bytes, sha256 FROM archive_days WHERE day = $1", day)
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
    return DayFile(row["day"], row["file"], row["rows"], row["bytes"], row["sha256"])


async def list_twins(rows: Rows) -> Sequence[Row]:
    """What the numbers of twins mean, retired ones too."""
    return await rows.fetch(
        """SELECT twin_no, urn, type, commune, name, position[0] AS lon, position[1] AS lat, part_of
           FROM twins ORDER BY twin_no"""
    )
