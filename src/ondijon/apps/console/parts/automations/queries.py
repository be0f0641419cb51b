"""The register's SQL, one query a function; what a reader may see is (trade, commune) in each."""

from collections.abc import Sequence

from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Pairs

MOST = 100


async def list_decisions(rows: Rows, automation: str, pairs: Pairs) -> Sequence[Row]:
    """The latest decisions of a rule."""
    return await rows.fetch(
        """SELECT d.id, d.at, d.version, d.input, d.outcome FROM automation_decisions d
           WHERE d.automation = $1
               AND EXISTS (SELECT 1 FROM unnest($2::text[], $3::text[]) AS seen (trade, commune)
                           WHERE seen.trade = d.trade AND seen.commune = d.commune)
           ORDER BY d.at DESC, d.id DESC LIMIT $4""",
        automation,
        pairs.keys,
        pairs.communes,
        MOST,
    )


async def list_groups(rows: Rows, pairs: Pairs) -> Sequence[Row]:
    """The latest groups of alarms that stood wholly where the reader sees: counts of other ground are not told."""
    return await rows.fetch(
        """SELECT c.id, c.raised_at AS at, c.kind, c.type, c.members, c.explanation, c.dissolved, c.over_at,
                  (SELECT sum(value::integer) FROM jsonb_each_text(c.expected)) AS expected
           FROM alarm_cards c
           WHERE c.kind <> 'single' AND c.members > 0
               AND NOT EXISTS (SELECT 1 FROM jsonb_object_keys(c.by_commune) AS stood (commune)
                               WHERE (c.trade, stood.commune) NOT IN (SELECT * FROM unnest($1::text[], $2::text[])))
           ORDER BY c.raised_at DESC, c.id DESC LIMIT $3""",
        pairs.keys,
        pairs.communes,
        MOST,
    )
