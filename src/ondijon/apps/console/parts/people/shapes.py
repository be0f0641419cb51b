"""The shapes of rights, sessions and the broken glass, as they leave in JSON."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class RoleShape(Struct, frozen=True):
    """A role of the table."""

    key: str
    fr: str
    en: str
    verbs: tuple[str, ...]
    idle_lock_min: int


class VerbShape(Struct, frozen=True):
    """What a verb lets one do, in plain words."""

    key: str
    fr: str
    en: str


class HeldGrant(Struct, frozen=True):
    """A role that somebody holds on communes and trades (`*` = all), as far as the reader may audit them."""

    role: str
    communes: list[str]
    trades: list[str]


class Holder(Struct, frozen=True):
    """Somebody and what that person holds."""

    name: str
    username: str
    grants: list[HeldGrant]


class RightsShape(Struct, frozen=True):
    """The rights table as the city wrote it; people: whoever the reader may audit."""

    roles: list[RoleShape]
    verbs: list[VerbShape]
    people: list[Holder]


class GlassAct(Struct, frozen=True):
    """One line of the audit, written while the glass was broken."""

    at: datetime
    act: str
    subject: str


class GlassShape(Struct, frozen=True):
    """An emergency access: who, why, from when to when, and everything done meanwhile."""

    id: UUID
    name: str
    mine: bool
    reason: str | None
    since: datetime
    until: datetime
    ended_at: datetime | None
    acts: list[GlassAct]


class OidcWay(Struct, frozen=True):
    """The other way in, and what its button says."""

    label: str


class SignInWays(Struct, frozen=True):
    """How one may sign in here."""

    password: bool
    oidc: OidcWay | None
