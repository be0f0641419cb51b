"""What people ask about programmes: the payloads of the acts."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from ondijon.domains.lighting.rules.programmes.model import Content

Version = Annotated[int, Meta(ge=1)]
Reason = Annotated[str, Meta(min_length=3, max_length=1_000)]


class DraftProgramme(Struct, frozen=True, forbid_unknown_fields=True):
    """A new version as a draft, or a draft as a whole anew."""

    content: Content
    id: UUID | None = None
    version: Version | None = None


class OnProgramme(Struct, frozen=True, forbid_unknown_fields=True):
    """One version as it was seen."""

    id: UUID
    version: Version


class JudgeProgramme(Struct, frozen=True, forbid_unknown_fields=True):
    """One version as it was seen, and why."""

    id: UUID
    version: Version
    reason: Reason
