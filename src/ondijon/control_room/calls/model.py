"""What a call is: states, steps, what a telephone system tells, how calling back ends."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import Struct

PART = "calls"
UNSEEN = "error.call_not_found"

Channel = Literal["cti", "hand"]
Happened = Literal["ringing", "answered", "ended", "abandoned"]
Outcome = Literal["reached", "no_answer", "gave_up"]
CallBack = Literal["wanted", "done", "gave_up"]


class State(StrEnum):
    """Where a call stands."""

    RINGING = "ringing"
    OPEN = "open"
    ENDED = "ended"
    ABANDONED = "abandoned"


class Step(StrEnum):
    """What a person may do with a call; each is an act of the same name."""

    TAKE = "take"
    SAVE = "save"
    LINK = "link"
    PROMISE = "promise"
    END = "end"
    CALL_BACK = "call_back"


class Course(Struct, frozen=True):
    """When what happened, as earliest known; the state follows from it."""

    rang_at: datetime
    answered_at: datetime | None = None
    hung_up_at: datetime | None = None


class PlaceOfCall(Struct, frozen=True):
    """Where it is that the caller speaks of."""

    lon: float
    lat: float
    commune: str
    street: str | None
    address: str | None
    twin: str | None


class Caller(Struct, frozen=True):
    """Who calls; never in a fact, a log or the audit."""

    number: str | None
    name: str | None


class Try(Struct, frozen=True):
    """One attempt to call back."""

    id: UUID
    call: UUID
    outcome: Outcome
    text: str


NUMBER_KEPT_DAYS = 30
WORDS_KEPT_DAYS = 366
PROMISE_AHEAD = timedelta(days=NUMBER_KEPT_DAYS)  # later, nobody could be told any more
LOST_AFTER = timedelta(minutes=15)
LATE_AT_MOST = timedelta(days=1)
EARLY_AT_MOST = timedelta(minutes=5)
MOST_RINGING = 500
ANSWER_WITHIN_S = 15.0
ANSWER_SHARE = 0.9
