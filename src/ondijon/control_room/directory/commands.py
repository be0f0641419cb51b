"""What may be asked of the directory."""

from uuid import UUID

from msgspec import UNSET, Struct, UnsetType

from ondijon.control_room.directory.model import ContactPerson, Kind


class SaveContact(Struct, frozen=True):
    """A new contact (id None), or all of a known one's fields at the version that was read.

    person: left out = stays as it is; None = nobody by name.
    """

    key: str
    kind: Kind
    name: str
    id: UUID | None = None
    version: int | None = None
    body: str = ""
    phone: str = ""
    email: str = ""
    trades: tuple[str, ...] = ("*",)
    communes: tuple[str, ...] = ("*",)
    hours: str = "24/7"
    note: str = ""
    person: ContactPerson | None | UnsetType = UNSET


class RetireContact(Struct, frozen=True):
    """Take a contact out of the directory; version None = whatever it is now."""

    id: UUID
    version: int | None = None


class FindOnDuty(Struct, frozen=True):
    """Who is to be called now for a trade in a commune; empty keys or kinds = any."""

    trade: str
    commune: str | None = None
    keys: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
