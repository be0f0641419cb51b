"""The shapes of alarms, cards and their figures (docs/room-api.md)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from ondijon.apps.console.shapes import Alarm


class Explanation(Struct, frozen=True):
    """Why these alarms are one: a catalogue key and its values."""

    key: str
    values: dict[str, Any]


class FirstOut(Struct, frozen=True):
    """The alarm that came first."""

    alarm: UUID
    twin: str
    twin_name: str
    type: str
    at: datetime


class CardShelving(Struct, frozen=True):
    """Why a card is put aside, and until when."""

    id: UUID
    until: datetime
    reason: str | None
    owner: str | None
    cause: str
    times_raised: int


class CardIncident(Struct, frozen=True):
    """The incident that a card belongs to."""

    id: UUID
    number: str


class Card(Struct, frozen=True):
    """One line of the alarm list, with the numbers of the communes that the person sees.

    twin, twin_name, element and first are None where they stand in a commune that the person does not see.
    """

    id: UUID
    kind: str
    type: str
    trade: str
    priority: int
    disposition: str
    twin: str | None
    twin_type: str | None
    twin_name: str | None
    element: str | None
    communes: list[str]
    street: str | None
    lon: float
    lat: float
    members: int
    active: int
    expected: int
    unacknowledged: int
    explanation: Explanation
    first: FirstOut | None
    raised_at: datetime
    annunciated_at: datetime | None
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    over_at: datetime | None
    merged_into: UUID | None
    shelved: CardShelving | None
    incident: CardIncident | None
    stale: bool
    latched: bool
    dissolved: bool
    times_raised: int
    response_s: int
    evidence: dict[str, Any] | None
    version: int


class Counts(Struct, frozen=True):
    """How many cards each list holds; out_of_service counts what is silenced now, works among it."""

    shown: dict[str, int]
    shelved: int
    out_of_service: int
    stale: int


class Cards(Struct, frozen=True):
    """A list of cards; `raw`: alarms that stand; `flood`: more than 10 annunciations an operator in 10 minutes."""

    cards: list[Card]
    total: int
    counts: Counts
    flood: bool
    raw: int


class Members(Struct, frozen=True):
    """Alarms of a card."""

    alarms: list[Alarm]
    total: int


class ShelvingShape(Struct, frozen=True):
    """Something put aside."""

    id: UUID
    type: str
    twin: str
    twin_name: str
    commune: str
    cause: str
    reason: str | None
    owner: str | None
    since: datetime
    until: datetime
    times_raised: int


class SilenceShape(Struct, frozen=True):
    """Works, or out of service; twin_name for a single twin."""

    id: UUID
    kind: str
    type: str | None
    trade: str
    twins: int
    twin_name: str | None
    communes: list[str]
    reason: str | None
    owner: str | None
    since: datetime
    until: datetime | None


class HourLoad(Struct, frozen=True):
    """What one hour brought."""

    at: datetime
    annunciated: int
    raw: int


class Talker(Struct, frozen=True):
    """An alarm that speaks more than others."""

    type: str
    twin: str
    twin_name: str
    commune: str
    count: int


class Ignored(Struct, frozen=True):
    """A kind of alarm that nobody acts on."""

    type: str
    count: int


class Figures(Struct, frozen=True):
    """The load after EEMUA 191; per_operator_10min against `target`, mix as shares by priority over 7 days."""

    operators: int
    per_operator_10min: float
    target: float
    last_hours: list[HourLoad]
    mix: dict[str, float]
    worst_talkers: list[Talker]
    never_acted_on: list[Ignored]
    flood_minutes_7d: int


class Rationalisation(Struct, frozen=True):
    """The record of one kind of alarm; cause, consequence, response and deadband are catalogue words."""

    type: str
    trade: str
    twin_type: str
    priority: int
    response_s: int
    on_delay_s: float
    off_delay_s: float
    deadband: str | None
    latched: bool
    path: str
    procedure: str | None
    chatter_raises: int
    chatter_window_s: float
