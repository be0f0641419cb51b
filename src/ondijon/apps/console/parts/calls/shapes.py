"""What the console gets to read of calls."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

ListOf = Literal["ringing", "open", "mine", "call_back", "recent"]


class Person(Struct, frozen=True):
    """Who took a call."""

    username: str
    name: str


class CallerShape(Struct, frozen=True):
    """Who calls; only for who answers calls there."""

    number: str | None
    name: str | None


class Place(Struct, frozen=True):
    """Where it is that the caller speaks of."""

    lon: float
    lat: float
    commune: str | None
    street: str | None
    address: str | None
    twin: str | None


class IncidentOfCall(Struct, frozen=True):
    """The incident that a call is about, where the person sees it."""

    id: UUID
    number: str
    state: str
    title: str


class PromiseShape(Struct, frozen=True):
    """What the caller was promised; kept is null while it runs."""

    at: datetime
    text: str
    kept: bool | None


class CallBackShape(Struct, frozen=True):
    """Whether the caller is to be called back."""

    state: str
    tries: int
    since: datetime | None


class TryShape(Struct, frozen=True):
    """One attempt to call back, with what was remarked."""

    at: datetime
    by: str | None
    outcome: str
    text: str


class Call(Struct, frozen=True):
    """One call; text, answers, the promise's text and tries are empty for who may not answer calls there.

    tries: only of a call that was asked for by itself.
    """

    id: UUID
    call_no: int
    channel: str
    state: str
    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    waited_s: float
    taken_by: Person | None
    caller: CallerShape | None
    anonymous: bool
    type: str | None
    text: str
    place: Place | None
    answers: dict[str, str]
    incident: IncidentOfCall | None
    promise: PromiseShape | None
    call_back: CallBackShape | None
    version: int
    tries: list[TryShape] = []


class Share(Struct, frozen=True):
    """A span of the queue: within_15s is the share of all offered calls, null when there was none."""

    offered: int
    answered: int
    abandoned: int
    within_15s: float | None
    mean_wait_s: float | None


class Quarter(Struct, frozen=True):
    """A quarter of an hour."""

    at: datetime
    offered: int
    answered: int
    abandoned: int
    within_15s: float | None


class Target(Struct, frozen=True):
    """What is aimed at."""

    share: float
    within_s: float


class StaffedHour(Struct, frozen=True):
    """A local hour of a mean day: calls, agents that takes, agents there were, the share those answer in time."""

    hour: int
    calls: float
    aht_s: float
    agents_needed: int
    agents_here: float
    expected_share: float | None


class Staffing(Struct, frozen=True):
    """Erlang C over the days measured."""

    target: Target
    days: int
    by_hour: list[StaffedHour]


class CallFigures(Struct, frozen=True):
    """The queue today, and how many it takes."""

    today: Share
    by_quarter: list[Quarter]
    waiting: int
    longest_wait_s: float
    staffing: Staffing
