"""What the room did on the ground of one commune in a period, within the trades that the reader sees there."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct

from ondijon.kernel.ports import Row, Rows


class Ground(Struct, frozen=True):
    """One commune, the trades seen there, and a period [since, until)."""

    insee: str
    trades: list[str]
    since: datetime
    until: datetime


async def count_commands(rows: Rows, ground: Ground) -> Sequence[Row]:
    """Orders by key with the objects of this commune only; those of the post itself too."""
    return await rows.fetch(
        """SELECT c.key, count(DISTINCT c.id) AS count, count(*) AS targets
           FROM commands c JOIN command_targets target ON target.command_id = c.id JOIN twins t USING (twin_no)
           WHERE c.requested_at >= $3 AND c.requested_at < $4 AND c.trade = ANY($2) AND $1 = ANY(c.communes)
               AND t.commune = $1
           GROUP BY c.key ORDER BY count DESC, c.key""",
        ground.insee,
        ground.trades,
        ground.since,
        ground.until,
    )


async def count_incidents(rows: Rows, ground: Ground) -> Sequence[Row]:
    return await rows.fetch(
        """SELECT type, count(*) AS count,
                  avg(extract(epoch FROM resolved_at - opened_at))::bigint AS mean_resolve_s
           FROM incidents
           WHERE commune = $1 AND trade = ANY($2) AND opened_at >= $3 AND opened_at < $4 AND merged_into IS NULL
           GROUP BY type ORDER BY count DESC, type""",
        ground.insee,
        ground.trades,
        ground.since,
        ground.until,
    )


async def count_annunciated(rows: Rows, ground: Ground) -> Sequence[Row]:
    """Alarm cards that called for somebody, by priority."""
    return await rows.fetch(
        """SELECT priority, count(*) AS count FROM alarm_cards
           WHERE annunciated_at >= $3 AND annunciated_at < $4 AND trade = ANY($2) AND by_commune ? $1
           GROUP BY priority""",
        ground.insee,
        ground.trades,
        ground.since,
        ground.until,
    )


async def count_works(rows: Rows, ground: Ground) -> int:
    """Works that stood for some time of the period."""
    return await _count(
        rows,
        """SELECT count(*) AS n FROM alarm_silences
           WHERE kind = 'works' AND $1 = ANY(communes) AND trade = ANY($2) AND since < $4
               AND coalesce(ended_at, until, 'infinity') > $3""",
        ground,
    )


async def count_calls(rows: Rows, ground: Ground) -> int:
    """Calls about a place of this commune; the trades do not matter, the right to see calls was asked before."""
    return await _count(
        rows,
        """SELECT count(*) AS n FROM calls
           WHERE commune = $1 AND $2::text[] IS NOT NULL AND rang_at >= $3 AND rang_at < $4""",
        ground,
    )


_ABOUT = """(a.subject = 'commune:' || $1 OR a.detail -> 'communes' ? $1 OR a.detail ->> 'commune' = $1
    OR EXISTS (SELECT FROM incidents i WHERE a.subject = 'incident:' || i.id AND i.commune = $1))"""


async def count_exports(rows: Rows, ground: Ground) -> int:
    """Files about this commune that left the room."""
    return await _count(
        rows,
        f"""SELECT count(*) AS n FROM audit a
            WHERE a.at >= $3 AND a.at < $4 AND $2::text[] IS NOT NULL AND a.act LIKE '%.exported' AND {_ABOUT}""",  # noqa: S608 (ours)
        ground,
    )


async def count_looks_by_others(rows: Rows, ground: Ground) -> int:
    """Looks and exports by people none of whose grants names this commune."""
    return await _count(
        rows,
        f"""SELECT count(*) AS n FROM audit a JOIN users u ON u.pseudonym = a.actor
            WHERE a.at >= $3 AND a.at < $4 AND $2::text[] IS NOT NULL
                AND (a.act LIKE '%viewed' OR a.act LIKE '%.exported') AND {_ABOUT}
                AND NOT EXISTS (SELECT FROM jsonb_array_elements(u.grants) held WHERE held -> 'communes' ? $1)""",  # noqa: S608 (ours)
        ground,
    )


async def count_broken_glass(rows: Rows, since: datetime, until: datetime) -> int:
    """Emergency accesses of the period: each opened this ground too."""
    row = await rows.fetch_one(
        "SELECT count(*) AS n FROM broken_glass WHERE since < $2 AND coalesce(ended_at, until) > $1", since, until
    )
    return 0 if row is None else int(row["n"])


async def _count(rows: Rows, sql: str, ground: Ground) -> int:
    row = await rows.fetch_one(sql, ground.insee, ground.trades, ground.since, ground.until)
    return 0 if row is None else int(row["n"])
