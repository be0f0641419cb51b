"""A real gateway: an MQTT client that speaks as docs/drivers/mqtt.md says, with nothing of our own code."""

import json
import threading
import time
from itertools import cycle
from pathlib import Path
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost

# What a gateway's own memory keeps over its restarts, by (home, gateway).
_SEQUENCES: dict[tuple[Path, str], int] = {}
CONNECT_LIMIT_S = 10.0
PUBACK_LIMIT_S = 10.0
RETRY_S = 2
KEEPALIVE_S = 5
CONNECT_TIMEOUT_S = 2.0


class FieldGateway:
    """One gateway with a persistent session; times are of time.monotonic().

    One that keeps trying connects again when it is cut off, and sends again what had no PUBACK.
    """

    def __init__(
        self,
        post: RunningPost,
        gateway: str,
        secret: str | None = None,
        client_id: str | None = None,
        *,
        keeps_trying: bool = False,
    ) -> None:
        self.gateway = gateway
        self.up = f"ondijon/1/up/{gateway}/"
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.refused: list[str] = []
        self.connected_at = 0.0
        self.lost_at = 0.0
        self.acked: set[int] = set()
        self._memory = (post.home, gateway)
        self._lock = threading.Lock()
        # The next one is tried when the present one goes: a real gateway knows every node of its broker.
        self._brokers = cycle(post.brokers)
        self._clock = post.card.clock()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id or gateway,
            clean_session=False,
            reconnect_on_failure=keeps_trying,
        )
        self._client.reconnect_delay_set(1, RETRY_S)
        self._client.connect_timeout = CONNECT_TIMEOUT_S
        self._client.on_connect_fail = self._on_connect_fail
        self._client.username_pw_set(gateway, post.secret_of(gateway) if secret is None else secret)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message
        self._client.on_publish = self._on_publish

    def __enter__(self) -> Self:
        return self.connect()

    def __exit__(self, *_: object) -> None:
        self.leave()

    def connect(self) -> Self:
        """Sign in, or fail."""
        self.try_connect()
        until(f"{self.gateway} is connected", lambda: self.connected_at or self.refused, CONNECT_LIMIT_S)
        assert not self.refused, f"{self.gateway} is refused: {self.refused}"
        return self

    def try_connect(self) -> None:
        """Ask to sign in; `connected_at` or `refused` tells what came of it."""
        self._client.connect(*next(self._brokers), keepalive=KEEPALIVE_S)
        self._client.loop_start()

    def insist(self) -> None:
        """Go on asking in the background until it is let in."""
        self._turn()
        self._client.loop_start()

    @property
    def is_in(self) -> bool:
        """Whether its newest session is up."""
        return self.connected_at > self.lost_at

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: Any, _: object, flags: object, reason: Any, properties: object) -> None:
        if reason.is_failure:
            self.refused.append(str(reason))
            return
        client.subscribe(f"ondijon/1/down/{self.gateway}/#", qos=1)
        self.connected_at = time.monotonic()

    def _turn(self) -> None:
        self._client.connect_async(*next(self._brokers), keepalive=KEEPALIVE_S)

    def _on_connect_fail(self, client: object, _: object) -> None:
        self._turn()

    def _on_disconnect(self, client: object, _: object, flags: object, reason: Any, properties: object) -> None:
        self.lost_at = time.monotonic()
        if reason.is_failure:
            self._turn()
        if not self.connected_at and not self.refused:
            self.refused.append(str(reason))

    def _on_message(self, client: object, _: object, message: mqtt.MQTTMessage) -> None:
        self.heard.append((message.topic, json.loads(message.payload)))

    def _on_publish(self, client: object, _: object, mid: int, reason: object, properties: object) -> None:
        with self._lock:
            self.acked.add(mid)

    def commands(self, command_id: str) -> list[dict[str, Any]]:
        """How often, and what, the post has asked under this id."""
        return [body for topic, body in list(self.heard) if topic.endswith("/command") and body["id"] == command_id]

    def send(self, topic: str, payload: bytes | str) -> int:
        """Publish with QoS 1 and go on; returns what `acked` will hold."""
        return self._client.publish(topic, payload, qos=1).mid

    def say(self, topic: str, payload: bytes | str) -> None:
        """Publish with QoS 1 and wait for the broker's PUBACK."""
        mid = self.send(topic, payload)
        until("PUBACK", lambda: mid in self.acked, PUBACK_LIMIT_S)

    @property
    def next_sequence(self) -> int:
        """What the next pack will be numbered."""
        return _SEQUENCES.get(self._memory, 0) + 1

    def next_pack(self, *records: dict[str, Any]) -> str:
        """A telemetry pack with the next sequence number, as of now."""
        sequence = _SEQUENCES[self._memory] = self.next_sequence
        return json.dumps([{"bt": self._clock.now_us() / 1e6, "n": "seq", "v": sequence}, *records])

    def report(self, *records: dict[str, Any]) -> None:
        """Publish a pack and wait for its PUBACK."""
        self.say(self.up + "telemetry", self.next_pack(*records))

    def show(self, light: str, level: float, control: str) -> None:
        """Report that a light stands so (level 0 to 1)."""
        self.report({"n": f"{light}/level", "v": level}, {"n": f"{light}/control", "vs": control})

    def acknowledge(self, command_id: str, status: str) -> None:
        self.say(self.up + "ack", json.dumps({"id": command_id, "status": status, "at": time.time()}))
