"""When the audit log of a home was last checked and what was found, kept in the home for whoever looks."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from ondijon.cli.places import write_private

NAME = "audit-verified.json"


class AuditCheck(Struct, frozen=True):
    """One check: when (machine time), how many lines it went through, and the kind of finding if there was one."""

    at: datetime
    lines: int
    finding: str | None


def note_check(home: Path, lines: int, finding: str | None) -> None:
    """Remember a check of this moment."""
    write_private(home / NAME, msgspec.json.encode(AuditCheck(datetime.now(UTC), lines, finding)))


def find_check(home: Path) -> AuditCheck | None:
    """The last check, or None when there was none."""
    try:
        return msgspec.json.decode((home / NAME).read_bytes(), type=AuditCheck)
    except (OSError, msgspec.DecodeError):
        return None
