"""SQL of sessions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ondijon.kernel.ports import Row, Rows


async def insert(rows: Rows, values: Sequence[object]) -> None:
    """values: token_sha256, user_id, opened_at (seen then too), ends_at, id, idle_lock_s, browser, network."""
    await rows.execute(
        """INSERT INTO sessions (token_sha256, user_id, opened_at, seen_at, ends_at, id, idle_lock_s, browser, network)
           VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8)""",
        *values,
    )


async def find(rows: Rows, session: bytes, now: datetime) -> Row | None:
    """A session that has not ended, its user, and until when that user holds the broken glass."""
    return await rows.fetch_one(
        """SELECT user_id, pseudonym, name, username, grants, s.id, seen_at, ends_at, locked_at, idle_lock_s,
                  (SELECT max(least(until, coalesce(ended_at, until))) FROM broken_glass b
                   WHERE b.user_id = s.user_id AND b.until > $2) AS glass_until
           FROM sessions s JOIN users USING (user_id)
           WHERE token_sha256 = $1 AND ends_at > $2 AND disabled_at IS NULL""",
        session,
        now,
    )


async def list_of_user(rows: Rows, user_id: UUID, now: datetime) -> Sequence[Row]:
    return await rows.fetch(
        """SELECT id, token_sha256, opened_at, seen_at, ends_at, locked_at, idle_lock_s, browser, network
           FROM sessions WHERE user_id = $1 AND ends_at > $2 ORDER BY seen_at DESC""",
        user_id,
        now,
    )


async def mark_seen(rows: Rows, session: bytes, now: datetime) -> None:
    """Only while it is open: what stands idle for long enough is locked, whoever comes back."""
    await rows.execute(
        """UPDATE sessions SET seen_at = greatest(seen_at, $2) WHERE token_sha256 = $1 AND locked_at IS NULL
           AND (idle_lock_s IS NULL OR seen_at + make_interval(secs => idle_lock_s) > $2)""",
        session,
        now,
    )


async def mark_locked(rows: Rows, session: bytes, now: datetime) -> None:
    await rows.execute(
        """UPDATE sessions SET locked_at = least($2, seen_at + make_interval(secs => idle_lock_s))
           WHERE token_sha256 = $1 AND locked_at IS NULL""",
        session,
        now,
    )


async def mark_unlocked(rows: Rows, session: bytes, now: datetime) -> None:
    await rows.execute("UPDATE sessions SET locked_at = NULL, seen_at = $2 WHERE token_sha256 = $1", session, now)


async def delete_one(rows: Rows, session: bytes) -> None:
    await rows.execute("DELETE FROM sessions WHERE token_sha256 = $1", session)


async def delete_of_user(rows: Rows, user_id: UUID) -> None:
    await rows.execute("DELETE FROM sessions WHERE user_id = $1", user_id)


async def delete_ended(rows: Rows, now: datetime) -> None:
    await rows.execute("DELETE FROM sessions WHERE ends_at <= $1", now)
