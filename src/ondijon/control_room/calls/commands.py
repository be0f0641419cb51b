"""What people and the telephone system ask about calls: the payloads of the acts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from ondijon.control_room.calls.model import Channel, Happened, Outcome

Line = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=4_000)]
Version = Annotated[int, Meta(ge=1)]
Number = Annotated[str, Meta(max_length=30)]
Key = Annotated[str, Meta(min_length=1, max_length=64)]
Instant = Annotated[datetime, Meta(tz=True)]


class PlaceAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """Where; the post finds the commune by the point whatever is said here."""

    lon: Annotated[float, Meta(ge=-180, le=180)]
    lat: Annotated[float, Meta(ge=-90, le=90)]
    commune: str | None = None
    street: Line | None = None
    address: Line | None = None
    twin: Line | None = None


class OpenCall(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody is on the line already."""

    channel: Channel = "hand"
    number: Number | None = None
    name: Line | None = None


class OnCall(Struct, frozen=True, forbid_unknown_fields=True):
    """One call as it was seen."""

    id: UUID
    version: Version


class SaveCall(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is noted of a call, as a whole; anonymous forgets number and name."""

    id: UUID
    version: Version
    type: Key | None = None
    text: Text = ""
    place: PlaceAsked | None = None
    number: Number | None = None
    name: Line | None = None
    anonymous: bool = False
    answers: Annotated[dict[Key, Annotated[str, Meta(max_length=1_000)]], Meta(max_length=20)] = {}


class LinkCall(Struct, frozen=True, forbid_unknown_fields=True):
    """The call is about this incident."""

    id: UUID
    incident: UUID


class PromiseCall(Struct, frozen=True, forbid_unknown_fields=True):
    """What the caller was told, and by when."""

    id: UUID
    at: Instant
    text: Text = ""


class CallBackCall(Struct, frozen=True, forbid_unknown_fields=True):
    """How calling back went."""

    id: UUID
    outcome: Outcome
    text: Text = ""


class HearCall(Struct, frozen=True, forbid_unknown_fields=True):
    """What the telephone system tells; agent: the user name of who answered."""

    event: Happened
    call: Annotated[str, Meta(min_length=1, max_length=120)]
    at: Instant
    number: Number | None = None
    agent: Annotated[str, Meta(max_length=120)] | None = None
