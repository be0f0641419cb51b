"""The shapes of incidents that docs/room-api.md promises."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct


class Named(Struct, frozen=True):
    """Somebody of the room."""

    username: str
    name: str


class Place(Struct, frozen=True):
    """Where it is."""

    lon: float
    lat: float
    commune: str
    street: str | None
    address: str | None
    twin: str | None


class ClockShape(Struct, frozen=True):
    """Time against a promise; due_at None while it stands still."""

    limit_s: int
    used_s: int
    due_at: datetime | None
    state: str


class Sla(Struct, frozen=True):
    """The two promises."""

    respond: ClockShape
    resolve: ClockShape


class PauseShape(Struct, frozen=True):
    """Why the clocks stand still."""

    reason: str
    until: datetime | None
    since: datetime


class Numbered(Struct, frozen=True):
    """Another incident."""

    id: UUID
    number: str


class Counts(Struct, frozen=True):
    """How much hangs on it."""

    sources: int
    assets: int
    files: int
    participants: int
    comments: int


class Incident(Struct, frozen=True, kw_only=True):
    """One happening."""

    id: UUID
    number: str
    type: str
    trade: str
    severity: int
    state: str
    title: str
    description: str
    place: Place
    owner: Named | None
    opened_at: datetime
    qualified_at: datetime | None
    started_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    sla: Sla
    paused: PauseShape | None
    merged_into: Numbered | None
    counts: Counts
    distance_m: int | None
    version: int


class IncidentList(Struct, frozen=True):
    """What was asked for, and how many there are in all."""

    incidents: list[Incident]
    total: int


class Source(Struct, frozen=True):
    """Where it is known from; label: what it is called, empty where the person may not see it; origin: another
    incident that brought it here by merge or split."""

    id: UUID
    kind: str
    source: str
    label: str
    at: datetime
    by: str
    origin: Numbered | None


class Asset(Struct, frozen=True):
    """An object of the city that belongs to it."""

    twin: str
    name: str
    type: str


class FileShape(Struct, frozen=True):
    """A photo or a document."""

    id: UUID
    name: str
    media_type: str
    bytes: int
    width: int | None
    height: int | None
    at: datetime
    by: str


class HandedOver(Struct, frozen=True):
    """Who took it outside, when, under which reference."""

    at: datetime
    name: str
    reference: str
    text: str


class Participant(Struct, frozen=True):
    """Somebody of the directory who takes part, or did until `released_at`."""

    id: UUID
    contact: UUID
    name: str
    kind: str
    at: datetime
    released_at: datetime | None
    handed_over: HandedOver | None


class Moment(Struct, frozen=True):
    """Something that happened; key is a catalogue key, values are fit to be put in as they are."""

    id: UUID
    at: datetime
    key: str
    by: str
    values: dict[str, Any]
    text: str


class IncidentDetail(Incident, frozen=True, kw_only=True):
    """One happening with everything that hangs on it; may: what this person may do now."""

    sources: list[Source]
    assets: list[Asset]
    files: list[FileShape]
    participants: list[Participant]
    timeline: list[Moment]
    may: list[str]
    watching: list[str]


class Question(Struct, frozen=True):
    """What a caller is asked."""

    key: str
    fr: str
    en: str


class IncidentTypeShape(Struct, frozen=True):
    """One type of the catalogue."""

    key: str
    trade: str
    severity: int
    respond_s: int
    resolve_s: int
    services: list[str]
    fr: str
    en: str
    hint: dict[str, str]
    questions: list[Question]
    card_types: list[str]
