"""The SQL of the room's door: acts done once, facts, how far followers have read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ondijon.kernel.events import Event
from ondijon.kernel.ports import Row, Rows, Transaction

Place = tuple[str, int]


async def claim_act(tx: Transaction, idempotency_key: UUID, actor: UUID, key: str, at: datetime) -> bool:
    """Whether this act is done for the first time; waits for another transaction that is doing it just now."""
    row = await tx.fetch_one(
        """INSERT INTO acts_done (idempotency_key, actor, key, at) VALUES ($1, $2, $3, $4)
           ON CONFLICT (idempotency_key) DO NOTHING RETURNING key""",
        idempotency_key,
        actor,
        key,
        at,
    )
    return row is not None


async def find_act(tx: Transaction, idempotency_key: UUID) -> Row | None:
    return await tx.fetch_one("SELECT actor, key, result FROM acts_done WHERE idempotency_key = $1", idempotency_key)


async def save_result(tx: Transaction, idempotency_key: UUID, result: Any) -> None:
    await tx.execute("UPDATE acts_done SET result = $2 WHERE idempotency_key = $1", idempotency_key, result)


async def forget_acts(rows: Rows, before: datetime) -> None:
    await rows.execute("DELETE FROM acts_done WHERE at <= $1", before)


async def insert_events(tx: Transaction, events: Sequence[Event]) -> None:
    await tx.copy_rows(
        "events",
        ("id", "key", "at", "commune", "twin", "payload", "trade", "subject", "actor"),
        [
            (one.id, one.key, one.at, one.commune, one.twin, one.payload, one.trade, one.subject, one.actor)
            for one in events
        ],
    )


async def add_follower(rows: Rows, key: str) -> None:
    """A new follower begins with what commits from now on."""
    await rows.execute(
        """INSERT INTO followers (key, xid, event_no) VALUES ($1, pg_snapshot_xmin(pg_current_snapshot()), 0)
           ON CONFLICT (key) DO NOTHING""",
        key,
    )


async def lock_follower(tx: Transaction, key: str) -> Place | None:
    """Where a follower stands; None when another process is reading for it."""
    row = await tx.fetch_one(
        "SELECT xid::text AS xid, event_no FROM followers WHERE key = $1 FOR UPDATE SKIP LOCKED", key
    )
    return None if row is None else (row["xid"], row["event_no"])


async def move_follower(tx: Transaction, key: str, place: Place) -> None:
    await tx.execute("UPDATE followers SET xid = $2::text::xid8, event_no = $3 WHERE key = $1", key, place[0], place[1])


async def list_events_after(
    tx: Transaction, place: Place, keys: Sequence[str], most: int
) -> tuple[Sequence[Row], Place]:
    """Events whose key begins with one of `keys`, in the order of their commits, and where to go on.

    Only what no transaction under way can come before: its number of transaction is below the oldest one running.
    """
    rows = await tx.fetch(
        """WITH horizon AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xmin)
           SELECT h.xmin::text AS horizon, e.*, e.xid::text AS xid_text FROM horizon h LEFT JOIN LATERAL (
               SELECT id, key, at, commune, twin, payload, trade, subject, actor, xid, event_no FROM events
               WHERE (xid, event_no) > ($1::text::xid8, $2) AND xid < h.xmin AND key ^@ ANY($3::text[])
               ORDER BY xid, event_no LIMIT $4) e ON true""",
        place[0],
        place[1],
        list(keys),
        most,
    )
    found = [row for row in rows if row["id"] is not None]
    if len(found) == most:
        return found, (found[-1]["xid_text"], found[-1]["event_no"])
    return found, (rows[0]["horizon"], 0)


async def insert_unfollowed(tx: Transaction, follower: str, event: UUID, at: datetime, error: str) -> None:
    await tx.execute(
        """INSERT INTO events_unfollowed (follower, event, at, error) VALUES ($1, $2, $3, $4)
           ON CONFLICT (follower, event) DO NOTHING""",
        follower,
        event,
        at,
        error,
    )
