"""The audit line of an act is written in the act's own transaction."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ondijon.kernel.audit import GENESIS, AuditLine, chain_hash
from ondijon.kernel.clock import Clock
from ondijon.kernel.ports import Row, Rows, Transaction


async def append_audit(
    tx: Transaction, clock: Clock, actor: UUID | None, act: str, subject: str, detail: dict[str, Any]
) -> bytes:
    """Chain one line to the log; returns its hash. One writer at a time, until the transaction ends."""
    last = await tx.fetch_one("SELECT line_no, hash FROM take_audit_tip()")
    line_no = last["line_no"] + 1 if last else 1
    line = AuditLine(line_no, clock.now(), actor, act, subject, detail, last["hash"] if last else GENESIS)
    line_hash = chain_hash(line)
    await tx.execute(
        """INSERT INTO audit (line_no, at, actor, act, subject, detail, previous_hash, hash)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8)""",
        line.line_no,
        line.at,
        line.actor,
        line.act,
        line.subject,
        line.detail,
        line.previous_hash,
        line_hash,
    )
    return line_hash


async def find_last(rows: Rows) -> Row | None:
    """Number and hash of the last line."""
    return await rows.fetch_one("SELECT line_no, hash FROM audit ORDER BY line_no DESC LIMIT 1")


async def list_lines(rows: Rows | Transaction, after: int, limit: int) -> Sequence[Row]:
    """Whole lines in the order of their numbers."""
    return await rows.fetch(
        """SELECT line_no, at, actor, act, subject, detail, previous_hash, hash FROM audit
           WHERE line_no > $1 ORDER BY line_no LIMIT $2""",
        after,
        limit,
    )


async def is_append_only(rows: Rows) -> bool:
    """Whether the role that asks can only add lines: it neither owns the table nor may change what is there."""
    row = await rows.fetch_one(
        """SELECT pg_has_role(current_user, relowner, 'MEMBER') OR has_table_privilege(oid, 'UPDATE')
               OR has_table_privilege(oid, 'DELETE') OR has_table_privilege(oid, 'TRUNCATE') AS may_change
           FROM pg_class WHERE oid = 'audit'::regclass"""
    )
    return row is not None and not row["may_change"]
