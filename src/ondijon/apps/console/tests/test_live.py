"""The real server: sockets, their rights, and how it stops."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from ondijon.apps.console.tests.conftest import Desk
from ondijon.kernel.commands import Selection
from ondijon.kernel.frames import SUBJECT, encode_batch
from ondijon.testing.builders import batch, lamp
from ondijon.testing.websocket_client import SocketClient, SocketClosed
from ondijon.web.frames import decode_frame
from ondijon.web.server import serve
from ondijon.web.sessions import COOKIE

pytestmark = pytest.mark.engines

WATCH_LAMPS = json.dumps({"watch": {"types": ["Lamp", "Pump"], "twin": lamp(0, 0)}})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def served(desk: Desk) -> AsyncIterator[int]:
    """The application on a port of loopback, until the block ends."""
    port = free_port()
    serving = asyncio.create_task(serve(desk.app, "127.0.0.1", port))
    async with asyncio.timeout(10):
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            await asyncio.sleep(0.01)
    try:
        yield port
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def open_socket(desk: Desk, port: int, who: str, origin: str | None = None) -> SocketClient:
    headers = {
        "Cookie": f"{COOKIE}={await desk.cookie(who)}",
        "Origin": origin or f"http://127.0.0.1:{port}",
    }
    return await SocketClient.open("127.0.0.1", port, "/api/live", headers)


async def next_text(client: SocketClient, kind: str) -> dict[str, object]:
    """The next message of a kind; others and frames are passed over."""
    async with asyncio.timeout(10):
        while True:
            item = await client.receive()
            if isinstance(item, str):
                found: dict[str, object] = json.loads(item)
                if found["kind"] == kind:
                    return found


async def next_frames(client: SocketClient, count: int) -> list[list[int]]:
    """The rows of the next frames."""
    rows: list[list[int]] = []
    async with asyncio.timeout(10):
        while len(rows) < count:
            item = await client.receive()
            if isinstance(item, bytes):
                rows.append(decode_frame(item)[1].row.tolist())
    return rows


async def test_a_socket_brings_frames_news_and_the_twin_within_the_person_s_rights(desk: Desk) -> None:
    async with served(desk) as port:
        chief, local = await open_socket(desk, port, "chief"), await open_socket(desk, port, "local")
        for client, full in ((chief, [12, 12, 12, 3]), (local, [4, 4, 4])):
            assert (await next_text(client, "hello"))["frame_ms"] == 150
            await client.send_text(WATCH_LAMPS)
            assert [len(rows) for rows in await next_frames(client, len(full))] == full
            assert "state" in str(await next_text(client, "twin"))
        here_and_there = batch(desk.city, "Lamp", "level_pct", {0: 60.0, 4: 61.0}, desk.clock.now_us())
        await desk.bus.publish(SUBJECT, encode_batch(here_and_there))
        assert await next_frames(chief, 1) == [[0, 4]]
        assert await next_frames(local, 1) == [[0]]
        command = await desk.dim("chief", Selection("twins", (lamp(0, 0), lamp(1, 0))))
        for client, targets in ((chief, 2), (local, 1)):
            told = (await next_text(client, "command"))["command"]
            assert isinstance(told, dict)
            assert (told["id"], told["counts"]["requested"]) == (str(command.id), targets)
        await chief.close()
        await local.close()


async def test_a_socket_opens_only_for_our_own_screens_and_people(desk: Desk) -> None:
    async with served(desk) as port:
        person = {"Cookie": f"{COOKIE}={await desk.cookie('chief')}"}
        ours = {"Origin": f"http://127.0.0.1:{port}"}
        for headers in (ours, person, {**person, "Origin": "http://elsewhere.test"}):
            with pytest.raises(SocketClosed):
                await SocketClient.open("127.0.0.1", port, "/api/live", headers)
        await (await SocketClient.open("127.0.0.1", port, "/api/live", {**person, **ours})).close()


async def test_signing_out_everywhere_closes_the_sockets_at_once(desk: Desk) -> None:
    async with served(desk) as port:
        client = await open_socket(desk, port, "local")
        await next_text(client, "hello")
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as browser:
            headers = {
                "Origin": f"http://127.0.0.1:{port}",
                "X-Ondijon": "1",
                "Cookie": f"{COOKIE}={await desk.cookie('local')}",
            }
            answer = await browser.delete("/api/sessions", headers=headers)
        assert answer.status_code == 204
        assert await next_text(client, "signed_out") == {"kind": "signed_out"}
        with pytest.raises(SocketClosed) as closed:
            await client.receive()
        assert closed.value.code == 4001


NONSENSE = ("nonsense", '{"watch": 1}', json.dumps({"watch": {"types": ["x" * 20_000]}}))


async def test_a_client_that_speaks_nonsense_is_sent_away(desk: Desk) -> None:
    async with served(desk) as port:
        for text in NONSENSE:
            client = await open_socket(desk, port, "chief")
            await client.send_text(text)
            with pytest.raises(SocketClosed) as closed:
                await next_text(client, "never")
            assert closed.value.code == 1008


async def test_a_session_opens_no_more_than_sixteen_sockets(desk: Desk) -> None:
    async with served(desk) as port:
        clients = [await open_socket(desk, port, "chief") for _ in range(16)]
        for client in clients:
            await next_text(client, "hello")
        with pytest.raises(SocketClosed):
            await open_socket(desk, port, "chief")
        for client in clients:
            await client.close()


async def test_a_stop_tells_the_sockets_frees_the_port_and_leaves_no_task(desk: Desk) -> None:
    before = asyncio.all_tasks()
    async with served(desk) as port:
        clients = [await open_socket(desk, port, who) for who in ("chief", "local", "observer")]
        for client in clients:
            await next_text(client, "hello")
        clients.pop().abort()
        reading = [asyncio.create_task(next_text(client, "never")) for client in clients]
        started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 3
    codes = await asyncio.gather(*reading, return_exceptions=True)
    assert [getattr(code, "code", code) for code in codes] == [1001, 1001]
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)
    assert {task.get_coro() for task in asyncio.all_tasks() - before if not task.done()} == set()


async def test_health_is_told_by_the_heartbeats(desk: Desk) -> None:
    async with served(desk) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as browser:
        silent = await browser.get("/healthz")
        assert (silent.status_code, silent.json()["roles"]["gateway"]) == (503, {"state": "silent", "age_s": None})
        await desk.bus.publish(
            "ondijon.role.gateway",
            b'{"role": "gateway", "state": "ready", "pid": 1, "at": "2026-11-21T20:00:00Z", "detail": {}}',
        )
        ready = await browser.get("/healthz")
        assert (ready.status_code, ready.json()["status"]) == (200, "ready")
