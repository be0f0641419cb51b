"""`ondijon logbook verify FILE`: whether an export is as the room signed it, line by line, without the room."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from ondijon.control_room.logbook.model import Draft, Kind, hash_line, hash_text
from ondijon.kernel.errors import Refused
from ondijon.web.signing import fingerprint, verify


class SealRead(Struct, frozen=True):
    """A line's seal as exported."""

    actor: UUID | None
    event: UUID | None
    salt: UUID | None
    text: str | None
    text_sha256: str
    previous_hash: str
    hash: str


class LineRead(Struct, frozen=True):
    """What of an exported line its seal covers."""

    line_no: int
    at: datetime
    kind: Kind
    key: str | None
    values: dict[str, Any]
    trade: str | None
    commune: str | None
    subject: str | None
    corrects: int | None
    seal: SealRead


class Verdict(Struct, frozen=True):
    """What was found: how many lines, of which period, how many pieces without a gap, and whose key signed."""

    lines: int
    since: str
    until: str
    pieces: int
    erased: int
    fingerprint: str


async def run_logbook(options: argparse.Namespace) -> None:
    """Print the verdict as JSON, or raise Refused with what is wrong."""
    verdict = check_export(Path(options.file).read_bytes(), options.key)
    print(msgspec.json.encode(verdict).decode())


def check_export(document: bytes, trusted_key: str | None = None) -> Verdict:
    """Check the signature, then every line's words against its seal, and each seal against the one before."""
    signed = verify(document, trusted_key)
    try:
        lines = msgspec.convert(signed.content["lines"], list[LineRead])
        since, until = str(signed.content["since"]), str(signed.content["until"])
    except (KeyError, msgspec.ValidationError) as error:
        raise Refused("error.signed_unreadable", detail=str(error)[:200]) from error
    pieces, last = 0, None
    for line in lines:
        _check_seal(line)
        follows = last is not None and line.line_no == last.line_no + 1
        if last is not None and follows and line.seal.previous_hash != last.seal.hash:
            raise Refused("error.logbook_seal_broken", line_no=line.line_no)
        pieces += 0 if follows else 1
        last = line
    erased = sum(line.seal.text is None for line in lines)
    return Verdict(len(lines), since, until, pieces, erased, fingerprint(signed.public_key))


def _check_seal(line: LineRead) -> None:
    """A line whose words were erased keeps its seal; the words of every other line must be those that were sealed."""
    stored = line.seal
    draft = Draft(
        line.at, line.kind, "", line.trade, line.commune, line.subject, line.key, line.values, stored.actor,
        line.corrects, stored.event,
    )  # fmt: skip
    try:
        sealed = hash_line(bytes.fromhex(stored.previous_hash), line.line_no, draft, bytes.fromhex(stored.text_sha256))
    except ValueError as error:
        raise Refused("error.logbook_seal_broken", line_no=line.line_no) from error
    whole = sealed.hex() == stored.hash
    if stored.text is not None and stored.salt is not None:
        whole &= hash_text(stored.text, stored.salt).hex() == stored.text_sha256
    if not whole:
        raise Refused("error.logbook_seal_broken", line_no=line.line_no)
