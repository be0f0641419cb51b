"""The SQL of changes of equipment, one query a function."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ondijon.kernel.inventory import AttributeValue
from ondijon.kernel.ports import Row, Rows, Transaction

Values = Mapping[str, AttributeValue]


async def list_former(rows: Rows | Transaction, twin_nos: Sequence[int], values: Values) -> Sequence[Row]:
    """How many of these lights have which value of each key now: (key, former, count, same)."""
    return await rows.fetch(
        """SELECT v.key, t.attributes -> v.key AS former, count(*) AS count,
                  t.attributes -> v.key IS NOT DISTINCT FROM v.value AS same
           FROM twins t CROSS JOIN jsonb_each($2::jsonb) v
           WHERE t.twin_no = ANY($1::integer[]) AND t.retired_at IS NULL
           GROUP BY v.key, former, same ORDER BY v.key, count DESC, former""",
        list(twin_nos),
        dict(values),
    )


async def list_differing(rows: Rows | Transaction, twin_nos: Sequence[int], values: Values) -> Sequence[Row]:
    """How many lights of each commune a change would touch: (commune, count)."""
    return await rows.fetch(
        """SELECT commune, count(*) AS count FROM twins
           WHERE twin_no = ANY($1::integer[]) AND retired_at IS NULL AND NOT attributes @> $2::jsonb
           GROUP BY commune ORDER BY commune""",
        list(twin_nos),
        dict(values),
    )


async def insert_re_equipment(tx: Transaction, one: Mapping[str, Any]) -> None:
    await tx.execute(
        """INSERT INTO lighting_re_equipments (id, state, values, reason, twin_nos, communes, lights, proposed_by,
                                               proposed_at, lapses_at, decided_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        one["id"],
        one["state"],
        one["values"],
        one["reason"],
        one["twin_nos"],
        one["communes"],
        one["lights"],
        one["proposed_by"],
        one["proposed_at"],
        one["lapses_at"],
        one["decided_at"],
    )


async def lock_re_equipment(tx: Transaction, re_equipment: UUID) -> Row | None:
    return await tx.fetch_one("SELECT * FROM lighting_re_equipments WHERE id = $1 FOR UPDATE", re_equipment)


async def lock_lapsed(tx: Transaction, at: datetime) -> Sequence[Row]:
    """The proposals that nobody decided in time."""
    return await tx.fetch(
        "SELECT * FROM lighting_re_equipments WHERE state = 'proposed' AND lapses_at <= $1 FOR UPDATE SKIP LOCKED", at
    )


async def decide(
    tx: Transaction, re_equipment: UUID, state: str, by: UUID, at: datetime, reason: str | None = None
) -> None:
    await tx.execute(
        """UPDATE lighting_re_equipments SET state = $2, decided_by = $3, decided_at = $4, decision_reason = $5
           WHERE id = $1""",
        re_equipment,
        state,
        by,
        at,
        reason,
    )


async def mark_undone(tx: Transaction, re_equipment: UUID, by: UUID, at: datetime, reason: str, kept: int) -> None:
    await tx.execute(
        """UPDATE lighting_re_equipments SET state = 'undone', undone_by = $2, undone_at = $3, undo_reason = $4,
               kept = $5
           WHERE id = $1""",
        re_equipment,
        by,
        at,
        reason,
        kept,
    )


async def count_lights(tx: Transaction, re_equipment: UUID, lights: int) -> None:
    """How many lights were changed in the end."""
    await tx.execute("UPDATE lighting_re_equipments SET lights = $2 WHERE id = $1", re_equipment, lights)


async def lock_inventory(tx: Transaction) -> None:
    """No import at the same time."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('ondijon.city'))")


async def write_journal(tx: Transaction, re_equipment: UUID, twin_nos: Sequence[int], values: Values) -> None:
    """Note every value that will differ, as it is now, and whose edit it was."""
    await tx.execute(
        """INSERT INTO lighting_attribute_edits (re_equipment, twin_no, key, former, former_source, value)
           SELECT $1, t.twin_no, v.key, t.attributes -> v.key, e.source, v.value
           FROM twins t CROSS JOIN jsonb_each($3::jsonb) v
                LEFT JOIN attribute_edits e ON e.urn = t.urn AND e.key = v.key
           WHERE t.twin_no = ANY($2::integer[]) AND t.retired_at IS NULL
             AND t.attributes -> v.key IS DISTINCT FROM v.value""",
        re_equipment,
        list(twin_nos),
        dict(values),
    )


async def write_edits(tx: Transaction, re_equipment: UUID, at: datetime) -> None:
    """Lay the values of the journal over what imports bring."""
    await tx.execute(
        """INSERT INTO attribute_edits (urn, key, value, source, edited_at)
           SELECT t.urn, j.key, j.value, j.re_equipment, $2
           FROM lighting_attribute_edits j JOIN twins t USING (twin_no) WHERE j.re_equipment = $1
           ON CONFLICT (urn, key) DO UPDATE
           SET value = excluded.value, source = excluded.source, edited_at = excluded.edited_at""",
        re_equipment,
        at,
    )


async def write_attributes(tx: Transaction, re_equipment: UUID) -> Sequence[Row]:
    """Give the lights of the journal their new values; returns how many in each commune: (commune, count)."""
    return await tx.fetch(
        """WITH new AS (SELECT twin_no, jsonb_object_agg(key, value) AS values
                        FROM lighting_attribute_edits WHERE re_equipment = $1 GROUP BY twin_no),
                done AS (UPDATE twins t SET attributes = t.attributes || new.values FROM new
                         WHERE t.twin_no = new.twin_no RETURNING t.commune)
           SELECT commune, count(*) AS count FROM done GROUP BY commune ORDER BY commune""",
        re_equipment,
    )


async def restore_attributes(tx: Transaction, re_equipment: UUID) -> Sequence[Row]:
    """Give back each former value whose edit is still this one; returns how many lights: (commune, count)."""
    return await tx.fetch(
        """WITH ours AS (SELECT t.twin_no, j.key, j.former
                         FROM lighting_attribute_edits j JOIN twins t USING (twin_no)
                              JOIN attribute_edits e ON e.urn = t.urn AND e.key = j.key AND e.source = j.re_equipment
                         WHERE j.re_equipment = $1),
                old AS (SELECT twin_no, coalesce(jsonb_object_agg(key, former) FILTER (WHERE former IS NOT NULL), '{}')
                                   AS values,
                               coalesce(array_agg(key) FILTER (WHERE former IS NULL), '{}') AS absent
                        FROM ours GROUP BY twin_no),
                done AS (UPDATE twins t SET attributes = (t.attributes || old.values) - old.absent FROM old
                         WHERE t.twin_no = old.twin_no RETURNING t.commune)
           SELECT commune, count(*) AS count FROM done GROUP BY commune ORDER BY commune""",
        re_equipment,
    )


async def count_changed_since(tx: Transaction, re_equipment: UUID) -> int:
    """The values of the journal that a later edit wrote over; call before the edits are taken back."""
    row = await tx.fetch_one(
        """SELECT count(*) AS n FROM lighting_attribute_edits j JOIN twins t USING (twin_no)
               LEFT JOIN attribute_edits e ON e.urn = t.urn AND e.key = j.key
           WHERE j.re_equipment = $1 AND e.source IS DISTINCT FROM j.re_equipment""",
        re_equipment,
    )
    return 0 if row is None else int(row["n"])


async def restore_earlier_edits(tx: Transaction, re_equipment: UUID, at: datetime) -> None:
    """Where an earlier edit was written over, it holds again."""
    await tx.execute(
        """UPDATE attribute_edits e SET value = j.former, source = j.former_source, edited_at = $2
           FROM lighting_attribute_edits j JOIN twins t USING (twin_no)
           WHERE j.re_equipment = $1 AND e.urn = t.urn AND e.key = j.key AND e.source = $1
             AND j.former_source IS NOT NULL""",
        re_equipment,
        at,
    )


async def drop_edits(tx: Transaction, re_equipment: UUID) -> None:
    """What is still this change's own no longer lies over imports."""
    await tx.execute("DELETE FROM attribute_edits WHERE source = $1", re_equipment)


async def count_attributes_up(tx: Transaction) -> None:
    """Another version of what twins are: every role renews their attributes."""
    await tx.execute("UPDATE city SET attributes_version = attributes_version + 1")
