"""The register as JSON, as docs/room-api.md says."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct


class CardShape(Struct, frozen=True):
    """A card; its texts are catalogue words `automation.{key}.{name, purpose, legal_basis, override, method}`."""

    key: str
    reads: tuple[str, ...]
    acts_on: tuple[str, ...]
    personal_data: tuple[str, ...]
    owner: str
    since: str
    version: int


class DecisionShape(Struct, frozen=True):
    """One decision: what was known, and what came of it."""

    id: UUID
    at: datetime
    version: int
    input: dict[str, Any]
    outcome: dict[str, Any]
