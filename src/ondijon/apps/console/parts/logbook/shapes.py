"""Lines of the logbook as they leave in JSON (docs/room-api.md)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from ondijon.control_room.logbook.model import Kind


class Beside(Struct, frozen=True):
    """The other end of a correction: the line that was corrected, or the one that corrects."""

    line_no: int
    at: datetime
    by: str | None
    text: str | None


class LineShape(Struct, frozen=True):
    """A line; text in the language asked for (free words as written), None when erased; by: a person's name."""

    line_no: int
    at: datetime
    kind: Kind
    key: str | None
    values: dict[str, Any]
    text: str | None
    erased: bool
    trade: str | None
    commune: str | None
    subject: str | None
    by: str | None
    corrects: int | None
    corrected_by: int | None
    beside: Beside | None


class LinesShape(Struct, frozen=True):
    """A page of lines, newest first; more: older ones answer too."""

    lines: list[LineShape]
    more: bool


class KeyShape(Struct, frozen=True):
    """The public half of the key that signs exports, in base64, and how it is read out."""

    public_key: str
    fingerprint: str


class SealShape(Struct, frozen=True):
    """What lets anybody compute a line's hash again (docs/domains/logbook.md); hashes in hexadecimal."""

    actor: UUID | None
    event: UUID | None
    salt: UUID | None
    text: str | None
    text_sha256: str
    previous_hash: str
    hash: str


class ExportLine(Struct, frozen=True):
    """A line with its seal."""

    line_no: int
    at: datetime
    kind: Kind
    key: str | None
    values: dict[str, Any]
    text: str | None
    trade: str | None
    commune: str | None
    subject: str | None
    by: str | None
    corrects: int | None
    corrected_by: int | None
    seal: SealShape


class ExportContent(Struct, frozen=True):
    """What is signed."""

    format: str
    city: str
    synthetic: bool
    since: datetime
    until: datetime
    exported_at: datetime
    exported_by: str
    lines: list[ExportLine]
