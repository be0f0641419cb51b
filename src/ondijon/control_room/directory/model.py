"""A contact of the directory: what it serves, where, when, and how it is reached."""

from typing import Literal, get_args

from msgspec import Struct

from ondijon.kernel.identity import EVERY

Kind = Literal["service", "on_call", "contractor", "outside", "emergency"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Contact(Struct, frozen=True):
    """What can be called; `hours` is OSM opening_hours text, `*` among trades or communes means every one."""

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

    def serves(self, trade: str | None, commune: str | None) -> bool:
        """Whether it is there for a trade in a commune; None asks for any."""
        return (trade is None or EVERY in self.trades or trade in self.trades) and (
            commune is None or EVERY in self.communes or commune in self.communes
        )


class ContactPerson(Struct, frozen=True):
    """Somebody's name and direct numbers: personal data."""

    name: str
    phone: str = ""
    email: str = ""
