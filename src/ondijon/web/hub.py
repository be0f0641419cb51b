"""The live hub follows the post's bus and keeps every open console in step, each within its rights."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

from msgspec import Struct

from ondijon.kernel import frames
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import OndijonError, RemoteProtocolError
from ondijon.kernel.ports import Bus
from ondijon.web import roles
from ondijon.web.changes import Changes, join
from ondijon.web.errors import TooOften
from ondijon.web.frame_shop import FrameShop, live_properties
from ondijon.web.lateness import Lateness
from ondijon.web.link import GatewayLink
from ondijon.web.live_client import Farewell, LiveClient, message
from ondijon.web.news import LiveReader, NewsDesk
from ondijon.web.presence import Presence
from ondijon.web.rights import Rights
from ondijon.web.sessions import Person, Sessions

_LOG = logging.getLogger(__name__)

ROUND_S = 0.15
_RESYNC_AFTER_ROUNDS = 33  # 5 s
_GONE_AFTER_ROUNDS = 400  # one minute
_CHECK_SESSION_EVERY_S = 10.0
_MOST_SOCKETS_A_SESSION = 16
_GOODBYE_S = 2.0


class Tools(Struct, frozen=True):
    """What the hub works with; `monotonic` gives seconds."""

    city: City
    bus: Bus
    clock: Clock
    rights: Rights
    sessions: Sessions
    roles: roles.RoleWatch
    monotonic: Callable[[], float]


class LiveHub:
    """`run` until cancelled; sockets `join`, `watch` and `leave`. The web process's columns are its alone."""

    def __init__(self, tools: Tools, reader: LiveReader) -> None:
        self._tools = tools
        self._live = live_properties(tools.city)
        self._changes = Changes(tools.city)
        self._clients: set[LiveClient] = set()
        # Sockets of sessions that are locked: they keep their place and are told of nothing but time and links.
        self._locked: set[LiveClient] = set()
        self._news = NewsDesk(reader, tools.rights, self._clients)
        self.presence = Presence(self._clients, reader.sees_incident, tools.monotonic)
        self._link = GatewayLink(tools.clock, tools.monotonic)
        self._lateness = Lateness(tools.roles)
        self._role_states: dict[str, str] = {}
        self._lag_s = 0.0
        self._left = asyncio.Event()
        self.started = asyncio.Event()

    async def run(self) -> None:
        """Follow the bus and serve the clients until cancelled."""
        await self.start()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._repeat(self.send_round, ROUND_S))
            group.create_task(self._repeat(self._news.deliver, ROUND_S))
            group.create_task(self._repeat(self.send_second, 1.0))
            group.create_task(self._repeat(self.presence.turn, 1.0))

    async def start(self) -> None:
        """Subscribe, then ask the gateway for everything it knows."""
        bus = self._tools.bus
        await bus.subscribe(frames.SUBJECT, self._hear_frame)
        await bus.subscribe(roles.SUBJECTS, self._hear_role)
        await self._news.start(bus)
        await self.presence.start(bus)
        await self._tools.sessions.start(self.check_user)
        await bus.publish(frames.WANTED_SUBJECT, b"")
        self.started.set()

    @property
    def sockets(self) -> int:
        """How many consoles' live links are open."""
        return len(self._clients) + len(self._locked)

    def join(self, person: Person) -> LiveClient:
        """A new client, greeted; raises TooOften when its session has too many sockets open."""
        if sum(other.person.session == person.session for other in self._everybody()) >= _MOST_SOCKETS_A_SESSION:
            raise TooOften("error.too_many_screens", retry_s=1)
        tools = self._tools
        client = LiveClient(person, tools.rights.scope_of(person.actor), tools.monotonic())
        client.mailbox.put_text(message("hello", now=tools.clock.now(), frame_ms=round(ROUND_S * 1000)))
        client.mailbox.put_text(self._link.text())
        client.mailbox.put_text(message("health", roles=tools.roles.report()))
        if self._lateness.is_late:
            client.mailbox.put_text(self._lateness.text())
        self._clients.add(client)
        return client

    def leave(self, client: LiveClient) -> None:
        self._clients.discard(client)
        self._locked.discard(client)
        self._left.set()

    def watch(self, client: LiveClient, types: list[str], twin: str | None, incident: UUID | None = None) -> None:
        """Replace what a client watches; what it may not see is as if it did not exist."""
        visible = frozenset(types) & frozenset(self._tools.rights.type_order(client.scope))
        client.watch(visible, twin, incident)

    async def close(self) -> None:
        """Say goodbye to every client and wait a little for them to go."""
        for client in self._everybody():
            client.end(Farewell.GOING_AWAY)
        try:
            async with asyncio.timeout(_GOODBYE_S):
                while self._clients or self._locked:
                    self._left.clear()
                    await self._left.wait()
        except TimeoutError:
            _LOG.warning("%d consoles did not answer the goodbye", len(self._everybody()))

    async def send_round(self) -> None:
        """Give each client what changed since the last round, or everything where that is due."""
        tools = self._tools
        marks = self._changes.drain()
        shop = FrameShop(tools.city, tools.rights, self._live, marks, tools.clock.now_us() / 1e6)
        self._news.notice(marks, tools.city)
        for place, client in enumerate(tuple(self._clients)):
            if client in self._clients:
                self._serve(client, shop)
            if place % 16 == 15:
                # Long rounds must not keep other tasks waiting.
                await asyncio.sleep(0)

    async def send_second(self) -> None:
        """The clock, the state of the link and of the roles, and whether sessions still stand."""
        clock = message("clock", now=self._tools.clock.now(), lag_s=round(self._lag_s, 3))
        self._lag_s = 0.0
        for client in self._everybody():
            if client.rounds_behind < 2 and not client.mailbox.is_full:
                client.mailbox.put_text(clock)
        if self._link.turn():
            self._broadcast(self._link.text())
        if self._lateness.turn():
            self._broadcast(self._lateness.text())
        states = self._tools.roles.states()
        if states != self._role_states:
            self._role_states = states
            self._broadcast(message("health", roles=self._tools.roles.report()))
        now_s, now = self._tools.monotonic(), self._tools.clock.now()
        due = [
            client
            for client in self._everybody()
            if now_s - client.checked_at >= _CHECK_SESSION_EVERY_S or not client.person.holds_at(now)
        ]
        await self._check_sessions(due)

    async def check_user(self, user_id: UUID) -> None:
        """Look again at the sessions of one user, because some may have ended, locked or opened again."""
        await self._check_sessions([one for one in self._everybody() if one.person.actor.user_id == user_id])

    def _everybody(self) -> list[LiveClient]:
        return [*self._clients, *self._locked]

    def _serve(self, client: LiveClient, shop: FrameShop) -> None:
        now = self._tools.clock.now()
        if client.is_over(now):
            client.end(Farewell.SIGNED_OUT)
        elif not client.person.holds_at(now):
            # Perhaps it has just locked: nothing leaves before somebody has looked, a second later at most.
            client.owed = join(client.owed, shop.marks)
        elif not client.mailbox.is_clear:
            self._let_wait(client, shop)
        else:
            self._serve_ready(client, shop)

    def _serve_ready(self, client: LiveClient, shop: FrameShop) -> None:
        if client.resync_is_due:
            client.resync_is_due = False
            client.owed = {}
            client.types &= frozenset(self._tools.rights.type_order(client.scope))
            client.full_is_due = set(client.types)
            client.mailbox.put_text(message("resync"))
        owed = join(client.owed, shop.marks) if client.owed else None
        for twin_type in sorted(client.types):
            if twin_type in client.full_is_due:
                found = shop.full(client.scope, twin_type)
            elif owed is not None:
                found = shop.owed(client.scope, twin_type, owed)
            else:
                found = shop.changed(client.scope, twin_type)
            client.mailbox.put_frames(found)
        client.full_is_due.clear()
        client.owed = {}
        client.rounds_behind = 0

    def _let_wait(self, client: LiveClient, shop: FrameShop) -> None:
        """Slow clients get the latest values in one go, very slow ones everything again, dead ones an end."""
        client.rounds_behind += 1
        if client.rounds_behind > _GONE_AFTER_ROUNDS or client.mailbox.is_full:
            client.end(Farewell.TOO_SLOW)
        elif client.rounds_behind > _RESYNC_AFTER_ROUNDS:
            client.resync_is_due = True
            client.owed = {}
            client.mailbox.drop_frames()
        else:
            client.owed = join(client.owed, shop.marks)

    async def _check_sessions(self, clients: list[LiveClient]) -> None:
        for client in clients:
            client.checked_at = self._tools.monotonic()
            person = await self._tools.sessions.find_by_digest(client.person.session)
            if person is None:
                client.end(Farewell.SIGNED_OUT)
                continue
            self._turn_lock(client, person)
            client.person = person
            scope = self._tools.rights.scope_of(person.actor)
            if scope != client.scope:
                client.change_scope(scope)

    def _turn_lock(self, client: LiveClient, person: Person) -> None:
        """A screen that locks loses what still waited for it; one that opens again gets everything afresh."""
        if person.is_locked == client.person.is_locked:
            return
        if person.is_locked:
            self._clients.discard(client)
            self._locked.add(client)
            client.mailbox.take_all()
            client.mailbox.put_text(message("locked"))
        else:
            self._locked.discard(client)
            self._clients.add(client)
            client.mailbox.put_text(message("unlocked"))
            client.resync_is_due = True
            client.twin_is_due = client.twin is not None
            client.told_people = None

    def _broadcast(self, text: str) -> None:
        for client in self._everybody():
            if not client.mailbox.is_full:
                client.mailbox.put_text(text)

    async def _hear_frame(self, _: str, payload: bytes) -> None:
        try:
            batch = frames.decode_batch(payload)
            self._changes.take(batch)
        except RemoteProtocolError as error:
            _LOG.warning("a frame of the gateway does not fit: %s", error)
            return
        self._link.hear()
        if len(batch):
            lag_s = (self._tools.clock.now_us() - int(batch.received_us.max())) / 1e6
            # What the gateway sends again on demand is old by nature and says nothing about the way.
            if lag_s < roles.SILENT_AFTER_S * 10:
                self._lag_s = max(self._lag_s, lag_s)

    async def _hear_role(self, _: str, payload: bytes) -> None:
        try:
            heartbeat = self._tools.roles.hear(payload)
        except RemoteProtocolError as error:
            _LOG.warning("a heartbeat does not fit: %s", error)
            return
        if heartbeat.role == "gateway" and self._link.hear_heartbeat(heartbeat):
            await self._tools.bus.publish(frames.WANTED_SUBJECT, b"")

    async def _repeat(self, act: Callable[[], Awaitable[None]], every_s: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            try:
                await act()
            except OndijonError as error:
                _LOG.warning("an engine is away, the next round tries again: %s", error)
            except Exception:  # noqa: BLE001 - the edge of a task loop: one bad round must not end every console
                _LOG.exception("a round of the live hub failed")
            due = max(due + every_s, loop.time())
            await asyncio.sleep(due - loop.time())
