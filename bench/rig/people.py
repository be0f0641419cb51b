"""People at the console: signed in over HTTP, hearing the live socket, asking for commands."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from ondijon.cli.places import DemoPassword
from ondijon.testing.websocket_client import SocketClient, SocketClosed
from ondijon.web.sessions import COOKIE

ANSWER_WITHIN_S = 60.0


class Heard:
    """The live `command` messages of one command, each with the moment it came; waits for a count."""

    def __init__(self) -> None:
        self.news: list[tuple[float, str, dict[str, int]]] = []
        self._came = asyncio.Event()

    def take(self, state: str, counts: dict[str, int]) -> None:
        """Note one message."""
        self.news.append((time.perf_counter(), state, counts))
        self._came.set()

    def first(self, is_met: Callable[[dict[str, int]], bool]) -> float | None:
        """When the counts first met a condition."""
        return next((at for at, _, counts in self.news if is_met(counts)), None)

    async def wait(self, is_met: Callable[[dict[str, int]], bool], limit_s: float) -> float:
        """The same, waiting for it; raises TimeoutError."""
        async with asyncio.timeout(limit_s):
            while (found := self.first(is_met)) is None:
                self._came.clear()
                await self._came.wait()
        return found


class Desk:
    """One signed-in person: HTTP, and one live socket that hears of commands."""

    def __init__(self, client: httpx.AsyncClient, socket: SocketClient) -> None:
        self._client = client
        self._socket = socket
        self._heard: dict[str, Heard] = {}

    def about(self, command_id: str) -> Heard:
        """What the live socket said and will say of a command."""
        return self._heard.setdefault(command_id, Heard())

    async def listen(self) -> None:
        """Take the live messages until the socket closes."""
        try:
            while True:
                message = await self._socket.receive()
                if isinstance(message, str) and message.startswith('{"kind":"command"'):
                    command = msgspec.json.decode(message)["command"]
                    self.about(command["id"]).take(command["state"], command["counts"])
        except SocketClosed:
            return

    async def ask(self, targets: dict[str, Any], level_pct: float, reason: str) -> dict[str, Any]:
        """Ask to dim; returns the command as the post recorded it."""
        body = {
            "key": "lighting.dim_streetlights",
            "targets": targets,
            "payload": {"level_pct": level_pct},
            "reason": reason,
            "expires_s": 120,
            "idempotency_key": str(uuid4()),
            "precondition": None,
        }
        return await self.post("/api/commands", body)

    async def approve(self, command_id: str) -> dict[str, Any]:
        """Be the second person."""
        return await self.post(f"/api/commands/{command_id}/approve", None)

    async def post(self, path: str, body: Any) -> dict[str, Any]:
        """POST; raises SystemExit with the post's words when it refuses."""
        answer = await self._client.post(path, json=body)
        if answer.is_error:
            raise SystemExit(f"{path}: {answer.status_code} {answer.text}")
        content: dict[str, Any] = answer.json()
        return content

    async def get(self, path: str) -> Any:
        """GET JSON; raises httpx.HTTPStatusError."""
        return (await self._client.get(path)).raise_for_status().json()


async def sign_in(url: str, username: str, password: str) -> httpx.AsyncClient:
    """A client that carries the session; raises httpx.HTTPStatusError."""
    client = httpx.AsyncClient(base_url=url, headers={"X-Ondijon": "1", "Origin": url}, timeout=ANSWER_WITHIN_S)
    answer = await client.post("/api/session", json={"username": username, "password": password})
    answer.raise_for_status()
    return client


def session_of(client: httpx.AsyncClient) -> str:
    """The session's token."""
    return client.cookies[COOKIE]


async def open_live(url: str, session: str) -> SocketClient:
    """The live socket of a session."""
    parts = httpx.URL(url)
    headers = {"Origin": url, "Cookie": f"{COOKIE}={session}"}
    return await SocketClient.open(parts.host, parts.port or 80, "/api/live", headers)


def demo_password(home: Path, username: str) -> str:
    """What the first start made for an account of the demonstration."""
    accounts = msgspec.json.decode((home / "demo-accounts.json").read_bytes(), type=list[DemoPassword])
    return next(one.password for one in accounts if one.username == username)


@asynccontextmanager
async def sit_down(url: str, home: Path, username: str) -> AsyncIterator[Desk]:
    """A demonstration account at its desk, listening."""
    client = await sign_in(url, username, demo_password(home, username))
    socket = await open_live(url, session_of(client))
    desk = Desk(client, socket)
    listening = asyncio.create_task(desk.listen())
    try:
        yield desk
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        socket.abort()
        await client.aclose()
