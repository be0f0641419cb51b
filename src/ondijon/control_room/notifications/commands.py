"""What may be asked of notifications."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from ondijon.control_room.notifications.model import Way


class ReadNotifications(Struct, frozen=True):
    """Say that one has read these of one's own."""

    ids: Annotated[tuple[UUID, ...], Meta(max_length=200)]


class SetAddress(Struct, frozen=True):
    """Where one wants to be told outside the room; None = nowhere that way."""

    way: Way
    address: Annotated[str, Meta(max_length=500)] | None
