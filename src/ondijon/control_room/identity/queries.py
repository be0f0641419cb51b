"""SQL of sessions and of the broken glass."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ondijon.kernel.ports import Row, Transaction


async def lock_user(tx: Transaction, user_id: UUID) -> None:
    """One act at a time on one person's rights, until the transaction ends."""
    await tx.execute("SELECT 1 FROM users WHERE user_id = $1 FOR UPDATE", user_id)


async def find_latest_glass(tx: Transaction, user_id: UUID) -> Row | None:
    return await tx.fetch_one(
        """SELECT id, since, until, ended_at FROM broken_glass
           WHERE user_id = $1 ORDER BY since DESC, until DESC LIMIT 1""",
        user_id,
    )


async def insert_glass(
    tx: Transaction, glass_id: UUID, user_id: UUID, pseudonym: UUID, reason: str, since: datetime, until: datetime
) -> None:
    await tx.execute(
        "INSERT INTO broken_glass (id, user_id, pseudonym, reason, since, until) VALUES ($1, $2, $3, $4, $5, $6)",
        glass_id,
        user_id,
        pseudonym,
        reason,
        since,
        until,
    )


async def end_glass(tx: Transaction, glass_id: UUID, now: datetime) -> None:
    await tx.execute("UPDATE broken_glass SET ended_at = $2 WHERE id = $1", glass_id, now)


async def end_due_glasses(tx: Transaction, now: datetime) -> Sequence[Row]:
    """Those whose time is over and that nobody gave back."""
    return await tx.fetch(
        """UPDATE broken_glass SET ended_at = until WHERE ended_at IS NULL AND until <= $1
           RETURNING id, user_id, pseudonym""",
        now,
    )


async def delete_session(tx: Transaction, session_id: UUID, user_id: UUID) -> bool:
    """Whether there was such a session of this person's own."""
    row = await tx.fetch_one("DELETE FROM sessions WHERE id = $1 AND user_id = $2 RETURNING id", session_id, user_id)
    return row is not None
