"""A WebSocket client (RFC 6455) small enough to read, for tests and benches that talk to a real server."""

import asyncio
import base64
import os
import struct
from collections.abc import Mapping
from typing import Self, cast

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class SocketClosed(Exception):
    """The server closed, or refused to open: `code` is the close code or the HTTP status."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class SocketClient:
    """One connection; `receive` gives str for text and bytes for binary, answers pings, raises SocketClosed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, host: str, port: int, path: str, headers: Mapping[str, str]) -> Self:
        reader, writer = await asyncio.open_connection(host, port, limit=4 << 20)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: {host}:{port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status != 101:
            writer.close()
            raise SocketClosed(status)
        return cls(reader, writer)

    async def send_text(self, text: str) -> None:
        await self._send(TEXT, text.encode())

    async def receive(self) -> str | bytes:
        """The next whole message."""
        parts: list[bytes] = []
        kind = 0
        while True:
            last, opcode, payload = await self._read_frame()
            if opcode == CLOSE:
                await self._send(CLOSE, payload[:2])
                self._writer.close()
                raise SocketClosed(struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005)
            if opcode == PING:
                await self._send(PONG, payload)
            if opcode in (PING, PONG):
                continue
            kind = kind or opcode
            parts.append(payload)
            if last:
                whole = b"".join(parts)
                return whole.decode() if kind == TEXT else whole

    async def close(self) -> None:
        """Say goodbye and leave without waiting for the answer."""
        if not self._writer.is_closing():
            await self._send(CLOSE, struct.pack(">H", 1000))
            self._writer.close()

    def freeze(self) -> None:
        """Read no more, as a console whose machine hangs: what comes stays in the network."""
        cast("asyncio.Transport", self._writer.transport).pause_reading()

    def abort(self) -> None:
        """Cut the connection as a failing network would."""
        self._writer.transport.abort()

    async def _read_frame(self) -> tuple[bool, int, bytes]:
        try:
            first, second = await self._reader.readexactly(2)
            length = second & 0x7F
            if length == 126:
                (length,) = struct.unpack(">H", await self._reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", await self._reader.readexactly(8))
            return bool(first & 0x80), first & 0x0F, await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise SocketClosed(1006) from error

    async def _send(self, opcode: int, payload: bytes) -> None:
        length = len(payload)
        if length < 126:
            head = struct.pack(">BB", 0x80 | opcode, 0x80 | length)
        else:
            head = struct.pack(">BBH", 0x80 | opcode, 0x80 | 126, length)
        mask = os.urandom(4)
        body = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self._writer.write(head + mask + body)
        await self._writer.drain()
