"""Notifications as JSON, as docs/room-api.md says."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct


class NotificationView(Struct, frozen=True):
    """One of mine; `key` is a catalogue key, texts among `values` may be catalogue keys too; by: who caused it."""

    id: UUID
    at: datetime
    key: str
    values: dict[str, Any]
    subject: str
    read_at: datetime | None
    urgent: bool
    by: str | None


class AddressView(Struct, frozen=True):
    """Where I want to be told outside the room."""

    way: str
    address: str
    entered_at: datetime


class DeliveryView(Struct, frozen=True):
    """How a message is getting out of the room, without saying to whom."""

    notification: UUID
    way: str
    key: str
    subject: str
    state: str
    tries: int
    queued_at: datetime
    next_try_at: datetime | None
    ended_at: datetime | None
    last_error: str | None
