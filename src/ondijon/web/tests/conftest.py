"""A hub over the small city, without any socket: clients are read straight from their mailboxes."""

import asyncio
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ondijon.kernel.city import City
from ondijon.kernel.errors import NotFound
from ondijon.kernel.frames import SUBJECT, encode_batch
from ondijon.kernel.identity import Actor
from ondijon.kernel.ports import Rows
from ondijon.testing.builders import batch, small_city
from ondijon.testing.fakes import AbsentRows, FakeBus, StillClock
from ondijon.web.frames import FrameHead, Slice, decode_frame
from ondijon.web.hub import LiveHub, Tools
from ondijon.web.live_client import LiveClient, message
from ondijon.web.mailbox import Mailbox
from ondijon.web.rights import Rights, Scope
from ondijon.web.roles import Heartbeat, RoleWatch
from ondijon.web.sessions import LENGTH, Person, Sessions


@dataclass
class FakeReader:
    """Answers with the names of what it was asked for; cards and incidents stand at a trade and a commune."""

    cards: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    incidents: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    rights: Rights | None = None
    away: bool = False
    reads: int = 0

    async def read_cards(self, ids: Sequence[UUID], scope: Scope) -> Sequence[str]:
        self._count()
        return [message("card", card=one) for one in ids if self._sees(scope, self.cards.get(one))]

    async def sees_incident(self, scope: Scope, incident: UUID) -> bool:
        return self._sees(scope, self.incidents.get(incident))

    def _sees(self, scope: Scope, place: tuple[str, str] | None) -> bool:
        return place is not None and self.rights is not None and self.rights.sees(scope, *place)

    async def read_commands(self, ids: Sequence[UUID], scopes: Collection[Scope]) -> Mapping[Scope, Sequence[str]]:
        self._count()
        return {scope: [message("command", command=one) for one in ids] for scope in scopes}

    async def read_twin(self, scope: Scope, urn: str) -> str:
        self._count()
        if "21001" not in urn:
            raise NotFound("error.twin_not_found", id=urn)
        return message("twin", twin=urn)

    def _count(self) -> None:
        if self.away:
            raise_away()
        self.reads += 1


def raise_away() -> None:
    AbsentRows().transaction()


class FakeSessions(Sessions):
    """Sessions that a test ends by name."""

    def __init__(self, rows: Rows, bus: FakeBus, clock: StillClock) -> None:
        super().__init__(rows, bus, clock, clock.monotonic)
        self.people: dict[bytes, Person] = {}

    async def find_by_digest(self, session: bytes) -> Person | None:
        return self.people.get(session)


@dataclass
class Bench:
    """The hub and everything a test moves it with."""

    city: City
    clock: StillClock
    bus: FakeBus
    sessions: FakeSessions
    reader: FakeReader
    hub: LiveHub

    def join(self, actor: Actor, *types: str, twin: str | None = None, incident: UUID | None = None) -> LiveClient:
        """A client that watches; its greetings are taken."""
        person = Person(actor, actor.username.encode(), self.clock.now() + LENGTH)
        self.sessions.people[person.session] = person
        client = self.hub.join(person)
        client.mailbox.take_all()
        self.hub.watch(client, list(types), twin, incident)
        return client

    async def report(self, twin_type: str, key: str, values: dict[int, float]) -> None:
        """What the gateway publishes; each report is a moment newer."""
        self.clock.at += timedelta(milliseconds=1)
        readings = batch(self.city, twin_type, key, values, self.clock.now_us())
        await self.bus.publish(SUBJECT, encode_batch(readings))

    async def beat(self, role: str = "gateway", state: Any = "ready", pid: int = 1) -> None:
        heartbeat = Heartbeat(role, state, pid, self.clock.now())
        await self.bus.publish(f"ondijon.role.{role}", msgspec.json.encode(heartbeat))


def taken(client: LiveClient) -> tuple[list[dict[str, Any]], list[tuple[FrameHead, Slice]]]:
    """What a client was sent since the last look: messages and frames."""
    items = client.mailbox.take_all()
    texts = [json.loads(item) for item in items if isinstance(item, str)]
    return texts, [decode_frame(item) for item in items if isinstance(item, bytes)]


def kinds(client: LiveClient) -> list[str]:
    return [text["kind"] for text in taken(client)[0]]


async def settle(mailbox: Mailbox) -> None:
    """Let the client take everything that waits for it."""
    while not mailbox.is_clear:
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def bench(clock: StillClock) -> Bench:
    city, bus = small_city(), FakeBus()
    reader = FakeReader(rights=Rights(city))
    sessions = FakeSessions(AbsentRows(), bus, clock)
    tools = Tools(city, bus, clock, Rights(city), sessions, RoleWatch(("gateway",), clock.monotonic), clock.monotonic)
    hub = LiveHub(tools, reader)
    await hub.start()
    return Bench(city, clock, bus, sessions, reader, hub)
