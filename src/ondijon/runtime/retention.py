"""Personal data goes when its declared time is over, by the post itself, and that it went is remembered."""

import re
from collections.abc import Sequence
from datetime import timedelta

from ondijon.kernel.room import ActDesk, Holding

_NAME = re.compile(r"[a-z][a-z0-9_]*")


async def erase_due(desk: ActDesk, holdings: Sequence[Holding]) -> None:
    """Erase of each holding what is older than its retention; tells `holding.erased` with how many rows it was."""
    for holding in holdings:
        before = desk.now - timedelta(days=holding.privacy.retention_days)
        done = await desk.tx.execute(erasure(holding), before)
        count = int(done.rpartition(" ")[2])
        if count:
            desk.tell("holding.erased", trade=None, commune=None, payload={"holding": holding.key, "rows": count})


def erasure(holding: Holding) -> str:
    """The SQL that erases a holding's rows or columns older than $1; raises ValueError when a name is no plain name."""
    for name in (holding.table, holding.age_column, *holding.columns):
        if _NAME.fullmatch(name) is None:
            raise ValueError(f"{name!r} is no name of a table or column")
    if not holding.columns:
        return f"DELETE FROM {holding.table} WHERE {holding.age_column} <= $1"  # noqa: S608 (names checked above)
    emptied = ", ".join(f"{column} = NULL" for column in holding.columns)
    filled = " OR ".join(f"{column} IS NOT NULL" for column in holding.columns)
    return f"UPDATE {holding.table} SET {emptied} WHERE {holding.age_column} <= $1 AND ({filled})"  # noqa: S608
