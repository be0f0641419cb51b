"""Messages that could not be understood; a person sees those of gateways with a twin that the person sees."""

from collections.abc import Sequence
from uuid import UUID

from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Pairs

_COLUMNS = "d.id, d.received_at, d.driver, d.gateway, d.topic, d.payload, d.reason, d.detail, d.repeated, d.replayed_at"
# `seen` pairs types and communes; $3 lets through what belongs to no known gateway.
_SEEN = """($3 OR EXISTS (SELECT FROM twins t
    JOIN unnest($1::text[], $2::text[]) AS seen(type, commune) ON (t.type, t.commune) = (seen.type, seen.commune)
    WHERE t.gateway = d.gateway))"""


async def list_recent(rows: Rows, seen: Pairs, everything: bool, most: int) -> Sequence[Row]:
    return await rows.fetch(
        f"SELECT {_COLUMNS} FROM dead_letters d WHERE {_SEEN} ORDER BY d.received_at DESC, d.id DESC LIMIT $4",  # noqa: S608 (only literals above)
        seen.keys,
        seen.communes,
        everything,
        most,
    )


async def find_one(rows: Rows, seen: Pairs, everything: bool, letter_id: UUID) -> Row | None:
    return await rows.fetch_one(
        f"SELECT {_COLUMNS} FROM dead_letters d WHERE {_SEEN} AND d.id = $4",  # noqa: S608 (only literals above)
        seen.keys,
        seen.communes,
        everything,
        letter_id,
    )
