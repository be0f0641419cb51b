"""What a person may ask about rights and sessions."""

from uuid import UUID

from msgspec import Struct


class BreakGlass(Struct, frozen=True):
    """Take every right but to configure and to audit; minutes: 5 to 60."""

    reason: str
    minutes: int


class EndGlass(Struct, frozen=True):
    """Give them back before the time is over."""


class EndSession(Struct, frozen=True):
    """End one of one's own sessions."""

    id: UUID
