"""SQL of who holds what, and of emergency access."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ondijon.kernel.ports import Row, Rows


async def list_users(rows: Rows) -> Sequence[Row]:
    return await rows.fetch(
        "SELECT name, username, grants FROM users WHERE disabled_at IS NULL ORDER BY name, username"
    )


async def list_glasses(rows: Rows, pseudonym: UUID, audits: bool, most: int) -> Sequence[Row]:
    """One's own, or everybody's for whoever audits, the newest first."""
    return await rows.fetch(
        """SELECT b.id, b.pseudonym, b.reason, b.since, b.until, b.ended_at, u.name
           FROM broken_glass b JOIN users u USING (user_id)
           WHERE $2 OR b.pseudonym = $1 ORDER BY b.since DESC, b.id DESC LIMIT $3""",
        pseudonym,
        audits,
        most,
    )


async def list_acts(rows: Rows, actor: UUID, since: datetime, until: datetime, most: int) -> Sequence[Row]:
    return await rows.fetch(
        """SELECT at, act, subject FROM audit WHERE actor = $1 AND at >= $2 AND at <= $3
           ORDER BY line_no LIMIT $4""",
        actor,
        since,
        until,
        most,
    )
