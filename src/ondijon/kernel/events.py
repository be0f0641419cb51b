"""An event is a fact the city must remember."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct


class Event(Struct, frozen=True):
    """One fact: key is `{thing}.{past participle}`, such as `alarm.raised`; `twin` is the object it happened to.

    subject: the thing of the room it belongs to, as `{part}:{id}` (`incident:0190...`); trade and commune decide who
    may see it (None = nobody but who sees everything); actor: the pseudonym of who did it, None = the field.
    """

    id: UUID
    key: str
    at: datetime
    commune: str | None
    twin: str | None
    payload: dict[str, Any]
    trade: str | None = None
    subject: str | None = None
    actor: UUID | None = None
