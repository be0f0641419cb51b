"""The SQL of the alarm figures, each within rights."""

from collections.abc import Sequence
from datetime import datetime

from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Pairs

_CARD_SEEN = """EXISTS (SELECT 1 FROM unnest($1::text[], $2::text[]) AS seen(trade, commune)
                        WHERE seen.trade = c.trade AND c.by_commune ? seen.commune)"""
_SEEN = (
    "JOIN unnest($1::text[], $2::text[]) AS seen(trade, commune) ON (a.trade, a.commune) = (seen.trade, seen.commune)"
)


async def count_operators(rows: Rows, since: datetime) -> int:
    """People whose session did something since then; at least one, because somebody must answer."""
    row = await rows.fetch_one("SELECT count(DISTINCT user_id) AS n FROM sessions WHERE seen_at >= $1", since)
    return max(1, 0 if row is None else int(row["n"]))


async def count_annunciations(rows: Rows, seen: Pairs, since: datetime) -> int:
    row = await rows.fetch_one(
        f"SELECT count(*) AS n FROM alarm_cards c WHERE c.annunciated_at >= $3 AND {_CARD_SEEN}",  # noqa: S608 (ours)
        seen.keys,
        seen.communes,
        since,
    )
    return 0 if row is None else int(row["n"])


async def list_annunciations(rows: Rows, seen: Pairs, since: datetime) -> Sequence[Row]:
    """When each card was last annunciated, and its priority, the oldest first."""
    return await rows.fetch(
        f"""SELECT c.annunciated_at AS at, c.priority FROM alarm_cards c
            WHERE c.annunciated_at >= $3 AND {_CARD_SEEN} ORDER BY 1""",  # noqa: S608 (ours)
        seen.keys,
        seen.communes,
        since,
    )


async def count_raw_by_hour(rows: Rows, seen: Pairs, since: datetime) -> Sequence[Row]:
    return await rows.fetch(
        f"""SELECT date_trunc('hour', a.raised_at) AS at, count(*) AS n FROM alarms a {_SEEN}
            WHERE a.raised_at >= $3 GROUP BY 1""",  # noqa: S608 (ours)
        seen.keys,
        seen.communes,
        since,
    )


async def list_worst_talkers(rows: Rows, seen: Pairs, since: datetime, most: int) -> Sequence[Row]:
    """Which alarms of which twins were raised most often."""
    return await rows.fetch(
        f"""SELECT w.type, t.urn, t.name AS twin_name, t.commune, w.n FROM (
                SELECT a.type, a.twin_no, sum(a.times_raised) AS n FROM alarms a {_SEEN}
                WHERE a.raised_at >= $3 GROUP BY 1, 2 HAVING sum(a.times_raised) > 1
                ORDER BY n DESC, 1, 2 LIMIT $4) w JOIN twins t USING (twin_no)
            ORDER BY w.n DESC, w.type, t.urn""",  # noqa: S608 (ours)
        seen.keys,
        seen.communes,
        since,
        most,
    )


async def list_never_acted_on(rows: Rows, seen: Pairs, since: datetime) -> Sequence[Row]:
    """Kinds of alarms that were gone before anybody acknowledged them, and became no incident."""
    return await rows.fetch(
        f"""SELECT a.type, count(*) AS n FROM alarms a {_SEEN} LEFT JOIN alarm_cards c ON c.id = a.card_id
            WHERE a.raised_at >= $3 AND a.cleared_at IS NOT NULL AND c.incident IS NULL
              AND (a.acknowledged_at IS NULL OR a.acknowledged_at > a.cleared_at)
            GROUP BY 1 ORDER BY n DESC, 1""",  # noqa: S608 (ours)
        seen.keys,
        seen.communes,
        since,
    )
