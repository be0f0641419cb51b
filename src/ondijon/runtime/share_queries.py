"""The SQL of sharing the field: who is alive, who holds which share, and what only one of several may do."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ondijon.kernel.ports import Row, Rows, Transaction


async def beat(rows: Rows, owner: str) -> None:
    """Say that a gateway role is alive."""
    await rows.execute(
        """INSERT INTO field_members (owner, seen_at) VALUES ($1, clock_timestamp())
           ON CONFLICT (owner) DO UPDATE SET seen_at = excluded.seen_at""",
        owner,
    )


async def leave(rows: Rows, owner: str) -> None:
    """Say that a gateway role ends: its shares are free at once."""
    await rows.execute("DELETE FROM field_members WHERE owner = $1", owner)


async def list_members(rows: Rows, silent_after_s: float) -> Sequence[Row]:
    """Who has been heard lately."""
    return await rows.fetch(
        "SELECT owner FROM field_members WHERE seen_at > clock_timestamp() - make_interval(secs => $1) ORDER BY owner",
        silent_after_s,
    )


async def list_shares(rows: Rows) -> Sequence[Row]:
    return await rows.fetch("SELECT share, owner, epoch FROM field_shares")


async def take_share(rows: Rows, share: int, owner: str, epoch_before: int) -> int | None:
    """Take a share that has not changed hands since `epoch_before` (0: never had any); returns the new epoch.

    Waits for a transaction that its holder has under way; None when somebody else was faster.
    """
    row = await rows.fetch_one(
        """INSERT INTO field_shares AS s (share, owner, epoch) VALUES ($1, $2, 1)
           ON CONFLICT (share) DO UPDATE SET owner = excluded.owner, epoch = s.epoch + 1 WHERE s.epoch = $3
           RETURNING epoch""",
        share,
        owner,
        epoch_before,
    )
    return None if row is None else row["epoch"]


async def give_share(rows: Rows, share: int, epoch: int) -> None:
    await rows.execute("UPDATE field_shares SET owner = NULL WHERE share = $1 AND epoch = $2", share, epoch)


async def hold_share(tx: Transaction, share: int, epoch: int) -> bool:
    """Whether the share has not changed hands; until this transaction ends it cannot."""
    row = await tx.fetch_one(
        "SELECT owner FROM field_shares WHERE share = $1 AND epoch = $2 AND owner IS NOT NULL FOR SHARE", share, epoch
    )
    return row is not None


async def set_share_snapshots_taken(tx: Transaction, at: datetime, share: int, of: int) -> None:
    """As `set_snapshots_taken` for one share (from 1); those of the whole field go once all shares have theirs."""
    await tx.execute("UPDATE column_snapshots SET taken_at = $1 WHERE share = $2", at, share)
    await tx.execute(
        """DELETE FROM column_snapshots w WHERE w.share = 0 AND $1 = (
               SELECT count(*) FROM column_snapshots s WHERE s.property_no = w.property_no AND s.share > 0)""",
        of,
    )


async def drop_share_snapshots(tx: Transaction) -> None:
    """The field is whole again, and so are its snapshots."""
    await tx.execute("DELETE FROM column_snapshots WHERE share > 0")


async def list_cursors(rows: Rows, driver: str) -> Sequence[Row]:
    """The cursors of the whole field and of its shares, whose keys are the driver's with a dot and a number."""
    return await rows.fetch(
        "SELECT gateways, newest, window_bits, gaps FROM ingest_cursor WHERE driver = $1 OR driver ^@ ($1 || '.')",
        driver,
    )


async def lock_unprepared(tx: Transaction, command_id: UUID) -> bool:
    """Whether nobody has prepared this command; until this transaction ends nobody else can."""
    row = await tx.fetch_one(
        "SELECT id FROM commands WHERE id = $1 AND prepared_at IS NULL FOR UPDATE",
        command_id,
    )
    return row is not None


async def lock_commands(tx: Transaction, command_ids: Sequence[UUID]) -> None:
    """In one order for everybody, so that two writers cannot wait for each other."""
    await tx.execute("SELECT id FROM commands WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", list(command_ids))


async def count_targets(tx: Transaction, command_ids: Sequence[UUID]) -> Sequence[Row]:
    """How many targets of each command are in which state."""
    return await tx.fetch(
        """SELECT command_id, state, count(*) AS n FROM command_targets
           WHERE command_id = ANY($1::uuid[]) GROUP BY command_id, state""",
        list(command_ids),
    )
