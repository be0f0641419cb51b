"""The audit log is a hash chain: each line carries SHA-256 of the line before it."""

import hashlib
from datetime import datetime
from typing import Any
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


def first_break(lines: list[AuditLine], hashes: list[bytes]) -> int | None:
    """The line number where a chain stops being one, or None when it holds."""
    previous = lines[0].previous_hash if lines else GENESIS
    expected_no = lines[0].line_no if lines else 0
    for line, stored in zip(lines, hashes, strict=True):
        if line.line_no != expected_no or line.previous_hash != previous or chain_hash(line) != stored:
            return line.line_no
        previous, expected_no = stored, expected_no + 1
    return None
