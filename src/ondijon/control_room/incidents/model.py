"""What an incident is: states, steps, two clocks, a pause, a type out of the catalogue."""

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from msgspec import Struct

PART = "incidents"
UNSEEN = "error.incident_not_found"

# Every trade of the catalogue, in the order of its file.
TRADES = (
    "lighting",
    "traffic_signals",
    "traffic",
    "roads",
    "waste",
    "water",
    "sewerage",
    "green_spaces",
    "bollards",
    "video",
    "buildings",
    "fleet",
    "winter",
    "public_order",
    "events",
    "noise",
    "animals",
    "networks",
    "environment",
    "platform",
)


class State(StrEnum):
    """How far an incident has come; merged: it goes on as a part of another one."""

    REPORTED = "reported"
    QUALIFIED = "qualified"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"


OPEN = (State.REPORTED, State.QUALIFIED, State.IN_PROGRESS)


class Step(StrEnum):
    """What may be done to an incident; each is an act of the same name, but for ADD and DROP."""

    QUALIFY = "qualify"
    TAKE = "take"
    RELEASE = "release"
    ASSIGN = "assign"
    START = "start"
    RESOLVE = "resolve"
    CLOSE = "close"
    REOPEN = "reopen"
    PAUSE = "pause"
    RESUME = "resume"
    MERGE = "merge"
    SPLIT = "split"
    HAND_OVER = "hand_over"
    ADD = "add"
    DROP = "drop"
    COMMENT = "comment"


PauseReason = Literal["waiting_third_party", "waiting_access", "waiting_parts", "weather", "planned"]
SourceKind = Literal["alarm", "call", "report", "patrol", "incident"]
ClockState = Literal["running", "paused", "met", "breached"]
ClockName = Literal["respond", "resolve"]
CLOCKS: tuple[ClockName, ClockName] = ("respond", "resolve")


class SlaClock(Struct, frozen=True):
    """Time that runs against a promise; used_us counts what ran before `since`, microseconds.

    since None: it stands still; met_at: what was promised was done then.
    """

    limit_s: int
    used_us: int = 0
    since: datetime | None = None
    met_at: datetime | None = None


class Pause(Struct, frozen=True):
    """Why both clocks stand still, and when they go on by themselves."""

    reason: str
    since: datetime
    until: datetime | None


class Course(Struct, frozen=True):
    """Everything about an incident that steps change."""

    state: State
    respond: SlaClock
    resolve: SlaClock
    pause: Pause | None = None
    qualified_at: datetime | None = None
    started_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None


class Question(Struct, frozen=True):
    """What a caller is asked."""

    key: str
    fr: str
    en: str


class Words(Struct, frozen=True):
    """The same in both languages."""

    fr: str
    en: str


class IncidentType(Struct, frozen=True):
    """One entry of the catalogue; respond_s: until work starts, resolve_s: until it is resolved.

    services: keys of the directory, the first one first; card_types: alarm keys and kinds of cards that become this.
    """

    key: str
    trade: str
    severity: int
    respond_s: int
    resolve_s: int
    fr: str
    en: str
    hint: Words
    services: tuple[str, ...]
    questions: tuple[Question, ...]
    card_types: tuple[str, ...] = ()


class CurrentType(Struct, frozen=True):
    """A type and which version of it."""

    version: int
    type: IncidentType


class CardFacts(Struct, frozen=True):
    """What an alarm card tells about an incident that comes from it."""

    id: UUID
    kind: str
    type: str
    trade: str
    lon: float
    lat: float
    communes: tuple[str, ...]
    twin: str | None
    incident: UUID | None
