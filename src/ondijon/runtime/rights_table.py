"""The rights table of a city, read from its data: roles, their verbs, and who holds them in the demonstration."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import IDLE_LOCK_MIN, Grant, Role
from ondijon.kernel.ports import Rows


class DemoAccount(Struct, frozen=True):
    """Somebody of the demonstration."""

    username: str
    name: str
    role: str
    communes: tuple[str, ...]
    trades: tuple[str, ...]


class RightsTable(Struct, frozen=True):
    """Roles by key, demonstration accounts, and when sessions of the city lock unless a role says otherwise."""

    roles: dict[str, Role]
    demo: tuple[DemoAccount, ...] = ()
    idle_lock_min: int = IDLE_LOCK_MIN

    def grant(self, account: DemoAccount) -> Grant:
        """The grant of an account; raises Refused when its role is not in the table."""
        role = self.roles.get(account.role)
        if role is None:
            raise Refused("error.bad_rights", problem=f"no role {account.role}")
        return Grant(account.role, account.communes, account.trades, role.verbs)


def read_rights(path: Path) -> RightsTable:
    """Read `rights.toml`; raises Refused when it is not the table it should be."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        _give_city_lock(written)
        return msgspec.convert(written, RightsTable)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Refused("error.bad_rights", problem=str(error)) from error


def _give_city_lock(written: dict[str, Any]) -> None:
    """A role that says nothing locks as the city says."""
    roles = written.get("roles")
    if isinstance(roles, dict) and "idle_lock_min" in written:
        for role in roles.values():
            if isinstance(role, dict):
                role.setdefault("idle_lock_min", written["idle_lock_min"])


async def refresh_verbs(rows: Rows, table: RightsTable) -> int:
    """Give every account the verbs that its roles have in the table today; returns how many accounts that changed.

    A role that left the table gives nothing any more. Runs at each start, so that the file stays the one source.
    """
    changed = 0
    for row in await rows.fetch("SELECT user_id, grants FROM users"):
        held = msgspec.convert(row["grants"], tuple[Grant, ...])
        wanted = [msgspec.structs.replace(grant, verbs=_verbs(table, grant.role)) for grant in held]
        if list(held) != wanted:
            await rows.execute("UPDATE users SET grants = $2 WHERE user_id = $1", row["user_id"], _plain(wanted))
            changed += 1
    return changed


def _verbs(table: RightsTable, role: str) -> tuple[Any, ...]:
    found = table.roles.get(role)
    return () if found is None else found.verbs


def _plain(grants: list[Grant]) -> Any:
    return msgspec.to_builtins(grants)
