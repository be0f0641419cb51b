"""The SQL of the post's health: its jobs, its archive, and what was left out of history."""

from collections.abc import Sequence
from datetime import date, datetime

from ondijon.kernel.ports import Row, Rows


async def list_jobs(rows: Rows) -> Sequence[Row]:
    return await rows.fetch("SELECT key, done_at, failures FROM jobs ORDER BY key")


async def find_archived_day(rows: Rows) -> date | None:
    """The newest UTC day that is in a file of the archive."""
    row = await rows.fetch_one("SELECT max(day) AS day FROM archive_days")
    return None if row is None else row["day"]


async def count_shed(rows: Rows, since: datetime) -> int:
    """Readings left out of history in the hours that began since then."""
    row = await rows.fetch_one("SELECT coalesce(sum(count), 0)::bigint AS n FROM readings_shed WHERE hour >= $1", since)
    return 0 if row is None else int(row["n"])
