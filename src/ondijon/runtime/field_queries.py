"""The SQL of the field side: what batches, words from gateways and time do to commands and state."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from ondijon.kernel.arrays import Ints32
from ondijon.kernel.field import Cursor, DeadLetter
from ondijon.kernel.ports import Row, Rows, Transaction


async def move_targets(
    tx: Transaction, command_id: UUID, twin_no: Ints32, state: int, reason: str | None, column: str, at: datetime
) -> None:
    """Write one state for many targets of a command; `column` is the instant it sets."""
    await tx.execute(
        f"""UPDATE command_targets SET state = $3, reason = coalesce($4, reason), {column} = $5
            WHERE command_id = $1 AND twin_no = ANY($2::integer[])""",  # noqa: S608 (column is one of three of ours)
        command_id,
        twin_no.tolist(),
        state,
        reason,
        at,
    )


async def write_counts(tx: Transaction, command_id: UUID, state: str, counts: dict[str, int]) -> None:
    await tx.execute("UPDATE commands SET state = $2, counts = $3 WHERE id = $1", command_id, state, counts)


async def count_shed(tx: Transaction, at: datetime, shed: Mapping[str, int]) -> None:
    """Add to the hour's count of readings left out of history, by twin type."""
    await tx.execute(
        """INSERT INTO readings_shed (hour, twin_type, count)
           SELECT date_trunc('hour', $1::timestamptz, 'UTC'), t, n FROM unnest($2::text[], $3::bigint[]) AS new(t, n)
           ON CONFLICT (hour, twin_type) DO UPDATE SET count = readings_shed.count + excluded.count""",
        at,
        list(shed),
        list(shed.values()),
    )


async def save_cursor(tx: Transaction, cursor: Cursor, *, same_gateways: bool) -> str:
    """Write the cursor, its names of gateways only when they are not the `same_gateways` as in the row already.

    Returns the mark that `find_cursor_mark` shows once this transaction has committed, and never otherwise.
    """
    arrays = (cursor.newest.tobytes(), cursor.window_bits.tobytes(), cursor.gaps.tobytes())
    row = None
    if same_gateways:
        row = await tx.fetch_one(
            """UPDATE ingest_cursor SET newest = $2, window_bits = $3, gaps = $4 WHERE driver = $1
               RETURNING xmin::text AS mark""",
            cursor.driver,
            *arrays,
        )
    row = row or await tx.fetch_one(
        """INSERT INTO ingest_cursor (driver, gateways, newest, window_bits, gaps) VALUES ($1, $2, $3, $4, $5)
           ON CONFLICT (driver) DO UPDATE SET gateways = excluded.gateways, newest = excluded.newest,
               window_bits = excluded.window_bits, gaps = excluded.gaps
           RETURNING xmin::text AS mark""",
        cursor.driver,
        list(cursor.gateways),
        *arrays,
    )
    assert row is not None
    mark: str = row["mark"]
    return mark


async def find_cursor_mark(rows: Rows, driver: str) -> str | None:
    """Which transaction wrote the cursor; waits for one that is still under way."""
    row = await rows.fetch_one("SELECT xmin::text AS mark FROM ingest_cursor WHERE driver = $1 FOR UPDATE", driver)
    return None if row is None else row["mark"]


async def find_cursor(rows: Rows, driver: str) -> Row | None:
    return await rows.fetch_one(
        "SELECT gateways, newest, window_bits, gaps FROM ingest_cursor WHERE driver = $1", driver
    )


async def insert_dead_letters(
    tx: Transaction, driver: str, at: datetime, letters: Sequence[tuple[UUID, DeadLetter]]
) -> None:
    await tx.copy_rows(
        "dead_letters",
        ("id", "received_at", "driver", "gateway", "topic", "payload", "reason", "detail", "repeated"),
        [
            (letter_id, at, driver, one.gateway, one.topic, one.payload, one.reason, one.detail, 1)
            for letter_id, one in letters
        ],
    )


async def save_snapshot(tx: Transaction, at: datetime, property_no: int, arrays: Sequence[bytes], share: int) -> None:
    """Arrays: twin_no, value, observed_us, received_us, quality, as little-endian bytes; share 0 is the whole field."""
    await tx.execute(
        """INSERT INTO column_snapshots
               (property_no, share, taken_at, twin_no, value, observed_us, received_us, quality)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
           ON CONFLICT (property_no, share) DO UPDATE SET taken_at = excluded.taken_at, twin_no = excluded.twin_no,
               value = excluded.value, observed_us = excluded.observed_us, received_us = excluded.received_us,
               quality = excluded.quality""",
        property_no,
        share,
        at,
        *arrays,
    )


async def set_snapshots_taken(tx: Transaction, at: datetime) -> None:
    """Every snapshot is as good as one taken now: what has changed since its own instant was saved beside this."""
    await tx.execute("UPDATE column_snapshots SET taken_at = $1", at)


async def list_snapshots(rows: Rows) -> Sequence[Row]:
    return await rows.fetch(
        "SELECT property_no, share, taken_at, twin_no, value, observed_us, received_us, quality FROM column_snapshots"
    )


async def list_readings_since(rows: Rows, since: datetime) -> Sequence[Row]:
    """What was committed after a snapshot, whole, as arrays of one row."""
    return await rows.fetch(
        """SELECT property_no, array_agg(twin_no) AS twin_no, array_agg(value) AS value,
                  array_agg((extract(epoch FROM observed_at) * 1000000)::bigint) AS observed_us,
                  array_agg((extract(epoch FROM received_at) * 1000000)::bigint) AS received_us,
                  array_agg(quality) AS quality
           FROM readings WHERE received_at >= $1 GROUP BY property_no""",
        since,
    )


async def list_dispatchable(rows: Rows) -> Sequence[Row]:
    return await rows.fetch(
        """SELECT id, key, twin_type, hold_group, state, precondition, expires_at, hold_until, prepared_at, counts
           FROM commands WHERE state = 'requested' ORDER BY requested_at, id"""
    )


async def list_awaiting_field(rows: Rows, unknown_since: datetime) -> Sequence[Row]:
    """Commands that the field still owes a word, after a restart; unknown ones are kept to be reconciled."""
    return await rows.fetch(
        """SELECT id, key, twin_type, hold_group, state, precondition, expires_at, hold_until, prepared_at, counts
           FROM commands
           WHERE prepared_at IS NOT NULL
             AND (state IN ('requested', 'sent', 'accepted') OR (state = 'unknown' AND requested_at >= $1))
           ORDER BY requested_at, id""",
        unknown_since,
    )


async def list_targets(rows: Rows, command_id: UUID, after: int, limit: int) -> Sequence[Row]:
    """`overtaken`: a later order for the same hold group has left since."""
    return await rows.fetch(
        """SELECT t.twin_no, t.state, t.wanted, t.sent_at,
                  t.state = 7 AND EXISTS (
                      SELECT FROM command_targets o JOIN commands oc ON oc.id = o.command_id
                      WHERE o.twin_no = t.twin_no AND oc.hold_group = c.hold_group AND oc.prepared_at > c.prepared_at
                        AND (o.state <> 5 OR o.sent_at IS NOT NULL)
                  ) AS overtaken
           FROM command_targets t JOIN commands c ON c.id = t.command_id
           WHERE t.command_id = $1 AND t.twin_no > $2 ORDER BY t.twin_no LIMIT $3""",
        command_id,
        after,
        limit,
    )


async def take_holds(tx: Transaction, command_id: UUID, hold_group: str, at: datetime, until: datetime | None) -> None:
    """Note what each target held before, then hold or release; once for each command.

    What the reconciler sends again is held already: its owner and its end stay, whoever asked for it.
    """
    await _drop_outdated(tx, command_id, hold_group, at)
    await tx.execute(
        """UPDATE command_targets t SET former = h.wanted, former_until = h.until FROM holds h
           WHERE t.command_id = $1 AND t.state = 0 AND h.twin_no = t.twin_no AND h.hold_group = $2""",
        command_id,
        hold_group,
    )
    await tx.execute(
        """DELETE FROM holds h USING command_targets t
           WHERE t.command_id = $1 AND t.state = 0 AND t.wanted IS NULL
             AND h.twin_no = t.twin_no AND h.hold_group = $2""",
        command_id,
        hold_group,
    )
    await tx.execute(
        """INSERT INTO holds (twin_no, hold_group, wanted, since, until, command_id)
           SELECT t.twin_no, $2, t.wanted, $3,
                  CASE WHEN c.undo_of IS NULL THEN $4 ELSE o.former_until END, $1
           FROM command_targets t JOIN commands c ON c.id = t.command_id
           LEFT JOIN command_targets o ON o.command_id = c.undo_of AND o.twin_no = t.twin_no
           WHERE t.command_id = $1 AND t.state = 0 AND t.wanted IS NOT NULL AND c.key <> 'post.reconcile'
           ON CONFLICT (twin_no, hold_group) DO UPDATE SET wanted = excluded.wanted, since = excluded.since,
               until = excluded.until, command_id = excluded.command_id""",
        command_id,
        hold_group,
        at,
        until,
    )
    await tx.execute("UPDATE commands SET prepared_at = $2 WHERE id = $1", command_id, at)


async def _drop_outdated(tx: Transaction, command_id: UUID, hold_group: str, at: datetime) -> None:
    """What the post itself asked for gives way to people: to who holds a target since, to an order under way.

    A release is for the hold that had ended (its end lies within the lease then), a reconciliation for what is held.
    """
    await tx.execute(
        """UPDATE command_targets t SET state = 5, reason = 'post.target.superseded', done_at = $3 FROM commands c
           WHERE c.id = $1 AND t.command_id = $1 AND t.state = 0 AND (
               (c.key = 'post.release' AND NOT EXISTS (
                   SELECT FROM holds h WHERE h.twin_no = t.twin_no AND h.hold_group = $2
                     AND h.since <= c.requested_at AND h.until <= c.requested_at + interval '1 minute'))
               OR (c.key = 'post.reconcile' AND (
                   t.wanted IS DISTINCT FROM (
                       SELECT h.wanted FROM holds h WHERE h.twin_no = t.twin_no AND h.hold_group = $2)
                   OR EXISTS (
                       SELECT FROM command_targets o JOIN commands oc ON oc.id = o.command_id
                       WHERE o.twin_no = t.twin_no AND o.state < 3 AND o.command_id <> $1 AND oc.hold_group = $2
                         AND oc.state IN ('requested', 'sent', 'accepted')))))""",
        command_id,
        hold_group,
        at,
    )


async def list_holds_of(rows: Rows, twin_nos: Sequence[int]) -> Sequence[Row]:
    return await rows.fetch(
        "SELECT twin_no, hold_group, wanted FROM holds WHERE twin_no = ANY($1::integer[])", list(twin_nos)
    )


async def list_under_way(rows: Rows, twin_nos: Sequence[int], hold_group: str) -> Sequence[Row]:
    """Of these twins, those that an order is still on its way to."""
    return await rows.fetch(
        """SELECT DISTINCT t.twin_no FROM commands c JOIN command_targets t ON t.command_id = c.id
           WHERE c.state IN ('requested', 'sent', 'accepted') AND c.hold_group = $2
             AND t.state < 3 AND t.twin_no = ANY($1::integer[])""",
        list(twin_nos),
        hold_group,
    )


async def lease_ended_holds(rows: Rows, now: datetime, again_at: datetime) -> Sequence[Row]:
    """The holds past their end; they come back at `again_at`, should the release not have gone out by then."""
    return await rows.fetch(
        """UPDATE holds h SET until = $2 FROM twins t
           WHERE h.until <= $1 AND t.twin_no = h.twin_no RETURNING h.twin_no, h.hold_group, t.type""",
        now,
        again_at,
    )


async def expire_awaiting(rows: Rows, now: datetime) -> Sequence[Row]:
    """Orders that nobody approved in time; their targets were never sent."""
    return await rows.fetch(
        """UPDATE commands SET state = 'expired' WHERE state = 'awaiting_approval' AND expires_at <= $1
           RETURNING id""",
        now,
    )


async def find_dead_letter(rows: Rows, letter_id: UUID) -> Row | None:
    return await rows.fetch_one(
        "SELECT topic, gateway, payload, reason, detail FROM dead_letters WHERE id = $1", letter_id
    )


async def set_replayed(rows: Rows, letter_id: UUID, at: datetime) -> None:
    await rows.execute("UPDATE dead_letters SET replayed_at = $2 WHERE id = $1", letter_id, at)
