"""What a face knows of people beside their sessions: the city's roles, and another way to sign in."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ondijon.kernel.identity import IDLE_LOCK_MIN, Grant, Role
from ondijon.web.oidc import OidcDoor


class People(Struct, frozen=True, eq=False):
    """roles: the city's rights table, in its order; oidc: None where accounts are local only."""

    roles: Mapping[str, Role] = {}
    oidc: OidcDoor | None = None

    def idle_lock_s(self, grants: Sequence[Grant]) -> int | None:
        """Seconds without input that a person's roles allow: the shortest of them; None when all of them never lock."""
        minutes = [self._minutes(grant.role) for grant in grants] or [IDLE_LOCK_MIN]
        locking = [one for one in minutes if one > 0]
        return min(locking) * 60 if locking else None

    def _minutes(self, role: str) -> int:
        found = self.roles.get(role)
        return IDLE_LOCK_MIN if found is None else found.idle_lock_min
