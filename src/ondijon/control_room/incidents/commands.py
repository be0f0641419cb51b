"""What people ask about incidents: the payloads of the acts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from ondijon.control_room.incidents.model import PauseReason, SourceKind

Title = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=4_000)]
Words = Annotated[str, Meta(min_length=1, max_length=4_000)]
Short = Annotated[str, Meta(min_length=1, max_length=120)]
Severity = Annotated[int, Meta(ge=1, le=4)]
Version = Annotated[int, Meta(ge=1)]


class PlaceAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Where; the post finds the commune by the point whatever is said here."""

    lon: Annotated[float, Meta(ge=-180, le=180)]
    lat: Annotated[float, Meta(ge=-90, le=90)]
    commune: str | None = None
    street: Title | None = None
    address: Title | None = None
    twin: str | None = None


class OpenIncident(Struct, frozen=True, forbid_unknown_fields=True):
    """A new incident; with a card and no type or place, both come from the card."""

    type: str | None = None
    title: Title = ""
    description: Text = ""
    place: PlaceAsked | None = None
    twin: str | None = None
    card: UUID | None = None
    call: UUID | None = None
    severity: Severity | None = None


class QualifyIncident(Struct, frozen=True, forbid_unknown_fields=True):
    """What it really is; place None leaves it where it is."""

    id: UUID
    version: Version
    type: str
    severity: Severity
    title: Title = ""
    description: Text = ""
    place: PlaceAsked | None = None


class OnIncident(Struct, frozen=True, forbid_unknown_fields=True):
    """One incident as it was seen."""

    id: UUID
    version: Version


class AssignIncident(Struct, frozen=True, forbid_unknown_fields=True):
    """Give it to somebody."""

    id: UUID
    version: Version
    username: str


class MoveIncident(Struct, frozen=True, forbid_unknown_fields=True):
    """Start, resolve, close or reopen it, and why."""

    id: UUID
    version: Version
    text: Text = ""


class PauseIncident(Struct, frozen=True, forbid_unknown_fields=True):
    """Let its clocks stand still."""

    id: UUID
    version: Version
    reason: PauseReason
    until: datetime | None = None


class ResumeIncident(Struct, frozen=True, forbid_unknown_fields=True):
    """Let its clocks run again; reason and until are accepted for the sake of one shape, and mean nothing."""

    id: UUID
    version: Version
    reason: str | None = None
    until: datetime | None = None


class CommentIncident(Struct, frozen=True, forbid_unknown_fields=True):
    """Something to say, and who is called by name."""

    id: UUID
    text: Words
    mentions: Annotated[tuple[str, ...], Meta(max_length=20)] = ()


class LinkAsset(Struct, frozen=True, forbid_unknown_fields=True):
    """An object of the city that belongs to it."""

    id: UUID
    twin: str


class AddSource(Struct, frozen=True, forbid_unknown_fields=True):
    """Where it is known from as well."""

    id: UUID
    kind: SourceKind
    source: Short


class MergeIncident(Struct, frozen=True, forbid_unknown_fields=True):
    """It is the same as another one."""

    id: UUID
    version: Version
    into: UUID
    reason: Text = ""


class SplitIncident(Struct, frozen=True, forbid_unknown_fields=True):
    """Some of its sources are about something else."""

    id: UUID
    version: Version
    sources: Annotated[tuple[UUID, ...], Meta(min_length=1, max_length=200)]
    title: Title = ""
    reason: Text = ""


class InvolveContact(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of the directory takes part."""

    id: UUID
    contact: UUID


class ReleaseParticipant(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody takes no part any more."""

    id: UUID
    participant: UUID


class HandOver(Struct, frozen=True, forbid_unknown_fields=True):
    """An outside body takes it: who answered, under which reference."""

    id: UUID
    contact: UUID
    name: Title = ""
    reference: Title = ""
    text: Text = ""


class AttachFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that this person has just sent belongs to the incident."""

    id: UUID
    file: UUID
