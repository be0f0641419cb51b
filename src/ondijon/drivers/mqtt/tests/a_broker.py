"""A real nats-server with an MQTT listener on free ports, and a device that speaks MQTT by hand."""

import asyncio
import socket
from pathlib import Path
from shutil import which
from sysconfig import get_path
from typing import Self

_CONFIG = """
server_name: "test"
listen: "127.0.0.1:{client_port}"
max_pending: 256MB
jetstream {{ store_dir: "{home}/jetstream" }}
mqtt {{ listen: "127.0.0.1:{mqtt_port}", ack_wait: "1s", max_ack_pending: {max_ack_pending} }}
"""
_CONNECT, _CONNACK, _PUBLISH, _PUBACK, _SUBSCRIBE, _SUBACK, _DISCONNECT = 1, 2, 3, 4, 8, 9, 14
WAIT_S = 20.0


class LocalBroker:
    """Starts, kills and restarts one nats-server in a folder of its own."""

    def __init__(self, home: Path, max_ack_pending: int = 1000) -> None:
        self.mqtt_port, client_port = _free_ports()
        self._config = home / "nats.conf"
        self._config.write_text(
            _CONFIG.format(
                home=home, client_port=client_port, mqtt_port=self.mqtt_port, max_ack_pending=max_ack_pending
            )
        )
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        binary = which("nats-server", path=get_path("scripts")) or "nats-server"
        self._process = await asyncio.create_subprocess_exec(
            binary,
            "-c",
            str(self._config),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert self._process.stderr is not None
        async with asyncio.timeout(WAIT_S):
            while b"Server is ready" not in await self._process.stderr.readline():
                pass
        self._drained = asyncio.create_task(self._process.stderr.read())

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._process.wait()
        await self._drained


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


class HandMadeDevice:
    """Just enough MQTT 3.1.1 to be a gateway; every wait ends after WAIT_S."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._received: list[tuple[str, bytes]] = []
        self._last_id = 0

    @classmethod
    async def connect(cls, port: int, client_id: str) -> Self:
        """A persistent session; what it missed comes by `receive`."""
        device = cls(*await asyncio.open_connection("127.0.0.1", port))
        content = _field(b"MQTT") + b"\x04\x00\x00\x00" + _field(client_id.encode())
        await device._send(_CONNECT << 4, content)
        await device._expect(_CONNACK)
        return device

    async def subscribe(self, topic_filter: str) -> None:
        content = self._next_id() + _field(topic_filter.encode()) + b"\x01"
        await self._send(_SUBSCRIBE << 4 | 2, content)
        await self._expect(_SUBACK)

    async def publish(self, topic: str, payload: bytes) -> None:
        """Returns when the broker has it."""
        await self._send(_PUBLISH << 4 | 2, _field(topic.encode()) + self._next_id() + payload)
        await self._expect(_PUBACK)

    async def receive(self) -> tuple[str, bytes]:
        """The next message that came, acknowledged."""
        async with asyncio.timeout(WAIT_S):
            while not self._received:
                await self._take_packet()
        return self._received.pop(0)

    async def close(self) -> None:
        await self._send(_DISCONNECT << 4, b"")
        self._writer.close()
        await self._writer.wait_closed()

    def _next_id(self) -> bytes:
        self._last_id += 1
        return self._last_id.to_bytes(2, "big")

    async def _send(self, head: int, content: bytes) -> None:
        size, length = len(content), bytearray()
        while True:
            size, low = divmod(size, 128)
            length.append(low | (128 if size else 0))
            if not size:
                break
        self._writer.write(bytes((head,)) + bytes(length) + content)
        await self._writer.drain()

    async def _expect(self, kind: int) -> None:
        async with asyncio.timeout(WAIT_S):
            while await self._take_packet() != kind:
                pass

    async def _take_packet(self) -> int:
        head = (await self._reader.readexactly(1))[0]
        size, shift = 0, 0
        while True:
            byte = (await self._reader.readexactly(1))[0]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        content = await self._reader.readexactly(size)
        if head >> 4 == _PUBLISH:
            end = 2 + int.from_bytes(content[:2], "big")
            has_id = head & 0x06 != 0
            self._received.append((content[2:end].decode(), content[end + 2 * has_id :]))
            if has_id:
                await self._send(_PUBACK << 4, content[end : end + 2])
        return head >> 4


def _field(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content
