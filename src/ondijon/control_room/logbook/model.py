"""A line of the logbook, sealed to the line before it; its words stand apart, so that they can be erased."""

import hashlib
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

Kind = Literal["automatic", "free", "correction"]

PART = "logbook"
TRADE = "logbook"
MOST_LETTERS = 4_000
GENESIS = bytes(32)
_ENCODER = msgspec.json.Encoder(order="sorted")


class Draft(Struct, frozen=True):
    """A line about to be written; trade None: who sees everything may see it; commune None: who sees the whole trade.

    said: what the sentence `log.{key}` is filled with; text: the French sentence, or a person's own words.
    """

    at: datetime
    kind: Kind
    text: str
    trade: str | None
    commune: str | None
    subject: str | None = None
    key: str | None = None
    said: dict[str, Any] = {}
    actor: UUID | None = None
    corrects: int | None = None
    event: UUID | None = None


class Seal(Struct, frozen=True):
    """The end of the chain: the last line's number and hash."""

    line_no: int
    hash: bytes


class Line(Struct, frozen=True):
    """A draft with its place in the chain; `salt` keeps erased words from being guessed by their SHA-256."""

    line_no: int
    draft: Draft
    salt: UUID
    text_sha256: bytes
    previous_hash: bytes
    hash: bytes

    @property
    def seal(self) -> Seal:
        return Seal(self.line_no, self.hash)


EMPTY = Seal(0, GENESIS)


def hash_text(text: str, salt: UUID) -> bytes:
    """SHA-256 of the salt's bytes and the text in UTF-8."""
    return hashlib.sha256(salt.bytes + text.encode()).digest()


def hash_line(previous: bytes, line_no: int, draft: Draft, text_sha256: bytes) -> bytes:
    """SHA-256 over the previous hash and the line, without its words, as canonical JSON (sorted keys)."""
    body = [
        line_no,
        draft.at.isoformat(),
        draft.kind,
        draft.key,
        draft.said,
        draft.trade,
        draft.commune,
        draft.subject,
        draft.actor,
        draft.corrects,
        draft.event,
        text_sha256.hex(),
    ]
    return hashlib.sha256(previous + _ENCODER.encode(body)).digest()


def seal(last: Seal, draft: Draft, salt: UUID) -> Line:
    """The draft as the line after `last`."""
    line_no, text_sha256 = last.line_no + 1, hash_text(draft.text, salt)
    return Line(line_no, draft, salt, text_sha256, last.hash, hash_line(last.hash, line_no, draft, text_sha256))
