"""One persistent MQTT session, driven by the event loop and renewed forever."""

import asyncio
import logging
import ssl
from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import Protocol

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ondijon.drivers.mqtt.connection.inbox import Inbox
from ondijon.drivers.mqtt.connection.limits import BackOff, Broker, Counters, IngestLimits
from ondijon.drivers.mqtt.mapping.intake import Message
from ondijon.drivers.mqtt.protocol.topics import gateway_of, without_share
from ondijon.kernel.sharing import WHOLE, Share

log = logging.getLogger(__name__)

PACKETS_A_TURN = 64
CONNECT_TIMEOUT_S = 4.0
TICK_S = 1.0
MOST_IN_FLIGHT = 10_000


class _HasFileno(Protocol):
    """What paho calls a socket at run time, TLS or not."""

    def fileno(self) -> int: ...


class BrokerLink:
    """Fills the inbox, sends acknowledgements and publishes; paho does the protocol, without its thread.

    One that is passing keeps no session and hears at most once: what it misses, another link has.
    """

    def __init__(
        self,
        broker: Broker,
        filters: Sequence[str],
        inbox: Inbox,
        counters: Counters,
        limits: IngestLimits,
        share: Share = WHOLE,
        *,
        is_passing: bool = False,
    ) -> None:
        self._broker = broker
        self._nodes = cycle([(broker.host, broker.port), *broker.others])
        self._share = share
        self._is_passing = is_passing
        self._filters = tuple(filters)
        self._inbox = inbox
        self._counters = counters
        self._limits = limits
        self._client: Client | None = None
        self._is_paused = False
        self._lost = asyncio.Event()
        self._up = asyncio.Event()
        self._promised: dict[int, asyncio.Future[bool]] = {}

    async def run(self) -> None:
        """Connect, and connect again, until cancelled."""
        back_off = BackOff(self._limits)
        while True:
            client = self._make_client()
            try:
                if await self._open(client):
                    back_off.reset()
                    await self._stay(client)
            finally:
                self._close(client)
            await asyncio.sleep(back_off.next_s())

    def _make_client(self) -> Client:
        broker = self._broker
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.client_id,
            clean_session=self._is_passing,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(MOST_IN_FLIGHT)
        if broker.username is not None:
            client.username_pw_set(broker.username, broker.password)
        if broker.tls is not None:
            client.tls_set_context(broker.tls)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_disconnect = self._on_disconnect
        return client

    async def _open(self, client: Client) -> bool:
        """Open the socket in a thread (paho resolves, connects and shakes hands blocking), then watch it here."""
        self._lost.clear()
        host, port = next(self._nodes)
        try:
            await asyncio.to_thread(client.connect, host, port, self._broker.keepalive_s)
        except (OSError, ValueError) as error:
            log.warning("broker %s:%d is away: %s", host, port, error)
            return False
        self._counters.connections += 1
        self._inbox.start_link(self._counters.connections)
        self._client, self._is_paused = client, False
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_wants_write
        client.on_socket_unregister_write = self._on_wrote
        self._watch(client)
        if client.want_write():
            client.loop_write()
        return True

    def _watch(self, client: Client) -> None:
        sock = client.socket()
        if sock is not None:
            asyncio.get_running_loop().add_reader(sock, self._read, client)

    async def _stay(self, client: Client) -> None:
        """Keep the session alive until it is lost."""
        while not self._lost.is_set():
            try:
                # Not `wait_for`, which before Python 3.12 loses a cancellation that comes with the end it waits for.
                async with asyncio.timeout(TICK_S):
                    await self._lost.wait()
            except TimeoutError:
                client.loop_misc()

    def _close(self, client: Client) -> None:
        self._up.clear()
        self._counters.connected = False
        self._client = None
        client.on_disconnect = None
        client.disconnect()
        if client.want_write():
            client.loop_write()
        sock = client.socket()
        if sock is not None:
            self._on_socket_close(client, None, sock)
            sock.close()
        for promise in self._promised.values():
            if not promise.done():
                promise.set_result(False)
        self._promised.clear()

    def _read(self, client: Client) -> None:
        """Read what is there, at most `PACKETS_A_TURN` packets, so that others get their turn."""
        sock = client.socket()
        for _ in range(PACKETS_A_TURN):
            before = self._counters.held_messages
            if client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                return
            if self._counters.held_messages == before and not _has_more(sock):
                break
        else:
            if _has_more(sock):
                asyncio.get_running_loop().call_soon(self._read, client)
        if self._inbox.is_too_full and sock is not None:
            # The socket fills, the broker waits. Beyond twice the keepalive paho gives the link up,
            # and the broker delivers again on the next one: slower, but nothing is lost.
            self._is_paused = True
            asyncio.get_running_loop().remove_reader(sock)

    def acknowledge(self, packet_ids: Iterable[int]) -> None:
        """Send PUBACKs; reading goes on when there is room again."""
        client = self._client
        if client is None:
            return
        for packet_id in packet_ids:
            client.ack(packet_id, 1)
        if self._is_paused and self._inbox.is_half_empty:
            self._is_paused = False
            self._watch(client)

    async def wait_until_up(self) -> None:
        """Until the broker has accepted our session."""
        await self._up.wait()

    def publish(self, topic: str, payload: bytes, retain: bool) -> asyncio.Future[bool]:
        """Publish with QoS 1; the future tells whether the broker has it (False when the link is lost first)."""
        promise: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        client = self._client
        if client is None or not self._up.is_set():
            promise.set_result(False)
            return promise
        packet_id = client.publish(topic, payload, qos=1, retain=retain).mid
        self._promised[packet_id] = promise
        return promise

    def _on_connect(
        self, client: Client, _userdata: object, _flags: object, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            log.warning("broker refuses session %s: %s", self._broker.client_id, reason)
            self._lost.set()
            return
        # Also on a session that the broker has kept: the filters may be others than last time.
        qos = 0 if self._is_passing else 1
        client.subscribe([(topic_filter, qos) for topic_filter in self._filters])
        self._up.set()

    def _on_subscribe(
        self,
        _client: Client,
        _userdata: object,
        _packet_id: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        """Only now does the broker keep what the field sends; a session that hears nothing is not kept."""
        if any(reason.is_failure for reason in reasons):
            log.warning("broker refuses a subscription of session %s", self._broker.client_id)
            self._lost.set()
            return
        self._counters.connected = True
        log.info("broker session %s is up", self._broker.client_id)

    def _on_message(self, _client: Client, _userdata: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        packet_id = message.mid if message.qos else 0
        if not self._share.is_whole:
            topic, is_of_share = without_share(topic)
            # A will that was kept may be older than what the same gateway has said since, by way of its part.
            if not self._share.has(gateway_of(topic)) or (message.retain and not is_of_share):
                self.acknowledge([packet_id] if packet_id else [])
                return
        self._inbox.put(packet_id, Message(topic, bytes(message.payload), message.retain), is_repeat=message.dup)

    def _on_publish(
        self,
        _client: Client,
        _userdata: object,
        packet_id: int,
        _reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        promise = self._promised.pop(packet_id, None)
        if promise is not None and not promise.done():
            promise.set_result(True)

    def _on_disconnect(
        self,
        _client: Client,
        _userdata: object,
        _flags: object,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        log.warning("broker session %s is lost: %s", self._broker.client_id, reason)
        self._lost.set()

    def _on_wants_write(self, client: Client, _userdata: object, sock: _HasFileno) -> None:
        asyncio.get_running_loop().add_writer(sock, client.loop_write)

    def _on_wrote(self, _client: Client, _userdata: object, sock: _HasFileno) -> None:
        asyncio.get_running_loop().remove_writer(sock)

    def _on_socket_close(self, _client: Client, _userdata: object, sock: _HasFileno) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(sock)
        loop.remove_writer(sock)


def _has_more(sock: object) -> bool:
    """TLS may hold decrypted bytes that no selector will announce."""
    return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
