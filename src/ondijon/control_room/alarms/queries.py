"""The SQL of acts on alarms, one query a function."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ondijon.kernel.alarms import AlarmStep, moves_of
from ondijon.kernel.ports import Row, Transaction

_NAMED = "(a.card_id = ANY($1::uuid[]) OR a.id = ANY($2::uuid[]))"


async def lock_alarms(tx: Transaction) -> None:
    """One writer of many alarms at a time, as the alarm desk and the annunciator do."""
    await tx.execute("SELECT pg_advisory_xact_lock(hashtext('ondijon.alarms'))")


async def list_places(tx: Transaction, cards: Sequence[UUID], alarms: Sequence[UUID]) -> Sequence[Row]:
    """The trades and communes of the alarms that are named, by themselves or by their card."""
    return await tx.fetch(
        f"SELECT DISTINCT a.trade, a.commune FROM alarms a WHERE {_NAMED} ORDER BY 1, 2",  # noqa: S608 (ours)
        list(cards),
        list(alarms),
    )


async def list_cards(tx: Transaction, ids: Sequence[UUID]) -> Sequence[Row]:
    """What facts say of cards; commune: where the root stands, or the first alarm."""
    return await tx.fetch(
        """SELECT c.*, coalesce(t.commune, a.commune) AS commune, coalesce(t.urn, '') AS urn,
                  coalesce(c.explanation -> 'values' ->> 'label', t.name, c.element) AS label
           FROM alarm_cards c LEFT JOIN twins t ON t.twin_no = c.twin_no LEFT JOIN alarms a ON a.id = c.first_alarm
           WHERE c.id = ANY($1::uuid[]) ORDER BY c.id""",
        list(ids),
    )


async def refresh_cards(tx: Transaction, ids: Sequence[UUID], at: datetime) -> dict[UUID, list[str]]:
    """Bring cards into step with their alarms; returns the changed ones with what that meant."""
    rows = await tx.fetch("SELECT card, happened FROM refresh_alarm_cards($1::uuid[], $2)", list(ids), at)
    return {row["card"]: list(row["happened"]) for row in rows}


async def acknowledge(
    tx: Transaction,
    cards: Sequence[UUID],
    alarms: Sequence[UUID],
    places: tuple[list[str], list[str]],
    at: datetime,
    by: UUID,
) -> Sequence[Row]:
    """Acknowledge the named alarms within `places` (trades, communes) in one statement; returns (id, card_id)."""
    return await tx.fetch(
        f"""UPDATE alarms a SET state = law.after, acknowledged_at = $3, acknowledged_by = $4, version = a.version + 1
            FROM unnest($5::text[], $6::text[]) AS law(before, after), unnest($7::text[], $8::text[]) AS mine(t, c)
            WHERE {_NAMED} AND a.state = law.before AND (a.trade, a.commune) = (mine.t, mine.c)
            RETURNING a.id, a.card_id""",  # noqa: S608 (ours)
        list(cards),
        list(alarms),
        at,
        by,
        *moves_of(AlarmStep.ACKNOWLEDGE),
        *places,
    )


async def move_alarms(
    tx: Transaction, step: AlarmStep, alarms: Sequence[UUID], places: tuple[list[str], list[str]]
) -> Sequence[Row]:
    """Let a step happen to these alarms within `places`; returns (id, card_id, type, trade, commune, urn)."""
    return await tx.fetch(
        """UPDATE alarms a SET state = law.after, version = a.version + 1
           FROM unnest($2::text[], $3::text[]) AS law(before, after), unnest($4::text[], $5::text[]) AS mine(t, c),
                twins t
           WHERE a.id = ANY($1::uuid[]) AND a.state = law.before AND (a.trade, a.commune) = (mine.t, mine.c)
             AND t.twin_no = a.twin_no
           RETURNING a.id, a.card_id, a.type, a.trade, a.commune, t.urn""",
        list(alarms),
        *moves_of(step),
        *places,
    )


async def set_apart(
    tx: Transaction, card: UUID, alarms: Sequence[UUID] | None, places: tuple[list[str], list[str]]
) -> list[UUID]:
    """Take standing alarms out of their card for as long as they stand; returns their ids."""
    rows = await tx.fetch(
        """UPDATE alarms a SET apart = true, card_id = NULL, version = a.version + 1
           FROM unnest($3::text[], $4::text[]) AS mine(t, c)
           WHERE a.card_id = $1 AND a.state <> 'normal' AND ($2::uuid[] IS NULL OR a.id = ANY($2::uuid[]))
             AND (a.trade, a.commune) = (mine.t, mine.c)
           RETURNING a.id""",
        card,
        None if alarms is None else list(alarms),
        *places,
    )
    return [row["id"] for row in rows]


async def set_dissolved(tx: Transaction, card: UUID) -> None:
    await tx.execute("UPDATE alarm_cards SET dissolved = true WHERE id = $1", card)


async def set_together(tx: Transaction, alarms: Sequence[UUID], places: tuple[list[str], list[str]]) -> Sequence[Row]:
    """Let alarms be grouped again; returns (id, card_id)."""
    return await tx.fetch(
        """UPDATE alarms a SET apart = false, version = a.version + 1
           FROM unnest($2::text[], $3::text[]) AS mine(t, c)
           WHERE a.id = ANY($1::uuid[]) AND a.apart AND a.state <> 'normal' AND (a.trade, a.commune) = (mine.t, mine.c)
           RETURNING a.id, a.card_id""",
        list(alarms),
        *places,
    )


async def list_to_shelve(tx: Transaction, card: UUID, places: tuple[list[str], list[str]]) -> Sequence[Row]:
    """The (type, twin_no) that stand in a card within `places`."""
    return await tx.fetch(
        """SELECT DISTINCT a.type, a.twin_no FROM alarms a
           JOIN unnest($2::text[], $3::text[]) AS mine(t, c) ON (a.trade, a.commune) = (mine.t, mine.c)
           WHERE a.card_id = $1 AND a.state <> 'normal' ORDER BY 1, 2""",
        card,
        *places,
    )


async def save_shelvings(
    tx: Transaction, ids: Sequence[UUID], types: Sequence[str], twin_nos: Sequence[int], common: tuple[Any, ...]
) -> None:
    """Put aside, or anew where it is already; common: reason, owner, since, until."""
    await tx.execute(
        """INSERT INTO alarm_shelvings (id, type, twin_no, cause, reason, owner, since, until)
           SELECT id, type, twin_no, 'operator', $4, $5, $6, $7
           FROM unnest($1::uuid[], $2::text[], $3::integer[]) AS wanted(id, type, twin_no)
           ON CONFLICT (type, twin_no) WHERE ended_at IS NULL DO UPDATE SET cause = 'operator',
               reason = excluded.reason, owner = excluded.owner, since = excluded.since, until = excluded.until""",
        list(ids),
        list(types),
        list(twin_nos),
        *common,
    )


async def list_shelvings(tx: Transaction, ids: Sequence[UUID]) -> Sequence[Row]:
    """Open ones, with their twin's URN, trade of the type, and commune."""
    return await tx.fetch(
        """SELECT s.*, t.commune, t.urn, split_part(s.type, '.', 1) AS trade
           FROM alarm_shelvings s JOIN twins t USING (twin_no)
           WHERE s.id = ANY($1::uuid[]) AND s.ended_at IS NULL ORDER BY s.id""",
        list(ids),
    )


async def list_due_shelvings(tx: Transaction, now: datetime) -> Sequence[Row]:
    return await tx.fetch(
        "SELECT id FROM alarm_shelvings WHERE ended_at IS NULL AND until <= $1 ORDER BY until LIMIT 2000", now
    )


async def end_shelvings(tx: Transaction, ids: Sequence[UUID], at: datetime, by: UUID) -> list[UUID]:
    """End these and let what stands be annunciated afresh; returns the cards that they stand in."""
    rows = await tx.fetch(
        """WITH ended AS (
               UPDATE alarm_shelvings SET ended_at = $2, ended_by = $3
               WHERE id = ANY($1::uuid[]) AND ended_at IS NULL RETURNING type, twin_no)
           UPDATE alarms a SET version = a.version + 1,
               state = coalesce((SELECT law.after FROM unnest($4::text[], $5::text[]) AS law(before, after)
                                 WHERE law.before = a.state), a.state)
           FROM ended e WHERE (a.type, a.twin_no) = (e.type, e.twin_no) AND a.state <> 'normal'
           RETURNING a.card_id""",
        list(ids),
        at,
        by,
        *moves_of(AlarmStep.UNSHELVE),
    )
    return sorted({row["card_id"] for row in rows if row["card_id"] is not None})


async def insert_silence(tx: Transaction, silence: dict[str, Any]) -> None:
    await tx.execute(
        """INSERT INTO alarm_silences (id, kind, type, twin_nos, trade, communes, reason, owner, since, until)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)""",
        *silence.values(),
    )


async def lock_silence(tx: Transaction, silence: UUID) -> Row | None:
    """A silence that has not been ended."""
    return await tx.fetch_one(
        "SELECT id, kind, trade, communes FROM alarm_silences WHERE id = $1 AND ended_at IS NULL FOR UPDATE", silence
    )


async def end_silence(tx: Transaction, silence: UUID, at: datetime, by: UUID) -> None:
    await tx.execute("UPDATE alarm_silences SET ended_at = $2, ended_by = $3 WHERE id = $1", silence, at, by)
