"""Alarms with where they stand."""

from collections.abc import Sequence
from uuid import UUID

from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Pairs

_COLUMNS = """a.id, a.type, a.trade, t.urn, t.name AS twin_name, t.type AS twin_type, a.commune, s.name AS street,
    t.position[0] AS lon, t.position[1] AS lat, a.priority, a.raised_at, a.cleared_at, a.acknowledged_at,
    a.acknowledged_name, a.evidence, a.version"""
_FROM = "FROM alarms a JOIN twins t USING (twin_no) LEFT JOIN streets s USING (street_id)"
_SEEN = (
    "JOIN unnest($1::text[], $2::text[]) AS seen(trade, commune) ON (a.trade, a.commune) = (seen.trade, seen.commune)"
)


async def list_open(rows: Rows, seen: Pairs, most: int) -> Sequence[Row]:
    """Alarms that are not over, the most urgent first, then the newest."""
    return await rows.fetch(
        f"""SELECT {_COLUMNS} {_FROM} {_SEEN}
            WHERE a.state <> 'normal' ORDER BY a.priority, a.raised_at DESC, a.id LIMIT $3""",
        seen.keys,
        seen.communes,
        most,
    )


async def list_recent(rows: Rows, seen: Pairs, most: int) -> Sequence[Row]:
    """All alarms, also those that are over, the newest first."""
    return await rows.fetch(
        f"SELECT {_COLUMNS} {_FROM} {_SEEN} ORDER BY a.raised_at DESC, a.id DESC LIMIT $3",
        seen.keys,
        seen.communes,
        most,
    )


async def list_open_of_twin(rows: Rows, seen: Pairs, twin_no: int) -> Sequence[Row]:
    return await rows.fetch(
        f"""SELECT {_COLUMNS} {_FROM} {_SEEN}
            WHERE a.twin_no = $3 AND a.state <> 'normal' ORDER BY a.priority, a.raised_at DESC""",
        seen.keys,
        seen.communes,
        twin_no,
    )


async def find_one(rows: Rows, seen: Pairs, alarm_id: UUID) -> Row | None:
    return await rows.fetch_one(
        f"SELECT {_COLUMNS} {_FROM} {_SEEN} WHERE a.id = $3",
        seen.keys,
        seen.communes,
        alarm_id,
    )


async def list_by_ids(rows: Rows, ids: Sequence[UUID]) -> Sequence[Row]:
    """Alarms for the live hub, which gives each only to those who may see it."""
    return await rows.fetch(f"SELECT {_COLUMNS} {_FROM} WHERE a.id = ANY($1)", list(ids))
