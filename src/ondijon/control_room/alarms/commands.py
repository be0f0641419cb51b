"""What may be asked about alarms."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.commands import Selection


class Acknowledge(Struct, frozen=True, forbid_unknown_fields=True):
    """Take note of whole cards and of single alarms; either list may be empty."""

    cards: tuple[UUID, ...] = ()
    alarms: tuple[UUID, ...] = ()


class Shelve(Struct, frozen=True, forbid_unknown_fields=True):
    """Put every alarm of a card aside until an instant."""

    card: UUID
    until: datetime
    reason: str


class Unshelve(Struct, frozen=True, forbid_unknown_fields=True):
    """Bring back what was put aside."""

    shelvings: tuple[UUID, ...]


class Dissolve(Struct, frozen=True, forbid_unknown_fields=True):
    """Take alarms (None: all) out of their group; they stay apart while they stand."""

    card: UUID
    reason: str
    alarms: tuple[UUID, ...] | None = None


class Regroup(Struct, frozen=True, forbid_unknown_fields=True):
    """Let alarms that were taken apart be grouped again."""

    alarms: tuple[UUID, ...]


class Reset(Struct, frozen=True, forbid_unknown_fields=True):
    """Let latched alarms go whose condition has gone."""

    alarms: tuple[UUID, ...]


class TakeOutOfService(Struct, frozen=True, forbid_unknown_fields=True):
    """Raise nothing (of one type, or at all) for a twin; until None = until somebody ends it."""

    twin: str
    reason: str
    type: str | None = None
    until: datetime | None = None


class DeclareWorks(Struct, frozen=True, forbid_unknown_fields=True):
    """Raise nothing for many twins while people work there."""

    targets: Selection
    twin_type: str
    since: datetime
    until: datetime
    reason: str


class EndSilence(Struct, frozen=True, forbid_unknown_fields=True):
    """Raise alarms again before the end that was said."""

    id: UUID
