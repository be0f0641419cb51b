"""What a part of the control room brings: acts that people ask for, and what follows from facts and from time."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.city import City
from ondijon.kernel.errors import Refused
from ondijon.kernel.events import Event
from ondijon.kernel.i18n import Catalogue
from ondijon.kernel.identity import Actor, Verb
from ondijon.kernel.ports import Transaction
from ondijon.kernel.privacy import Privacy
from ondijon.kernel.steering import GroundSpec

Payload = Any


class Act(Struct, frozen=True):
    """Something asked of the room: key is `{part}.{imperative}`; the same idempotency key has one effect."""

    key: str
    payload: dict[str, Any]
    idempotency_key: UUID


class ActDesk(Protocol):
    """What an act, a follower or a job works with: one transaction, one actor, one instant.

    Everything it writes and tells commits together, or not at all. An act that is about to change something must
    have asked `demand` for a right first: the door refuses one that never asked.
    """

    @property
    def tx(self) -> Transaction: ...

    @property
    def actor(self) -> Actor: ...

    @property
    def now(self) -> datetime: ...

    @property
    def city(self) -> City: ...

    @property
    def words(self) -> Mapping[str, Catalogue]:
        """The catalogue of each language, for what is written down or sent in words."""
        ...

    def new_id(self) -> UUID: ...

    def demand(self, verb: Verb, trade: str, commune: str | None, *, unseen: str = "error.not_found") -> None:
        """Raise NotFound(unseen) when the actor may not even see this trade here, NotAllowed when `verb` is missing.

        commune None: nowhere in particular; the right on any one commune is enough.
        """
        ...

    def tell(
        self,
        key: str,
        *,
        trade: str | None,
        commune: str | None,
        subject: str | None = None,
        twin: str | None = None,
        payload: Mapping[str, Any] | None = None,
    ) -> None:
        """Remember a fact: an event of this transaction, by this actor, now."""
        ...

    def announce(self, part: str, subject: str, trade: str | None, commune: str | None) -> None:
        """After the commit, tell every console that may see (trade, commune) that something of `part` changed."""
        ...

    async def perform(self, key: str, payload: Mapping[str, Any]) -> Any:
        """Another part's act in this same transaction, named by its key; its rights are asked for as well."""
        ...


class ActSpec(Struct, frozen=True, eq=False):
    """An act of the room; payload is a msgspec Struct type, what `perform` returns goes back as JSON."""

    key: str
    payload: type[Struct]
    perform: Callable[[ActDesk, Any], Awaitable[Any]]


class FollowerSpec(Struct, frozen=True, eq=False):
    """What happens after facts, by the post itself: events whose key begins with one of `keys`, each exactly once.

    In the order of their commits, up to 500 at a time in one transaction with what is written, as a rule within 1 s.
    """

    key: str
    keys: tuple[str, ...]
    follow: Callable[[ActDesk, list[Event]], Awaitable[None]]


class JobSpec(Struct, frozen=True, eq=False):
    """What time alone brings: run by one process every so often, in one transaction, by the post itself."""

    key: str
    every: timedelta
    run: Callable[[ActDesk], Awaitable[None]]


class Holding(Struct, frozen=True):
    """Personal or sensitive data in a table: what, why, how long; the post erases it when its time has come.

    columns: set to NULL once `age_column` is older than the retention; none = the whole row goes.
    """

    key: str
    table: str
    columns: tuple[str, ...]
    age_column: str
    privacy: Privacy


class SeedSpec(Struct, frozen=True, eq=False):
    """Data that a part keeps in tables: a TOML file of the city's folder, or the one that all cities share.

    `load` runs at each start and must change nothing when nothing changed.
    """

    file: str
    load: Callable[[ActDesk, dict[str, Any]], Awaitable[None]]


class RoomManifest(Struct, frozen=True, eq=False):
    """Everything one folder of control_room brings; the only file the loader reads.

    trades: pseudo-trades for rights beside the city's own, such as `calls`; catalogue key `{trade}.trade` names each.
    grounds: what automations may steer.
    """

    part: str
    acts: tuple[ActSpec, ...] = ()
    followers: tuple[FollowerSpec, ...] = ()
    jobs: tuple[JobSpec, ...] = ()
    holdings: tuple[Holding, ...] = ()
    seeds: tuple[SeedSpec, ...] = ()
    trades: tuple[str, ...] = ()
    grounds: tuple[GroundSpec, ...] = ()


def check_reason(reason: str, most: int) -> str:
    """The reason without blanks around it; raises Refused when there is none, or too much of it."""
    kept = reason.strip()
    if not kept:
        raise Refused("error.reason_needed")
    if len(kept) > most:
        raise Refused("error.reason_too_long", most=most)
    return kept
