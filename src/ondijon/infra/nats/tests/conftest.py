"""A real broker with its auth callout, and devices that are nothing but MQTT clients."""

import asyncio
import hashlib
import queue
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
import pytest

from ondijon.infra.nats.auth_callout import AuthCallout
from ondijon.infra.nats.refusals import Refusal
from ondijon.infra.nats.secrets_file import CALLOUT_USER, SYSTEM_USER
from ondijon.infra.nats.server import EmbeddedNats
from ondijon.kernel.clock import to_us

WAIT_S = 10.0
T = TypeVar("T")


class TickingClock:
    """Each look is a second later, so that the reader's quiet second never hides a refusal."""

    def __init__(self) -> None:
        self._now = datetime(2026, 10, 5, 18, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    def now_us(self) -> int:
        return to_us(self.now())


class Device:
    """A field device; what happens to it arrives in queues."""

    def __init__(self, url: str, client_id: str, user: str, password: str) -> None:
        self.connected: queue.Queue[bool] = queue.Queue()
        self.disconnected: queue.Queue[bool] = queue.Queue()
        self.granted: queue.Queue[bool] = queue.Queue()
        self.published: queue.Queue[int] = queue.Queue()
        self.messages: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._parts = urlsplit(url)
        version = mqtt.CallbackAPIVersion.VERSION2  # type: ignore[attr-defined, unused-ignore]
        self.client = mqtt.Client(version, client_id=client_id, clean_session=False)
        self.client.username_pw_set(user, password)
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = lambda *_: self.disconnected.put(True)
        self.client.on_subscribe = self._on_subscribe
        self.client.on_publish = self._on_publish
        self.client.on_message = self._on_message

    def _on_connect(self, client: Any, user: Any, flags: Any, reason: Any, properties: Any) -> None:
        self.connected.put(not reason.is_failure)

    def _on_subscribe(self, client: Any, user: Any, mid: int, reasons: Any, properties: Any) -> None:
        self.granted.put(not reasons[0].is_failure)

    def _on_publish(self, client: Any, user: Any, mid: int, reason: Any, properties: Any) -> None:
        self.published.put(mid)

    def _on_message(self, client: Any, user: Any, message: mqtt.MQTTMessage) -> None:
        self.messages.put((message.topic, bytes(message.payload)))

    async def connect(self) -> bool:
        """Tell whether the broker took the device in."""
        assert self._parts.hostname is not None and self._parts.port is not None
        self.client.connect(self._parts.hostname, self._parts.port)
        self.client.loop_start()
        return await arrival(self.connected)

    async def subscribe(self, topic: str) -> bool:
        """Tell whether the broker granted the subscription."""
        self.client.subscribe(topic, 1)
        return await arrival(self.granted)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Return when the broker acknowledged it, which it also does for what it drops."""
        self.client.publish(topic, payload, 1)
        await arrival(self.published)

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


async def arrival(arrivals: queue.Queue[T]) -> T:
    """Wait for the next entry of a thread's queue."""
    return await asyncio.to_thread(arrivals.get, True, WAIT_S)


@dataclass
class Field:
    """A broker, its callout, the credentials it asks for (answered while `gate` is open), and what was refused."""

    server: EmbeddedNats
    callout: AuthCallout
    credentials: dict[str, bytes]
    gate: asyncio.Event
    asked: asyncio.Event
    refusals: asyncio.Queue[Refusal] = field(default_factory=asyncio.Queue)

    def add(self, gateway: str, secret: str = "secret") -> None:
        self.credentials[gateway] = hashlib.sha256(secret.encode()).digest()

    @contextmanager
    def device(self, client_id: str, user: str | None = None, secret: str = "secret") -> Iterator[Device]:
        device = Device(self.server.mqtt_url("post.core"), client_id, user or client_id, secret)
        try:
            yield device
        finally:
            device.close()

    @contextmanager
    def own_client(self, client_id: str) -> Iterator[Device]:
        """The core's MQTT client."""
        with self.device(client_id, "post.core", self.server.secrets.passwords["post.core"]) as client:
            yield client

    async def refusal(self) -> Refusal:
        return await asyncio.wait_for(self.refusals.get(), WAIT_S)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Field]:
    clock = TickingClock()
    refusals: asyncio.Queue[Refusal] = asyncio.Queue()
    credentials: dict[str, bytes] = {}

    gate, asked = asyncio.Event(), asyncio.Event()
    gate.set()

    async def lookup(gateway: str) -> bytes | None:
        found = credentials.get(gateway)
        asked.set()
        await gate.wait()
        return found

    async with EmbeddedNats(tmp_path, clock=clock, on_refusal=refusals.put_nowait) as server:
        callout = AuthCallout(
            server.nats_url(CALLOUT_USER),
            server.nats_url(SYSTEM_USER),
            server.secrets.issuer_seed,
            lookup,
            clock=clock,
            on_refusal=refusals.put_nowait,
        )
        await callout.start()
        yield Field(server, callout, credentials, gate, asked, refusals)
        await callout.stop()
