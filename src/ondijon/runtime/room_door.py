"""The room's door: an act is authorised, done once, told and audited in one transaction, then announced."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.i18n import LANGUAGES, Catalogue
from ondijon.kernel.identity import Actor
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Bus, Rows
from ondijon.kernel.room import Act, ActSpec, RoomManifest
from ondijon.runtime import room_queries as queries
from ondijon.runtime.audit_log import append_audit
from ondijon.runtime.room_desk import RoomDesk

ROOM_SUBJECT = "ondijon.room"
EVENTS_SUBJECT = "ondijon.events"
NO_WORDS: Mapping[str, Catalogue] = {language: {} for language in LANGUAGES}
_NAMING = ("id", "subject", "twin", "version", "reason")


class RoomDoor:
    """The kernel's Door over the parts of the room that are loaded; for any process that has the city in memory."""

    def __init__(
        self,
        city: City,
        rows: Rows,
        bus: Bus,
        clock: Clock,
        ids: IdSource,
        manifests: Sequence[RoomManifest],
        words: Mapping[str, Catalogue] = NO_WORDS,
    ) -> None:
        self._city = city
        self._rows = rows
        self._bus = bus
        self._clock = clock
        self._ids = ids
        self._words = words
        self._acts: dict[str, ActSpec] = {spec.key: spec for manifest in manifests for spec in manifest.acts}

    @property
    def act_keys(self) -> tuple[str, ...]:
        """Every act that may be asked for."""
        return tuple(self._acts)

    async def perform(self, actor: Actor, act: Act) -> Any:
        """Do an act for a person; the same idempotency key again gives the same answer and nothing else happens.

        Raises NotFound, NotAllowed and Refused as the act does; nothing of it stays then.
        """
        spec, payload = self._read(act.key, act.payload)
        async with self.desk(actor) as desk:
            if not await queries.claim_act(desk.tx, act.idempotency_key, actor.pseudonym, act.key, desk.now):
                return await self._known(desk, act)
            result = msgspec.to_builtins(await spec.perform(desk, payload))
            _must_have_demanded(desk, act.key)
            await queries.save_result(desk.tx, act.idempotency_key, result)
            named = {key: act.payload[key] for key in _NAMING if isinstance(act.payload.get(key), str | int)}
            subjects = [event.subject for event in desk.events if event.subject]
            about = subjects[0] if subjects else str(named.get("id", ""))
            await append_audit(desk.tx, self._clock, actor.pseudonym, act.key, about, named)
        return result

    @asynccontextmanager
    async def desk(self, actor: Actor) -> AsyncIterator[RoomDesk]:
        """A desk whose facts are written when its block ends well, and told after the commit."""
        async with self._rows.transaction() as tx:
            desk = RoomDesk(tx, actor, self._clock.now(), self._city, self._words, self._ids, self._perform_within)
            yield desk
            if desk.events:
                await queries.insert_events(tx, desk.events)
        await self._tell(desk)

    async def _perform_within(self, desk: RoomDesk, key: str, payload: Mapping[str, Any]) -> Any:
        spec, decoded = self._read(key, payload)
        before, desk.has_demanded = desk.has_demanded, False
        result = msgspec.to_builtins(await spec.perform(desk, decoded))
        _must_have_demanded(desk, key)
        desk.has_demanded |= before
        return result

    def _read(self, key: str, payload: Mapping[str, Any]) -> tuple[ActSpec, Any]:
        spec = self._acts.get(key)
        if spec is None:
            raise NotFound("error.unknown_act", key=key[:64])
        unknown = set(payload) - {field.encode_name for field in msgspec.structs.fields(spec.payload)}
        if unknown:
            raise Refused("error.bad_act", key=key, problem=f"unknown: {', '.join(sorted(unknown))[:200]}")
        try:
            return spec, msgspec.convert(payload, spec.payload)
        except msgspec.ValidationError as error:
            raise Refused("error.bad_act", key=key, problem=str(error)[:200]) from error

    async def _known(self, desk: RoomDesk, act: Act) -> Any:
        row = await queries.find_act(desk.tx, act.idempotency_key)
        if row is None or (row["actor"], row["key"]) != (desk.actor.pseudonym, act.key):
            raise Refused("error.key_used")
        return row["result"]

    async def _tell(self, desk: RoomDesk) -> None:
        for news in desk.news:
            await self._bus.publish(ROOM_SUBJECT, msgspec.json.encode(news))
        if desk.events:
            await self._bus.publish(EVENTS_SUBJECT, b"")


def _must_have_demanded(desk: RoomDesk, key: str) -> None:
    """An act that asked for no right is our own mistake, and must not pass."""
    if not desk.has_demanded:
        raise AssertionError(f"{key} asked for no right")
