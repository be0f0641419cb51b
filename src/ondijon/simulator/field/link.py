"""One gateway's MQTT connection: persistent session, back-off, a bounded queue and at-least-once delivery."""

import asyncio
import contextlib
import logging
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any

import gmqtt
import numpy as np
from gmqtt.mqtt.constants import MQTTv311
from msgspec import Struct

CONNECT_TIMEOUT_S = 15.0
GOODBYE_TIMEOUT_S = 1.5
URGENT_KEPT = 500
PACKS_KEPT_PLAIN = 2
SUBSCRIPTION_REFUSED = 0x80
_DUPLICATE = 0x08
_NEVER_BY_ITSELF = -2
log = logging.getLogger(__name__)
# The library logs every lost connection of 700; the links count them instead.
_quiet = logging.getLogger("gmqtt")
_quiet.setLevel(logging.CRITICAL)


class Letter(Struct):
    """A message on its way; `packed` says that the payload waits compressed."""

    topic: str
    payload: bytes
    retain: bool = False
    packed: bool = False


class Door(Struct, frozen=True):
    """Where and how to connect."""

    host: str
    port: int
    keepalive_s: int
    retry_min_s: float
    retry_max_s: float
    packs_kept: int
    packs_in_flight: int


class _InFlight:
    """Unacknowledged messages, in the shape of gmqtt's storage; none is lost when the broker forgets us."""

    def __init__(self, link: "Link") -> None:
        self._link = link
        self._raw: dict[int, tuple[bytearray, Letter | None]] = {}

    def __len__(self) -> int:
        return len(self._raw)

    @property
    def is_empty(self) -> bool:
        return not self._raw

    def push_message(self, mid: int, raw: bytearray) -> None:
        self._raw[mid] = (raw, self._link.sending)

    def remove_message_by_mid(self, mid: int) -> None:
        if self._raw.pop(mid, None) is not None:
            self._link.drain()

    def get_all(self) -> list[tuple[int, bytearray]]:
        """What must be sent again, marked as such (MQTT 3.1.1, 3.3.1.1)."""
        for raw, _ in self._raw.values():
            raw[0] |= _DUPLICATE
        return [(mid, raw) for mid, (raw, _) in self._raw.items()]

    def clear(self) -> None:
        """The broker has no session any more: queue everything anew."""
        letters = [letter for _, letter in self._raw.values() if letter is not None]
        self._raw.clear()
        self._link.requeue(letters)

    async def wait_empty(self) -> None:
        """Delivery is nobody's reason to wait."""


class Link:
    """Keeps one MQTT 3.1.1 session alive; everything QoS 1."""

    def __init__(
        self,
        door: Door,
        user: str,
        secret: str,
        *,
        will: tuple[str, bytes] | None,
        subscribe: str,
        rng: np.random.Generator,
        clean: bool = False,
    ) -> None:
        self._door = door
        self._rng = rng
        self._subscription = gmqtt.Subscription(subscribe, qos=1)
        self.on_message: Callable[[str, bytes], None] = lambda topic, payload: None
        self.on_up: Callable[[], None] = lambda: None
        self.sending: Letter | None = None
        self.connected = False
        self.connections = 0
        self.dropped = 0
        self.deaf = False
        self._urgent: deque[Letter] = deque(maxlen=URGENT_KEPT)
        self._packs: deque[Letter] = deque()
        self._in_flight = _InFlight(self)
        self._allowed = asyncio.Event()
        self._allowed.set()
        self._lost = asyncio.Event()
        self._client = gmqtt.Client(
            # A broker may refuse a dot in a client id; the ids of gateways have none.
            user.replace(".", "-"),
            clean_session=clean,
            will_message=None if will is None else gmqtt.Message(will[0], will[1], qos=1, retain=True),
            persistent_storage=self._in_flight,
            logger=_quiet,
        )
        self._client.set_config({"reconnect_retries": _NEVER_BY_ITSELF})
        self._client.set_auth_credentials(user, secret)
        self._client.on_connect = self._came_up
        self._client.on_disconnect = self._went_down
        self._client.on_subscribe = self._may_listen
        self._client.on_message = self._heard

    @property
    def in_flight(self) -> int:
        return len(self._in_flight)

    @property
    def waiting(self) -> int:
        """Messages that wait for a connection or for room in the window."""
        return len(self._urgent) + len(self._packs)

    async def stay_connected(self) -> None:
        """Connect, and again whenever the connection is lost, until cancelled."""
        failures = 0
        while True:
            await self._allowed.wait()
            self._lost.clear()
            if await self._connect():
                failures = 0
                await self._lost.wait()
            failures += 1
            reach_s = min(self._door.retry_max_s, self._door.retry_min_s * 2.0 ** min(failures, 10))
            await asyncio.sleep(float(self._rng.uniform(self._door.retry_min_s, reach_s)))

    async def _connect(self) -> bool:
        door = self._door
        connecting = asyncio.ensure_future(
            self._client.connect(door.host, door.port, keepalive=door.keepalive_s, version=MQTTv311, raise_exc=False)
        )
        # gmqtt waits for ever for an answer from a connection that is lost before it comes.
        losing = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait((connecting, losing), timeout=CONNECT_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            connecting.cancel()
            losing.cancel()
        await asyncio.gather(connecting, losing, return_exceptions=True)
        fault = None if connecting.cancelled() else connecting.exception()
        if isinstance(fault, Exception) and not isinstance(fault, OSError):
            raise fault
        if not self.connected:
            self._abort()
        return self.connected

    def _came_up(self, client: object, session_present: int, code: int, properties: object) -> None:
        if self._allowed.is_set():
            # gmqtt sends what was not acknowledged in the loop's next turn; what is new comes after it.
            asyncio.get_running_loop().call_soon(self._open)
        else:
            self._abort()

    def _open(self) -> None:
        if self._lost.is_set():
            return
        self.connected = True
        self.connections += 1
        if self._client.subscriptions:
            self._client.resubscribe(self._subscription)
        else:
            self._client.subscribe(self._subscription)
        self.on_up()
        self.drain()

    def _went_down(self, *_: object) -> None:
        self.connected = False
        self._lost.set()

    def _may_listen(self, client: object, mid: int, granted: tuple[int, ...], properties: Any) -> None:
        deaf = any(code >= SUBSCRIPTION_REFUSED for code in granted)
        if deaf and not self.deaf:
            log.warning("the broker refuses the subscription %s", self._subscription.topic)
        self.deaf = deaf

    def _heard(self, client: object, topic: str, payload: bytes, qos: int, properties: Any) -> None:
        self.on_message(topic, payload)

    def send(self, topic: str, payload: bytes, *, retain: bool = False, droppable: bool = False) -> None:
        """Queue a message; a droppable one (telemetry) may give way to a newer one while offline."""
        letter = Letter(topic, payload, retain)
        if not droppable:
            self.dropped += len(self._urgent) == URGENT_KEPT
            self._urgent.append(letter)
        else:
            # What must wait waits small: hours of a cut, 700 gateways.
            if not self.connected or len(self._packs) >= PACKS_KEPT_PLAIN:
                letter.payload, letter.packed = zlib.compress(payload, 1), True
            self._packs.append(letter)
            while len(self._packs) > self._door.packs_kept:
                self._packs.popleft()
                self.dropped += 1
        self.drain()

    def send_first(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Queue a message before all that wait."""
        self._urgent.appendleft(Letter(topic, payload, retain))
        self.drain()

    def drain(self) -> None:
        """Send what the window allows."""
        while self.connected and len(self._in_flight) < self._door.packs_in_flight:
            if self._urgent:
                letter = self._urgent.popleft()
            elif self._packs:
                letter = self._packs.popleft()
            else:
                return
            if letter.packed:
                letter.payload, letter.packed = zlib.decompress(letter.payload), False
            self.sending = letter
            self._client.publish(letter.topic, letter.payload, qos=1, retain=letter.retain)
            self.sending = None

    def requeue(self, letters: list[Letter]) -> None:
        self._urgent.extendleft(reversed(letters))

    def cut(self) -> None:
        """Lose the connection without a goodbye, and stay away until restored."""
        self._allowed.clear()
        self._abort()

    def restore(self) -> None:
        self._allowed.set()

    def _abort(self) -> None:
        # gmqtt offers no way to leave without DISCONNECT, which would keep the last will from being sent.
        connection = self._client._connection
        if connection is not None:
            connection._transport.abort()

    async def leave(self) -> None:
        """Deliver what can be delivered in a moment, then disconnect politely."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GOODBYE_TIMEOUT_S):
                while self.connected and (self._urgent or not self._in_flight.is_empty):
                    await asyncio.sleep(0.02)
        if self.connected:
            await self._client.disconnect()
