"""The desk that an act, a follower or a job of the room works at: one transaction, one actor, one instant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec
from msgspec import Struct

from ondijon.kernel.city import City
from ondijon.kernel.errors import NotAllowed, NotFound
from ondijon.kernel.events import Event
from ondijon.kernel.i18n import Catalogue
from ondijon.kernel.identity import Actor, Verb
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Transaction


class RoomNews(Struct, frozen=True):
    """What consoles are told after the commit: something of `part` changed; who sees (trade, commune) looks again."""

    part: str
    subject: str
    trade: str | None
    commune: str | None


class Performer(Protocol):
    """How one act calls another."""

    async def __call__(self, desk: "RoomDesk", key: str, payload: Mapping[str, Any]) -> Any: ...


class RoomDesk:
    """The kernel's ActDesk; `events` and `news` gather until the door commits."""

    def __init__(
        self,
        tx: Transaction,
        actor: Actor,
        now: datetime,
        city: City,
        words: Mapping[str, Catalogue],
        ids: IdSource,
        perform: Performer,
    ) -> None:
        self._tx = tx
        self._actor = actor
        self._now = now
        self._city = city
        self._words = words
        self._ids = ids
        self._perform = perform
        self.events: list[Event] = []
        self.news: dict[RoomNews, None] = {}
        self.has_demanded = False

    @property
    def tx(self) -> Transaction:
        return self._tx

    @property
    def actor(self) -> Actor:
        return self._actor

    @property
    def now(self) -> datetime:
        return self._now

    @property
    def city(self) -> City:
        return self._city

    @property
    def words(self) -> Mapping[str, Catalogue]:
        return self._words

    def new_id(self) -> UUID:
        return self._ids.new_id()

    def demand(self, verb: Verb, trade: str, commune: str | None, *, unseen: str = "error.not_found") -> None:
        self.has_demanded = True
        if not self._may("see", trade, commune):
            raise NotFound(unseen)
        if not self._may(verb, trade, commune):
            raise NotAllowed("error.not_allowed", verb=verb, trade=trade, commune=commune or "*")

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
        values = msgspec.to_builtins(dict(payload or {}))
        fact = Event(self.new_id(), key, self._now, commune, twin, values, trade, subject, self._actor.pseudonym)
        self.events.append(fact)

    def announce(self, part: str, subject: str, trade: str | None, commune: str | None) -> None:
        self.news[RoomNews(part, subject, trade, commune)] = None

    async def perform(self, key: str, payload: Mapping[str, Any]) -> Any:
        return await self._perform(self, key, payload)

    def _may(self, verb: Verb, trade: str, commune: str | None) -> bool:
        if commune is not None:
            return self._actor.may(verb, trade, commune)
        return any(self._actor.may(verb, trade, insee) for insee in self._city.commune_codes)
