"""The SQL of the alarm list: rights are in every query, as pairs of trade and commune."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Pairs

Which = Literal["shown", "shelved", "out_of_service", "stale", "over"]

_STANDING = "c.over_at IS NULL AND c.merged_into IS NULL"
# $3: now, $4: how many, $5: ids
_STALE = "c.active > 0 AND c.raised_at < $3::timestamptz - interval '1 day'"
_WHERE: dict[str, str] = {
    "shown": f"{_STANDING} AND c.disposition = 'shown'",
    "shelved": f"{_STANDING} AND c.disposition = 'shelved'",
    "out_of_service": f"{_STANDING} AND c.disposition = 'out_of_service'",
    "stale": f"{_STANDING} AND c.disposition = 'shown' AND {_STALE}",
    "over": "c.over_at IS NOT NULL AND c.merged_into IS NULL AND c.raised_at > $3::timestamptz - interval '90 days'",
    "ids": "c.id = ANY($5::uuid[])",
}
_ORDER = {"over": "c.over_at DESC, c.id DESC"}
_MINE = """
    SELECT c.id, sum((b.value ->> 'members')::integer) AS members, sum((b.value ->> 'active')::integer) AS active,
           sum((b.value ->> 'unacknowledged')::integer) AS unacknowledged,
           coalesce(array_agg(b.key ORDER BY b.key) FILTER (WHERE (b.value ->> 'members')::integer > 0), '{{}}')
               AS communes, count(*) OVER () AS total
    FROM alarm_cards c CROSS JOIN LATERAL jsonb_each(c.by_commune) AS b
    JOIN unnest($1::text[], $2::text[]) AS seen(trade, commune) ON (c.trade, b.key) = (seen.trade, seen.commune)
    WHERE {where} GROUP BY c.id HAVING {having}"""
_SOME = "sum((b.value ->> 'members')::integer) > 0"
_CARDS = """
    WITH mine AS MATERIALIZED ({mine})
    SELECT c.id, c.kind, c.element, c.type, c.trade, c.priority, c.disposition, c.explanation, c.expected, c.raised_at,
           c.annunciated_at, c.cleared_at, c.acknowledged_at, c.over_at, c.merged_into, c.version, c.latched,
           c.dissolved, c.times_raised, c.by_commune, c.position[0] AS lon, c.position[1] AS lat,
           u.name AS acknowledged_name,
           m.members, m.active, m.unacknowledged, m.communes, m.total,
           c.active > 0 AND c.raised_at < $3::timestamptz - interval '1 day' AS stale,
           t.urn, t.type AS twin_type, t.name AS twin_name, t.commune AS twin_commune, s.name AS street,
           f.id AS first_id, f.type AS first_type, f.evidence, ft.urn AS first_urn, ft.name AS first_name,
           ft.commune AS first_commune, i.id AS incident_id, i.number AS incident_number,
           i.trade AS incident_trade, i.commune AS incident_commune,
           h.id AS shelving, h.until, h.reason, h.cause, h.times_raised AS shelved_raises, h.owner_name
    FROM mine m JOIN alarm_cards c USING (id)
    LEFT JOIN twins t ON t.twin_no = c.twin_no LEFT JOIN streets s ON s.street_id = t.street_id
    LEFT JOIN alarms f ON f.id = c.first_alarm LEFT JOIN twins ft ON ft.twin_no = f.twin_no
    LEFT JOIN users u ON u.pseudonym = c.acknowledged_by
    LEFT JOIN incidents i ON i.id = c.incident
    LEFT JOIN LATERAL (
        SELECT x.id, x.until, x.reason, x.cause, x.times_raised, o.name AS owner_name
        FROM alarms a JOIN alarm_shelvings x ON x.ended_at IS NULL AND (x.type, x.twin_no) = (a.type, a.twin_no)
        LEFT JOIN users o ON o.pseudonym = x.owner
        WHERE a.card_id = c.id AND a.state <> 'normal' ORDER BY x.until LIMIT 1
    ) h ON c.disposition = 'shelved'
    ORDER BY {order} LIMIT $4"""
_ALARM = """a.id, a.type, a.trade, t.urn, t.name AS twin_name, t.type AS twin_type, a.commune, s.name AS street,
    t.position[0] AS lon, t.position[1] AS lat, a.priority, a.state, a.raised_at, a.cleared_at, a.acknowledged_at,
    u.name AS acknowledged_name, a.evidence, a.version, a.card_id"""
_ALARMS = """FROM alarms a JOIN twins t USING (twin_no) LEFT JOIN streets s USING (street_id)
    LEFT JOIN users u ON u.pseudonym = a.acknowledged_by"""
_SEEN = (
    "JOIN unnest($1::text[], $2::text[]) AS seen(trade, commune) ON (a.trade, a.commune) = (seen.trade, seen.commune)"
)


def _cards(which: str) -> str:
    order = _ORDER.get(which, "c.priority, (m.unacknowledged > 0) DESC, c.raised_at DESC, c.id")
    having = "true" if which == "ids" else _SOME
    return _CARDS.format(mine=_MINE.format(where=_WHERE[which], having=having), order=order)


async def list_cards(rows: Rows, seen: Pairs, which: Which, now: datetime, most: int) -> Sequence[Row]:
    """Cards of one list, the most urgent first; `total` of each row counts beyond `most`."""
    return await rows.fetch(_cards(which), seen.keys, seen.communes, now, most)


async def list_cards_by_id(rows: Rows, seen: Pairs, ids: Sequence[UUID], now: datetime) -> Sequence[Row]:
    """These cards, whatever became of them, also when none of their alarms is left in what is seen."""
    return await rows.fetch(_cards("ids"), seen.keys, seen.communes, now, len(ids), list(ids))


async def count_cards(rows: Rows, seen: Pairs, now: datetime) -> Sequence[Row]:
    """Standing cards that are seen, by disposition and priority, and how many of them are stale."""
    return await rows.fetch(
        f"""WITH mine AS ({_MINE.format(where=_STANDING, having=_SOME)})
            SELECT c.disposition, c.priority, count(*) AS n,
                   count(*) FILTER (WHERE c.active > 0 AND c.raised_at < $3::timestamptz - interval '1 day') AS stale
            FROM mine JOIN alarm_cards c USING (id) GROUP BY 1, 2""",  # noqa: S608 (ours)
        seen.keys,
        seen.communes,
        now,
    )


async def count_raw(rows: Rows, seen: Pairs) -> int:
    """Alarms that stand, one by one."""
    row = await rows.fetch_one(
        f"SELECT count(*) AS n FROM alarms a {_SEEN} WHERE a.state <> 'normal'",  # noqa: S608 (ours)
        seen.keys,
        seen.communes,
    )
    return 0 if row is None else int(row["n"])


async def list_members(rows: Rows, seen: Pairs, card: UUID, after: UUID | None, most: int) -> Sequence[Row]:
    """Alarms of a card, the oldest first, beginning after the one named."""
    return await rows.fetch(
        f"""SELECT {_ALARM} {_ALARMS} {_SEEN}
            WHERE a.card_id = $3 AND ($4::uuid IS NULL OR (a.raised_at, a.id) > (
                SELECT o.raised_at, o.id FROM alarms o WHERE o.id = $4 AND o.card_id = $3))
            ORDER BY a.raised_at, a.id LIMIT $5""",  # noqa: S608 (ours)
        seen.keys,
        seen.communes,
        card,
        after,
        most,
    )


async def count_members(rows: Rows, seen: Pairs, card: UUID) -> int:
    row = await rows.fetch_one(
        f"SELECT count(*) AS n FROM alarms a {_SEEN} WHERE a.card_id = $3",  # noqa: S608 (ours)
        seen.keys,
        seen.communes,
        card,
    )
    return 0 if row is None else int(row["n"])


async def list_shelvings(rows: Rows, seen: Pairs) -> Sequence[Row]:
    """What is put aside, the first to come back first."""
    return await rows.fetch(
        """SELECT h.id, h.type, h.cause, h.reason, h.since, h.until, h.times_raised, t.urn, t.name AS twin_name,
                  t.commune, u.name AS owner_name
           FROM alarm_shelvings h JOIN twins t USING (twin_no)
           JOIN unnest($1::text[], $2::text[]) AS seen(trade, commune)
             ON (split_part(h.type, '.', 1), t.commune) = (seen.trade, seen.commune)
           LEFT JOIN users u ON u.pseudonym = h.owner
           WHERE h.ended_at IS NULL ORDER BY h.until, h.id LIMIT 2000""",
        seen.keys,
        seen.communes,
    )


async def list_silences(rows: Rows, seen: Pairs, now: datetime) -> Sequence[Row]:
    """Works and what is out of service, now or soon; `twins` counts those that are seen."""
    return await rows.fetch(
        """SELECT x.id, x.kind, x.type, x.trade, x.reason, x.since, x.until, u.name AS owner_name,
                  count(t.twin_no) AS twins, min(t.name) AS twin_name, array_agg(DISTINCT t.commune) AS communes
           FROM alarm_silences x CROSS JOIN LATERAL unnest(x.twin_nos) AS n(twin_no)
           JOIN twins t ON t.twin_no = n.twin_no
           JOIN unnest($1::text[], $2::text[]) AS seen(trade, commune)
             ON (x.trade, t.commune) = (seen.trade, seen.commune)
           LEFT JOIN users u ON u.pseudonym = x.owner
           WHERE x.ended_at IS NULL AND (x.until IS NULL OR x.until > $3)
           GROUP BY x.id, u.name ORDER BY x.since DESC, x.id LIMIT 2000""",
        seen.keys,
        seen.communes,
        now,
    )


async def count_silences(rows: Rows, seen: Pairs, now: datetime) -> int:
    """How many works and out-of-service declarations hold now."""
    row = await rows.fetch_one(
        """SELECT count(*) AS n FROM alarm_silences x
           WHERE x.ended_at IS NULL AND x.since <= $3 AND (x.until IS NULL OR x.until > $3)
             AND EXISTS (SELECT 1 FROM unnest($1::text[], $2::text[]) AS seen(trade, commune)
                         WHERE seen.trade = x.trade AND seen.commune = ANY(x.communes))""",
        seen.keys,
        seen.communes,
        now,
    )
    return 0 if row is None else int(row["n"])


async def list_open_of_twin(rows: Rows, seen: Pairs, twin_no: int) -> Sequence[Row]:
    """Alarms of a twin that are not over."""
    return await rows.fetch(
        f"""SELECT {_ALARM} {_ALARMS} {_SEEN}
            WHERE a.twin_no = $3 AND a.state <> 'normal' ORDER BY a.priority, a.raised_at DESC""",
        seen.keys,
        seen.communes,
        twin_no,
    )
