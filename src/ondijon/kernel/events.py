"""An event is a fact the city must remember."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct


class Event(Struct, frozen=True):
    """One fact: key is `{thing}.{past participle}`, such as `alarm.raised`; `twin` is the object it happened to."""

    id: UUID
    key: str
    at: datetime
    commune: str | None
    twin: str | None
    payload: dict[str, Any]
