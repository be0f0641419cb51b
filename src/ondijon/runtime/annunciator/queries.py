"""The SQL of the annunciator: a whole round in a handful of statements, however many alarms."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ondijon.kernel.alarms import AlarmStep, moves_of
from ondijon.kernel.ports import Row, Rows, Transaction
from ondijon.runtime.annunciator.model import INHERITS_FOR, CardChange, Move, NewCard


async def list_standing(rows: Rows, over_since: datetime) -> Sequence[Row]:
    """Alarms that are not over, and those that were before `over_since`."""
    return await rows.fetch(
        """SELECT id, type, trade, twin_no, commune, priority, raised_at, cleared_at, state = 'normal' AS over,
                  card_id, apart
           FROM alarms WHERE state <> 'normal'
           UNION ALL
           SELECT id, type, trade, twin_no, commune, priority, raised_at, cleared_at, true, card_id, apart
           FROM alarms WHERE state = 'normal' AND cleared_at >= $1""",
        over_since,
    )


async def list_cards(rows: Rows) -> Sequence[Row]:
    """Cards that are neither over nor merged."""
    return await rows.fetch(
        """SELECT id, kind, element, type, trade, priority, expected, explanation
           FROM alarm_cards WHERE over_at IS NULL AND merged_into IS NULL"""
    )


async def find_cards_of(rows: Rows, alarms: Collection[UUID]) -> set[UUID]:
    """The cards that these alarms stand in."""
    found = await rows.fetch(
        "SELECT DISTINCT card_id FROM alarms WHERE id = ANY($1::uuid[]) AND card_id IS NOT NULL", list(alarms)
    )
    return {row["card_id"] for row in found}


async def count_load(rows: Rows, since: datetime) -> tuple[int, int]:
    """How many cards were annunciated since, and to how many people who are there (at least one)."""
    row = await rows.fetch_one(
        """SELECT (SELECT count(*) FROM alarm_cards WHERE annunciated_at >= $1) AS annunciated,
                  (SELECT count(DISTINCT user_id) FROM sessions WHERE seen_at >= $1) AS operators""",
        since,
    )
    return (0, 1) if row is None else (row["annunciated"], max(1, row["operators"]))


async def insert_cards(tx: Transaction, cards: Sequence[NewCard]) -> None:
    fields = NewCard.__struct_fields__
    values = [msgspec.structs.astuple(card) for card in cards]
    await tx.copy_rows("alarm_cards", fields, values)


async def move_alarms(tx: Transaction, moves: Sequence[Move]) -> None:
    """Put alarms into their cards, unless somebody has moved them meanwhile."""
    await tx.execute(
        """UPDATE alarms a SET card_id = m.card
           FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS m(alarm, former, card)
           WHERE a.id = m.alarm AND a.card_id IS NOT DISTINCT FROM m.former""",
        [move.alarm for move in moves],
        [move.former for move in moves],
        [move.card for move in moves],
    )


async def inherit_acknowledgement(tx: Transaction, moves: Sequence[Move]) -> None:
    """Who has acknowledged a cause need not do so again for each sign of it that still comes in, for a while."""
    await tx.execute(
        """UPDATE alarms a SET state = law.after, acknowledged_at = c.acknowledged_at,
               acknowledged_by = c.acknowledged_by, version = a.version + 1
           FROM alarm_cards c, unnest($2::text[], $3::text[]) AS law(before, after)
           WHERE a.id = ANY($1::uuid[]) AND c.id = a.card_id AND c.acknowledged_at IS NOT NULL
             AND c.unacknowledged = 0 AND a.priority >= c.priority AND a.raised_at <= c.acknowledged_at + $4
             AND a.state = law.before""",
        [move.alarm for move in moves],
        *moves_of(AlarmStep.ACKNOWLEDGE),
        INHERITS_FOR,
    )


async def merge_cards(tx: Transaction, merges: dict[UUID, UUID]) -> None:
    """Merge cards into others, which take over the incident that one of them was made into."""
    await tx.execute(
        """WITH merged AS (
               UPDATE alarm_cards c SET merged_into = m.into_card, disposition = 'merged', version = c.version + 1
               FROM unnest($1::uuid[], $2::uuid[]) AS m(card, into_card) WHERE c.id = m.card
               RETURNING c.merged_into, c.incident)
           UPDATE alarm_cards c SET incident = m.incident FROM merged m
           WHERE c.id = m.merged_into AND c.incident IS NULL AND m.incident IS NOT NULL""",
        list(merges),
        list(merges.values()),
    )


async def change_cards(tx: Transaction, changes: Sequence[CardChange]) -> None:
    await tx.execute(
        """UPDATE alarm_cards c SET type = n.type, priority = n.priority, expected = n.expected,
               explanation = n.explanation, version = c.version + 1
           FROM unnest($1::uuid[], $2::text[], $3::smallint[], $4::jsonb[], $5::jsonb[])
                AS n(id, type, priority, expected, explanation)
           WHERE c.id = n.id""",
        [change.id for change in changes],
        [change.type for change in changes],
        [change.priority for change in changes],
        [change.expected for change in changes],
        [change.explanation for change in changes],
    )


async def refresh_cards(tx: Transaction, cards: Collection[UUID], at: datetime) -> dict[UUID, list[str]]:
    """Bring cards into step with their alarms; returns the changed ones with what that meant."""
    rows = await tx.fetch("SELECT card, happened FROM refresh_alarm_cards($1::uuid[], $2)", list(cards), at)
    return {row["card"]: list(row["happened"]) for row in rows}


async def list_told(tx: Transaction, cards: Collection[UUID]) -> Sequence[Row]:
    """What facts say of cards; commune: where the root stands, or the first alarm."""
    return await tx.fetch(
        """SELECT c.id, c.kind, c.type, c.trade, c.members, c.priority, t.urn,
                  coalesce(t.commune, a.commune) AS commune,
                  coalesce(c.explanation -> 'values' ->> 'label', t.name, c.element) AS label
           FROM alarm_cards c LEFT JOIN twins t ON t.twin_no = c.twin_no LEFT JOIN alarms a ON a.id = c.first_alarm
           WHERE c.id = ANY($1::uuid[]) ORDER BY c.id""",
        list(cards),
    )
