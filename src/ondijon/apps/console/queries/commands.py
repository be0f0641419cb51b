"""Commands, their targets, and what they hold."""

from collections.abc import Sequence
from uuid import UUID

from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Pairs

_COLUMNS = """c.id, c.key, c.trade, c.state, c.reason, c.payload, c.selection, c.risk_class, c.issuer_name,
    c.approver_name, c.requested_at, c.approved_at, c.expires_at, c.undo_of, c.undone_by, c.counts, c.communes"""
# Whoever sees one of a command's communes sees the command; what it does elsewhere is cut out afterwards.
_SEEN = """EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS seen(trade, commune)
    WHERE seen.trade = c.trade AND seen.commune = ANY(c.communes))"""
_SEEN_TWIN = (
    "JOIN unnest($1::text[], $2::text[]) AS seen(type, commune) ON (t.type, t.commune) = (seen.type, seen.commune)"
)


async def list_recent(rows: Rows, seen: Pairs, most: int) -> Sequence[Row]:
    return await rows.fetch(
        f"SELECT {_COLUMNS} FROM commands c WHERE {_SEEN} ORDER BY c.requested_at DESC, c.id DESC LIMIT $3",  # noqa: S608 (only literals above)
        seen.keys,
        seen.communes,
        most,
    )


async def list_open(rows: Rows, seen: Pairs, most: int) -> Sequence[Row]:
    return await rows.fetch(
        f"""SELECT {_COLUMNS} FROM commands c
            WHERE {_SEEN} AND c.state IN ('awaiting_approval', 'requested', 'sent', 'accepted')
            ORDER BY c.requested_at DESC, c.id DESC LIMIT $3""",  # noqa: S608 (only literals above)
        seen.keys,
        seen.communes,
        most,
    )


async def find_one(rows: Rows, seen: Pairs, command_id: UUID) -> Row | None:
    return await rows.fetch_one(
        f"SELECT {_COLUMNS} FROM commands c WHERE {_SEEN} AND c.id = $3",  # noqa: S608 (only literals above)
        seen.keys,
        seen.communes,
        command_id,
    )


async def list_by_ids(rows: Rows, ids: Sequence[UUID]) -> Sequence[Row]:
    """Commands for the live hub, which gives each only to those who may see it."""
    return await rows.fetch(f"SELECT {_COLUMNS} FROM commands c WHERE c.id = ANY($1)", list(ids))  # noqa: S608 (only literals above)


async def list_of_twin(rows: Rows, seen: Pairs, twin_no: int, most: int) -> Sequence[Row]:
    """The last commands on one twin, with what became of it in each."""
    return await rows.fetch(
        f"""SELECT {_COLUMNS}, target.state AS target_state, target.reason AS target_reason
            FROM command_targets target JOIN commands c ON c.id = target.command_id
            WHERE {_SEEN} AND target.twin_no = $3 ORDER BY c.requested_at DESC, c.id DESC LIMIT $4""",  # noqa: S608 (only literals above)
        seen.keys,
        seen.communes,
        twin_no,
        most,
    )


async def count_by_commune(rows: Rows, ids: Sequence[UUID]) -> Sequence[Row]:
    """How many targets of each command stand where, in each commune."""
    return await rows.fetch(
        """SELECT target.command_id, t.commune, target.state, count(*) AS targets
           FROM command_targets target JOIN twins t USING (twin_no)
           WHERE target.command_id = ANY($1) GROUP BY target.command_id, t.commune, target.state""",
        list(ids),
    )


async def list_targets(rows: Rows, seen: Pairs, command_id: UUID, state: int | None, most: int) -> Sequence[Row]:
    """Visible targets of a command, by twin; `seen` pairs types and communes."""
    return await rows.fetch(
        f"""SELECT t.urn, t.name, target.state, target.reason, target.sent_at, target.done_at
            FROM command_targets target JOIN twins t USING (twin_no) {_SEEN_TWIN}
            WHERE target.command_id = $3 AND ($4::smallint IS NULL OR target.state = $4)
            ORDER BY t.twin_no LIMIT $5""",  # noqa: S608 (only literals above)
        seen.keys,
        seen.communes,
        command_id,
        state,
        most,
    )


_HOLD_COLUMNS = """t.urn, t.name, t.type, h.hold_group, h.wanted, h.until, h.since, h.command_id,
    c.issuer_name, c.reason"""


async def list_holds(rows: Rows, seen: Pairs, most: int) -> Sequence[Row]:
    """What is held, the newest first; `seen` pairs types and communes."""
    return await rows.fetch(
        f"""SELECT {_HOLD_COLUMNS}
            FROM holds h JOIN twins t USING (twin_no) JOIN commands c ON c.id = h.command_id {_SEEN_TWIN}
            ORDER BY h.since DESC, t.twin_no LIMIT $3""",  # noqa: S608 (only literals above)
        seen.keys,
        seen.communes,
        most,
    )


async def list_holds_of_twin(rows: Rows, seen: Pairs, twin_no: int) -> Sequence[Row]:
    return await rows.fetch(
        f"""SELECT {_HOLD_COLUMNS}
            FROM holds h JOIN twins t USING (twin_no) JOIN commands c ON c.id = h.command_id {_SEEN_TWIN}
            WHERE h.twin_no = $3 ORDER BY h.hold_group""",  # noqa: S608 (only literals above)
        seen.keys,
        seen.communes,
        twin_no,
    )
