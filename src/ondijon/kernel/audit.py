"""The audit log is a hash chain: each line carries SHA-256 of the line before it."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

GENESIS = bytes(32)
_ENCODER = msgspec.json.Encoder(order="sorted")


class AuditLine(Struct, frozen=True):
    """One act: who (a pseudonym), what, on what, why; never a name."""

    line_no: int
    at: datetime
    actor: UUID | None
    act: str
    subject: str
    detail: dict[str, Any]
    previous_hash: bytes


def chain_hash(line: AuditLine) -> bytes:
    """SHA-256 over the previous hash and the line as canonical JSON (sorted keys)."""
    body = _ENCODER.encode([line.line_no, line.at.isoformat(), line.actor, line.act, line.subject, line.detail])
    return hashlib.sha256(line.previous_hash + body).digest()


class AuditHead(Struct, frozen=True):
    """What was written down outside the rows: the last line of the log, its hash in hex, and when it was looked at.

    restored: from here on the log goes on anew, because a backup was restored that knew no later line.
    """

    line_no: int
    hash: str
    at: datetime
    restored: bool = False


class Finding(Struct, frozen=True):
    """Where a log is not what it was, and in what way."""

    line_no: int
    kind: Literal["edited", "missing", "out_of_order", "rewritten", "cut"]


class ChainCheck:
    """Follows a log line by line and head by head; `finding` is the first place where it is not what it was."""

    def __init__(self, heads: Iterable[AuditHead] = ()) -> None:
        self._heads: dict[int, str] = {}
        for head in standing_heads(heads):
            # The first one binds: a later head of the same line was read from rows that may be forged by then.
            self._heads.setdefault(head.line_no, head.hash)
        self._previous = GENESIS
        self.last_no = 0
        self.finding: Finding | None = None

    def follow(self, line: AuditLine, stored: bytes) -> None:
        """Take the next line as stored; after a finding nothing more is judged."""
        if self.finding is None:
            kind = self._judge(line, stored)
            self.finding = None if kind is None else Finding(line.line_no, kind)
            self.last_no, self._previous = line.line_no, stored

    def finish(self) -> Finding | None:
        """No line comes any more: a head beyond the last one tells of a tail that was cut."""
        beyond = max(self._heads, default=0)
        if self.finding is None and beyond > self.last_no:
            self.finding = Finding(self.last_no + 1, "cut")
        return self.finding

    def _judge(
        self, line: AuditLine, stored: bytes
    ) -> Literal["edited", "missing", "out_of_order", "rewritten"] | None:
        if line.line_no != self.last_no + 1:
            return "missing" if line.line_no > self.last_no + 1 else "out_of_order"
        if chain_hash(line) != stored:
            return "edited"
        if line.previous_hash != self._previous:
            return "out_of_order"
        known = self._heads.get(line.line_no)
        return "rewritten" if known is not None and known != stored.hex() else None


def standing_heads(heads: Iterable[AuditHead]) -> list[AuditHead]:
    """The heads that still bind, in the order of their writing: a restore takes back those of later lines."""
    standing: list[AuditHead] = []
    for head in heads:
        if head.restored:
            standing = [one for one in standing if one.line_no < head.line_no]
        standing.append(head)
    return standing
