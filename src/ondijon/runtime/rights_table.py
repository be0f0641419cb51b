"""The rights table of a city, read from its data: roles, their verbs, and who holds them in the demonstration."""

import tomllib
from pathlib import Path

import msgspec
from msgspec import Struct

from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import Grant, Verb


class Role(Struct, frozen=True):
    """A role's verbs and its label by language."""

    fr: str
    en: str
    verbs: tuple[Verb, ...]


class DemoAccount(Struct, frozen=True):
    """Somebody of the demonstration."""

    username: str
    name: str
    role: str
    communes: tuple[str, ...]
    trades: tuple[str, ...]


class RightsTable(Struct, frozen=True):
    """Roles by key, and demonstration accounts."""

    roles: dict[str, Role]
    demo: tuple[DemoAccount, ...] = ()

    def grant(self, account: DemoAccount) -> Grant:
        """The grant of an account; raises Refused when its role is not in the table."""
        role = self.roles.get(account.role)
        if role is None:
            raise Refused("error.bad_rights", problem=f"no role {account.role}")
        return Grant(account.role, account.communes, account.trades, role.verbs)


def read_rights(path: Path) -> RightsTable:
    """Read `rights.toml`; raises Refused when it is not the table it should be."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), RightsTable)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused("error.bad_rights", problem=str(error)) from error
