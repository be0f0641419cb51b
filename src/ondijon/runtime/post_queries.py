"""The SQL behind the door: commands, their targets, and acknowledgements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ondijon.kernel.arrays import Ints32
from ondijon.kernel.commands import Command, CommandState, RiskClass, Selection
from ondijon.kernel.ports import Row, Rows, Transaction

_COLUMNS = """id, key, trade, twin_type, hold_group, state, reason, payload, selection, risk_class, issuer,
    issuer_name, approver_name, requested_at, approved_at, expires_s, expires_at, undo_of, undone_by, communes,
    counts"""


def to_command(row: Row) -> Command:
    """A command as the post remembers it."""
    selection = row["selection"]
    return Command(
        id=row["id"],
        key=row["key"],
        trade=row["trade"],
        state=CommandState(row["state"]),
        reason=row["reason"],
        payload=row["payload"],
        selection=Selection(
            selection["kind"],
            tuple(selection["ids"]),
            tuple(tuple((lon, lat) for lon, lat in ring) for ring in selection["rings"]),
        ),
        risk_class=RiskClass(row["risk_class"]),
        issuer=row["issuer_name"],
        approver=row["approver_name"],
        requested_at=row["requested_at"],
        approved_at=row["approved_at"],
        expires_at=row["expires_at"],
        undo_of=row["undo_of"],
        undone_by=row["undone_by"],
        counts=row["counts"],
    )


async def find_command(rows: Rows | Transaction, command_id: UUID, *, lock: bool = False) -> Row | None:
    ending = " FOR UPDATE" if lock else ""
    return await rows.fetch_one(f"SELECT {_COLUMNS} FROM commands WHERE id = $1{ending}", command_id)  # noqa: S608


async def find_by_idempotency_key(rows: Rows | Transaction, key: UUID) -> Row | None:
    return await rows.fetch_one(f"SELECT {_COLUMNS} FROM commands WHERE idempotency_key = $1", key)  # noqa: S608


async def insert_command(tx: Transaction, row: dict[str, Any]) -> bool:
    """Insert a command; False when its idempotency key is known already."""
    names = list(row)
    places = ", ".join(f"${place}" for place in range(1, len(names) + 1))
    inserted = await tx.fetch_one(
        f"""INSERT INTO commands ({", ".join(names)}) VALUES ({places})
            ON CONFLICT (idempotency_key) DO NOTHING RETURNING id""",  # noqa: S608 (names are ours)
        *row.values(),
    )
    return inserted is not None


async def insert_targets(
    tx: Transaction,
    command_id: UUID,
    twin_no: Ints32,
    states: Sequence[int],
    reasons: Sequence[str | None],
    wanted: Sequence[Sequence[float | None] | None],
) -> None:
    await tx.copy_rows(
        "command_targets",
        ("command_id", "twin_no", "state", "reason", "wanted"),
        [
            (command_id, number, state, reason, values)
            for number, state, reason, values in zip(twin_no.tolist(), states, reasons, wanted, strict=True)
        ],
    )


async def set_approved(
    tx: Transaction, command_id: UUID, approver: UUID, name: str, at: datetime, expires_at: datetime
) -> None:
    """A hold lasts as long as was asked from the approval on, not from the asking."""
    await tx.execute(
        """UPDATE commands SET state = 'requested', approver = $2, approver_name = $3, approved_at = $4,
                  expires_at = $5, hold_until = hold_until + ($4 - requested_at)
           WHERE id = $1""",
        command_id,
        approver,
        name,
        at,
        expires_at,
    )


async def set_rejected(tx: Transaction, command_id: UUID, approver: UUID, name: str, at: datetime) -> None:
    await tx.execute(
        """UPDATE commands SET state = 'rejected', approver = $2, approver_name = $3, approved_at = $4
           WHERE id = $1""",
        command_id,
        approver,
        name,
        at,
    )


async def set_undone(tx: Transaction, command_id: UUID, undone_by: UUID) -> None:
    await tx.execute("UPDATE commands SET undone_by = $2 WHERE id = $1", command_id, undone_by)


async def list_undo_targets(tx: Transaction, command_id: UUID, hold_group: str) -> Sequence[Row]:
    """What each target held before, and whether the command still holds it (refused ones have nothing to undo)."""
    return await tx.fetch(
        """SELECT t.twin_no, t.former, t.former_until, t.wanted IS NULL AS released,
                  h.command_id AS holder
           FROM command_targets t
           LEFT JOIN holds h ON h.twin_no = t.twin_no AND h.hold_group = $2
           WHERE t.command_id = $1 AND t.state NOT IN (0, 4)
           ORDER BY t.twin_no""",
        command_id,
        hold_group,
    )
