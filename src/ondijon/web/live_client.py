"""A live client is one open socket: who holds it, what it watches, what it is owed."""

import asyncio
from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

import msgspec

from ondijon.web.changes import Marks
from ondijon.web.mailbox import Mailbox
from ondijon.web.rights import Scope
from ondijon.web.sessions import Person


class Farewell(IntEnum):
    """Why the server closes a socket; the numbers are RFC 6455's close codes (4001: ours, signed out)."""

    GOING_AWAY = 1001
    BAD_MESSAGE = 1008
    TOO_SLOW = 1013
    SIGNED_OUT = 4001


def message(kind: str, **content: Any) -> str:
    """One text message of the live interface."""
    return msgspec.json.encode({"kind": kind, **content}).decode()


class LiveClient:
    """What the hub knows of one open socket."""

    def __init__(self, person: Person, scope: Scope, checked_at: float) -> None:
        self.person = person
        self.scope = scope
        self.checked_at = checked_at
        self.mailbox = Mailbox()
        self.types: frozenset[str] = frozenset()
        self.twin: str | None = None
        self.twin_is_due = False
        self.incident: UUID | None = None
        self.told_people: tuple[UUID, list[str]] | None = None
        # Cards that changed and that the client has still to be told, in order.
        self.owed_cards: dict[UUID, None] = {}
        self.full_is_due: set[str] = set()
        self.resync_is_due = False
        # Changes that came while the client was still taking earlier ones: it gets the latest values in one go.
        self.owed: Marks = {}
        self.rounds_behind = 0
        self.farewell: Farewell | None = None
        self.ended = asyncio.Event()

    def watch(self, types: frozenset[str], twin: str | None, incident: UUID | None = None) -> None:
        """Replace what is watched; types that were watched already are in step and need no full frame."""
        self.full_is_due = (self.full_is_due & types) | (types - self.types)
        self.types = types
        self.twin_is_due = twin is not None
        self.twin = twin
        if incident != self.incident:
            self.incident, self.told_people = incident, None

    def change_scope(self, scope: Scope) -> None:
        """Start afresh with other rights."""
        self.scope = scope
        self.resync_is_due = True

    def end(self, farewell: Farewell) -> None:
        """Ask the socket's own task to say goodbye and close; the first reason stays."""
        if self.farewell is None:
            self.farewell = farewell
            self.ended.set()

    def is_over(self, now: datetime) -> bool:
        return self.person.ends_at <= now
