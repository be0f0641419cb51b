"""The SQL of the alarm desk: what is raised, cleared, shelved by itself, and which twins are silenced."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ondijon.kernel.alarms import AlarmStep, moves_of
from ondijon.kernel.ports import Row, Rows, Transaction

_RAISE = """
    INSERT INTO alarms (id, type, trade, twin_no, commune, priority, state, raised_at, evidence, latched)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::text[], $6::smallint[],
                         $7::text[], $8::timestamptz[], $9::jsonb[], $10::boolean[])
    ON CONFLICT (type, twin_no) WHERE state <> 'normal' DO UPDATE
    SET state = 'active_unacknowledged', raised_at = excluded.raised_at, cleared_at = NULL,
        acknowledged_at = NULL, acknowledged_by = NULL,
        evidence = excluded.evidence, times_raised = alarms.times_raised + 1, version = alarms.version + 1
    WHERE alarms.state = ANY($11::text[])
    RETURNING id"""
_CLEAR = """
    UPDATE alarms a SET state = law.after, cleared_at = gone.at, version = a.version + 1
    FROM unnest($1::text[], $2::integer[], $3::timestamptz[]) AS gone(type, twin_no, at),
         (SELECT false AS latched, * FROM unnest($4::text[], $5::text[])
          UNION ALL SELECT true, * FROM unnest($6::text[], $7::text[])) AS law(latched, before, after)
    WHERE a.type = gone.type AND a.twin_no = gone.twin_no AND a.state <> 'normal'
      AND (a.latched, a.state) = (law.latched, law.before)
    RETURNING a.id"""


async def lock_alarms(tx: Transaction) -> None:
    """One writer of many alarms at a time, until the transaction ends: two of them could wait for each other."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('ondijon.alarms'))")


async def raise_alarms(tx: Transaction, columns: Sequence[Sequence[Any]]) -> list[UUID]:
    """Columns: id, type, trade, twin_no, commune, priority, state, raised_at, evidence, latched; returns the ids."""
    before, _ = moves_of(AlarmStep.RAISE)
    return [row["id"] for row in await tx.fetch(_RAISE, *columns, before)]


async def clear_alarms(tx: Transaction, columns: Sequence[Sequence[Any]]) -> list[UUID]:
    """Columns: type, twin_no, cleared_at; returns the ids touched."""
    law = (*moves_of(AlarmStep.CLEAR), *moves_of(AlarmStep.LATCH))
    return [row["id"] for row in await tx.fetch(_CLEAR, *columns, *law)]


async def shelve_chattering(tx: Transaction, columns: Sequence[Sequence[Any]], owner: UUID) -> list[UUID]:
    """Columns: id, type, twin_no, since, until, times_raised; what is shelved already stays as it is; returns ids."""
    rows = await tx.fetch(
        """INSERT INTO alarm_shelvings (id, type, twin_no, since, until, times_raised, cause, reason, owner)
           SELECT *, 'chattering', '', $7
           FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::timestamptz[], $5::timestamptz[], $6::integer[])
           ON CONFLICT (type, twin_no) WHERE ended_at IS NULL DO NOTHING RETURNING id""",
        *columns,
        owner,
    )
    return [row["id"] for row in rows]


async def count_shelved_raises(tx: Transaction, types: Sequence[str], twin_nos: Sequence[int]) -> None:
    """Count these raises with the shelvings they fall under."""
    await tx.execute(
        """UPDATE alarm_shelvings s SET times_raised = s.times_raised + 1
           FROM unnest($1::text[], $2::integer[]) AS raised(type, twin_no)
           WHERE s.ended_at IS NULL AND (s.type, s.twin_no) = (raised.type, raised.twin_no)""",
        types,
        twin_nos,
    )


async def list_open_alarms(rows: Rows) -> Sequence[Row]:
    return await rows.fetch(
        """SELECT a.type, t.urn FROM alarms a JOIN twins t USING (twin_no)
           WHERE a.state IN ('active_unacknowledged', 'active_acknowledged')"""
    )


async def list_raises_since(rows: Rows, since: datetime) -> Sequence[Row]:
    """What was raised since, the oldest first."""
    return await rows.fetch(
        """SELECT payload ->> 'type' AS type, twin AS urn, at FROM events
           WHERE key = 'alarm.raised' AND at >= $1 AND twin IS NOT NULL ORDER BY at, id""",
        since,
    )


async def list_silences(rows: Rows, now: datetime) -> Sequence[Row]:
    """Works and what is out of service, now."""
    return await rows.fetch(
        """SELECT id, type, twin_nos FROM alarm_silences
           WHERE ended_at IS NULL AND since <= $1 AND (until IS NULL OR until > $1) ORDER BY id""",
        now,
    )
