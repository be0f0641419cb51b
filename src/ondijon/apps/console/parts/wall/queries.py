"""The SQL of the wall's numbers, each within rights."""

from collections.abc import Sequence
from datetime import datetime

from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Pairs

WITHIN_S = 15


async def count_shown_cards(rows: Rows, seen: Pairs) -> Sequence[Row]:
    """Cards on the list now, by priority."""
    return await rows.fetch(
        """SELECT c.priority, count(*) AS count FROM alarm_cards c
           WHERE c.disposition = 'shown' AND c.over_at IS NULL AND c.merged_into IS NULL
               AND EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS seen(trade, commune)
                           WHERE seen.trade = c.trade AND c.by_commune ? seen.commune)
           GROUP BY c.priority""",
        seen.keys,
        seen.communes,
    )


async def count_annunciations(rows: Rows, seen: Pairs, since: datetime) -> int:
    row = await rows.fetch_one(
        """SELECT count(*) AS n FROM alarm_cards c
           WHERE c.annunciated_at >= $3
               AND EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS seen(trade, commune)
                           WHERE seen.trade = c.trade AND c.by_commune ? seen.commune)""",
        seen.keys,
        seen.communes,
        since,
    )
    return 0 if row is None else int(row["n"])


async def count_operators(rows: Rows, since: datetime) -> int:
    """People whose session did something since then; at least one, because somebody must answer."""
    row = await rows.fetch_one("SELECT count(DISTINCT user_id) AS n FROM sessions WHERE seen_at >= $1", since)
    return max(1, 0 if row is None else int(row["n"]))


async def count_incidents(rows: Rows, seen: Pairs, now: datetime) -> Row | None:
    """Open ones, and those of them whose respond or resolve clock has run out (met too late, or not at all)."""
    return await rows.fetch_one(
        """SELECT count(*) AS open, count(*) FILTER (WHERE
               respond_used_us + coalesce(extract(epoch FROM $3::timestamptz - respond_since) * 1e6, 0)
                   > respond_limit_s * 1e6
               OR resolve_used_us + coalesce(extract(epoch FROM $3::timestamptz - resolve_since) * 1e6, 0)
                   > resolve_limit_s * 1e6) AS breached
           FROM incidents i JOIN unnest($1::text[], $2::text[]) AS seen(trade, commune)
               ON (i.trade, i.commune) = (seen.trade, seen.commune)
           WHERE i.state IN ('reported', 'qualified', 'in_progress')""",
        seen.keys,
        seen.communes,
        now,
    )


async def count_calls(rows: Rows, day_start: datetime) -> Row | None:
    """Calls that ring now; of today's by telephone, those that ring no more, and those that were answered soon."""
    return await rows.fetch_one(
        """SELECT count(*) FILTER (WHERE state = 'ringing') AS waiting,
               count(*) FILTER (WHERE rang_at >= $1 AND state <> 'ringing') AS offered,
               count(*) FILTER (WHERE rang_at >= $1 AND answered_at <= rang_at + make_interval(secs => $2)) AS soon
           FROM calls WHERE channel = 'cti' AND NOT lost AND (rang_at >= $1 OR state = 'ringing')""",
        day_start,
        WITHIN_S,
    )
