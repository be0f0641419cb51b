"""Presence tells who looks at the same incident, across all web processes, to those who may see it."""

import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

import msgspec
from msgspec import Struct

from ondijon.kernel.ports import Bus
from ondijon.web.live_client import LiveClient, message
from ondijon.web.rights import Scope

PRESENCE_SUBJECT = "ondijon.presence"
_AGAIN_AFTER_S = 10.0
_GONE_AFTER_S = 30.0
_MOST_NAMES = 50
MaySee = Callable[[Scope, UUID], Awaitable[bool]]


class Watching(Struct, frozen=True):
    """Who watches what in one web process, by name."""

    process: str
    people: dict[UUID, tuple[str, ...]]


class Presence:
    """Publishes this process's watchers, keeps the others', and tells clients of what they watch themselves."""

    def __init__(self, clients: Collection[LiveClient], may_see: MaySee, monotonic: Callable[[], float]) -> None:
        self._clients = clients
        self._may_see = may_see
        self._monotonic = monotonic
        self._bus: Bus | None = None
        self._process = secrets.token_hex(8)
        self._own: dict[UUID, tuple[str, ...]] = {}
        self._said_at = float("-inf")
        self._others: dict[str, tuple[Watching, float]] = {}

    async def start(self, bus: Bus) -> None:
        self._bus = bus
        await bus.subscribe(PRESENCE_SUBJECT, self._hear)

    def people(self, incident: UUID) -> list[str]:
        """The names of those who watch an incident, in any web process."""
        names = set(self._own.get(incident, ()))
        for watching, _ in self._others.values():
            names.update(watching.people.get(incident, ()))
        return sorted(names)[:_MOST_NAMES]

    async def turn(self) -> None:
        """Once a second: who watches what here, who has gone elsewhere, and who is to be told."""
        now_s = self._monotonic()
        for process in [key for key, (_, heard_at) in self._others.items() if now_s - heard_at > _GONE_AFTER_S]:
            del self._others[process]
        watchers = await self._find_watchers()
        own = {incident: tuple(sorted({one.person.actor.name for one in here})) for incident, here in watchers.items()}
        if own != self._own or (own and now_s - self._said_at >= _AGAIN_AFTER_S):
            self._own, self._said_at = own, now_s
            if self._bus is not None:
                await self._bus.publish(PRESENCE_SUBJECT, msgspec.json.encode(Watching(self._process, own)))
        for incident, here in watchers.items():
            people = self.people(incident)
            for client in here:
                if client.told_people != (incident, people):
                    client.told_people = (incident, people)
                    client.mailbox.put_text(message("presence", incident=incident, people=people))

    async def _find_watchers(self) -> dict[UUID, list[LiveClient]]:
        """The clients by the incident they watch; who may not see it does not count as watching."""
        allowed: dict[tuple[Scope, UUID], bool] = {}
        found: dict[UUID, list[LiveClient]] = defaultdict(list)
        for client in tuple(self._clients):
            incident = client.incident
            if incident is None:
                continue
            if (client.scope, incident) not in allowed:
                allowed[client.scope, incident] = await self._may_see(client.scope, incident)
            if allowed[client.scope, incident]:
                found[incident].append(client)
        return found

    async def _hear(self, _: str, payload: bytes) -> None:
        try:
            watching = msgspec.json.decode(payload, type=Watching)
        except msgspec.MsgspecError:
            return
        if watching.process != self._process:
            self._others[watching.process] = (watching, self._monotonic())
