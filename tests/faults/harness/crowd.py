"""Everybody at once: devices and consoles that come back in the same second, and consoles that do not read."""

import asyncio
import json
import time
from collections.abc import Sequence

from ondijon.infra.clocks import SystemClock
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.identity import THE_POST
from ondijon.runtime.gateway_credentials import GatewayCredentials
from ondijon.testing.websocket_client import SocketClient, SocketClosed
from tests.faults.deadline import until
from tests.faults.field_gateway import FieldGateway
from tests.faults.running_post import RunningPost

GATHER_WITHIN_S = 60.0
WATCH = json.dumps({"watch": {"types": ["Streetlight"], "twin": None}})


async def let_in(post: RunningPost, names: Sequence[str], secret: str) -> None:
    """Give each of these gateways the same secret."""
    async with await PostgresRows.open(post.card.database_url, connections=1) as rows:
        credentials = GatewayCredentials(rows, SystemClock())
        for name in names:
            await credentials.add(THE_POST, name, secret)


class Crowd:
    """Many gateways that keep their sessions up by themselves."""

    def __init__(self, post: RunningPost, count: int) -> None:
        names, secret = [f"CROWD-{number}" for number in range(count)], "0" * 64
        asyncio.run(let_in(post, names, secret))
        self._gateways = [FieldGateway(post, name, secret, keeps_trying=True) for name in names]

    def connect(self) -> float:
        """All of them at once; returns the seconds until the last one was in."""
        began_s = time.monotonic()
        for gateway in self._gateways:
            gateway.insist()
        return self.await_in() - began_s

    def await_in(self) -> float:
        """Wait until everybody is in; returns when the last one came (time.monotonic())."""
        until("everybody is in", lambda: all(one.is_in for one in self._gateways), GATHER_WITHIN_S)
        return max(gateway.connected_at for gateway in self._gateways)

    def await_out(self) -> None:
        """Wait until everybody has noticed that the line is gone, or has come back already."""
        until("everybody was cut off", lambda: all(one.lost_at for one in self._gateways), GATHER_WITHIN_S)

    def leave(self) -> None:
        for gateway in self._gateways:
            gateway.leave()


async def open_console(post: RunningPost, cookie: str) -> SocketClient:
    """A console that watches every light."""
    headers = {"Cookie": cookie, "Origin": post.origin}
    socket = await SocketClient.open("127.0.0.1", post.port, "/api/live", headers)
    await socket.send_text(WATCH)
    return socket


async def first_frame_s(post: RunningPost, cookie: str) -> float:
    """Open a console again and again until it is let in; returns the seconds until its first frame."""
    began_s = time.monotonic()
    async with asyncio.timeout(GATHER_WITHIN_S):
        while True:
            try:
                socket = await open_console(post, cookie)
                while isinstance(await socket.receive(), str):
                    pass
            except (OSError, SocketClosed, asyncio.IncompleteReadError):
                await asyncio.sleep(0.1)
                continue
            await _leave(socket)
            return time.monotonic() - began_s


async def consoles_come(post: RunningPost, cookies: Sequence[str], each: int) -> list[float]:
    """So many consoles of each session at once: the seconds each waited for its first frame."""
    return list(await asyncio.gather(*(first_frame_s(post, cookie) for cookie in cookies for _ in range(each))))


async def consoles_freeze(post: RunningPost, cookie: str, count: int, for_s: float) -> None:
    """So many consoles that watch and never read, for so long."""
    sockets = [await open_console(post, cookie) for _ in range(count)]
    for socket in sockets:
        socket.freeze()
    await asyncio.sleep(for_s)
    for socket in sockets:
        await _leave(socket)


async def _leave(socket: SocketClient) -> None:
    socket.abort()
    # The transport closes itself in the loop's next turns.
    await asyncio.sleep(0.01)
