"""A notice climbs a ladder until somebody has read it; a delivery is tried until it is sent or given up."""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Literal
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.identity import Grant, Verb

Way = Literal["mail", "sms", "webhook"]
# Each rung of the ladder has this long to read.
UNREAD_AFTER = timedelta(minutes=3)
FIRST_RETRY = timedelta(seconds=15)
LONGEST_RETRY = timedelta(minutes=15)
MOST_TRIES = 10


class Rung(IntEnum):
    """Who has been told so far; each rung tells more people than the one before."""

    DIRECT = 0
    LEADERS = 1
    ON_CALL = 2


class Escalation(Struct, frozen=True):
    """quiet: nobody is to be chased; waiting: until due_at; read, over (no longer needed), unread: ended."""

    rung: Rung
    state: Literal["quiet", "waiting", "read", "over", "unread"]
    due_at: datetime | None


class Delivery(Struct, frozen=True):
    """One notification on one way; tries is how often it was attempted, the present attempt included."""

    state: Literal["queued", "sent", "delivered", "failed"]
    tries: int
    next_try_at: datetime | None
    last_error: str | None = None
    receipt: str | None = None


class Outcome(Struct, frozen=True):
    """How an attempt ended. taken: the other side has it; confirmed: the receiver says so; again: may be tried."""

    taken: bool
    confirmed: bool = False
    again: bool = False
    receipt: str | None = None
    error: str | None = None


class Draft(Struct, frozen=True):
    """A notice to be made: who by name (pseudonyms), or who by right; but: never the one who did it.

    communes: where the right is asked for, any of them; everywhere: all of them. cause: told once only.
    """

    key: str
    subject: str
    trade: str
    commune: str | None
    values: dict[str, str | int | float]
    urgent: bool = False
    people: tuple[UUID, ...] = ()
    verb: Verb | None = None
    communes: tuple[str, ...] = ()
    everywhere: bool = False
    by: UUID | None = None
    cause: str | None = None


class Staff(Struct, frozen=True):
    """A user as notifications know one; here: signed in at the moment."""

    pseudonym: UUID
    grants: tuple[Grant, ...]
    here: bool

    def may(self, verb: Verb, trade: str, commune: str | None, known: tuple[str, ...]) -> bool:
        """commune None: on any of the known ones."""
        places = known if commune is None else (commune,)
        return any(grant.allows(verb, trade, place) for grant in self.grants for place in places)
