"""Lighting programmes as they leave in JSON (docs/lighting-api.md)."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from ondijon.domains.lighting.rules.programmes.difference import Line, Segment
from ondijon.domains.lighting.rules.programmes.explain import Sentence
from ondijon.domains.lighting.rules.programmes.model import Content, Scope, Span


class Brief(Struct, frozen=True):
    """A version in short; at, by: the last thing a person did to it."""

    id: UUID
    number: int
    state: str
    version: int
    at: datetime
    by: str


class StoredShape(Struct, frozen=True):
    """How many of the gateways concerned have what is in force; since: when the youngest of them was given it."""

    gateways: int
    stored: int
    since: datetime | None


class ProgrammeShape(Struct, frozen=True):
    """One programme in the list."""

    key: str
    names: dict[str, str]
    layer: str
    priority: int
    scope: Scope
    communes: list[str]
    lights: int
    in_force: Brief | None
    open: Brief | None
    next_night: date | None
    tonight: bool
    stored: StoredShape | None


class ProgrammeDetail(ProgrammeShape, frozen=True):
    """One programme with all of its versions, newest first."""

    versions: list[Brief]
    may: list[str]


class VersionShape(Brief, frozen=True):
    """One version whole."""

    key: str
    content: Content
    communes: list[str]
    lights: int
    drafted_at: datetime
    drafted_by: str
    proposed_at: datetime | None
    proposed_by: str | None
    reason: str
    decided_at: datetime | None
    decided_by: str | None
    decision_reason: str
    ended_at: datetime | None
    may: list[str]


class ProgrammeList(Struct, frozen=True):
    """Lowest layer first."""

    programmes: list[ProgrammeShape]


class GatewayBehind(Struct, frozen=True):
    """A cabinet that has not, or not yet said to have, what it is to store."""

    twin: str
    name: str
    commune: str
    wanted: int
    stored: int | None
    wanted_since: datetime | None


class GatewaysShape(Struct, frozen=True):
    """Wanted against stored, for one version."""

    gateways: int
    stored: int
    behind: list[GatewayBehind]


class DifferenceShape(Struct, frozen=True):
    """What a version changes against another, over the year to come."""

    against: Brief | None
    lines: list[Line]
    lights_added: int
    lights_removed: int
    lights: int
    nights: int
    segments: list[Segment]
    kwh: float
    eur: float


class WhyShape(Struct, frozen=True):
    """Why a light is as it is: lowest layer first."""

    at: datetime
    night: date
    level_pct: float
    reported_pct: float | None
    programme: str | None
    sentences: list[Sentence]


class Speaking(Struct, frozen=True):
    """A programme that says something on a night."""

    key: str
    interval: Span | None


class NightShape(Struct, frozen=True):
    """One night of the calendar; holiday: its name by language."""

    night: date
    weekday: str
    holiday: dict[str, str] | None
    eve: bool
    on_at: datetime
    off_at: datetime
    programmes: list[Speaking]


class PreviewAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """A content that is not stored yet, and the night to be shown hour by hour."""

    content: Content
    night: date | None = None
