"""The SQL of steerings: who holds what, where something urgent happens, holds that go on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from ondijon.kernel.ports import Row, Rows, Transaction


async def list_held(rows: Rows, hold_group: str, twin_type: str) -> Sequence[Row]:
    """Every hold of the group on twins of a type, with its end, what is wanted, and who asked for it."""
    return await rows.fetch(
        """SELECT h.twin_no, h.until, h.wanted, c.issuer FROM holds h
           JOIN commands c ON c.id = h.command_id AND c.twin_type = $2
           WHERE h.hold_group = $1""",
        hold_group,
        twin_type,
    )


async def list_under_way_of_others(rows: Rows, hold_group: str, issuer: UUID) -> Sequence[Row]:
    """Twins that an order of somebody else is on its way to, or waits for a second person."""
    return await rows.fetch(
        """SELECT DISTINCT t.twin_no FROM commands c JOIN command_targets t ON t.command_id = c.id
           WHERE c.state IN ('awaiting_approval', 'requested', 'sent', 'accepted') AND c.hold_group = $1
             AND c.issuer <> $2 AND t.state < 3""",
        hold_group,
        issuer,
    )


async def list_urgent(rows: Rows) -> Sequence[Row]:
    """Where incidents that are not over lie."""
    return await rows.fetch(
        """SELECT position[0] AS lon, position[1] AS lat FROM incidents
           WHERE state IN ('reported', 'qualified', 'in_progress', 'paused')"""
    )


async def go_on(tx: Transaction, hold_group: str, issuer: UUID, twin_nos: Sequence[int], until: datetime) -> int:
    """Let holds of this issuer last longer, and no one else's; how many."""
    rows = await tx.fetch(
        """UPDATE holds h SET until = $4 FROM commands c
           WHERE c.id = h.command_id AND c.issuer = $2 AND h.hold_group = $1 AND h.twin_no = ANY($3::integer[])
           RETURNING 1""",
        hold_group,
        issuer,
        list(twin_nos),
        until,
    )
    return len(rows)


async def insert_decisions(tx: Transaction, rows: Sequence[tuple[Any, ...]]) -> None:
    """id, automation, version, at, trade, commune, input, outcome."""
    columns = ("id", "automation", "version", "at", "trade", "commune", "input", "outcome")
    await tx.copy_rows("automation_decisions", columns, rows)
