"""The directory as JSON, as docs/room-api.md says."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ondijon.control_room.directory.model import ContactPerson, Kind


class ContactView(Struct, frozen=True):
    """A contact now. until: when it opens or closes next; person: only for those who handle incidents there.

    first: to be called first for its key, among those listed for the same commune.
    """

    id: UUID
    key: str
    kind: Kind
    name: str
    body: str
    phone: str
    email: str
    trades: tuple[str, ...]
    communes: tuple[str, ...]
    hours: str
    note: str
    version: int
    open_now: bool
    until: datetime | None
    first: bool
    may_save: bool
    person: ContactPerson | None = None
