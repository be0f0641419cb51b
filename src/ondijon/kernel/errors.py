"""Errors carry a catalogue key and values, never a sentence."""

from collections.abc import Mapping

Values = Mapping[str, str | int | float]


class OndijonError(Exception):
    """Root of every error a person may be shown; `key` is looked up in the fr/en catalogues."""

    def __init__(self, key: str, /, **values: str | int | float) -> None:
        super().__init__(key, values)
        self.key = key
        self.values: Values = values

    def __str__(self) -> str:
        return f"{self.key} {dict(self.values)}" if self.values else self.key


class Refused(OndijonError):
    """The request is understood and cannot be done as asked."""


class NotFound(OndijonError):
    """The thing named does not exist, or the asker may not know that it does."""


class NotAllowed(OndijonError):
    """The asker has no right to do this here."""


class FieldFault(OndijonError):
    """Something in the field, or on the way to it, failed."""


class LocalProtocolError(FieldFault):
    """We were about to send what the protocol forbids."""


class RemoteProtocolError(FieldFault):
    """The peer sent what the protocol forbids."""


class EngineAway(OndijonError):
    """An engine does not answer for the moment; nothing was lost, the same call may be made again."""
