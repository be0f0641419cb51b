"""A post as a person starts it: the `ondijon` command in a process of its own, looked at from outside only."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import psutil

from ondijon.cli.places import CARD_NAME, PostCard, field_key, read_card, write_card
from ondijon.cli.prepare import gateway_secret
from ondijon.infra.child_process import die_with_parent
from tests.faults.deadline import until

ONDIJON = Path(sys.executable).with_name("ondijon")
ROLES = ("core", "gateway", "web", "simulator")
START_LIMIT_S = 180.0
ORDER_LIMIT_S = 30.0


class Desk:
    """One person at the console's interface."""

    def __init__(self, origin: str, patience_s: float = 15.0) -> None:
        self._client = httpx.Client(base_url=origin, headers={"X-Ondijon": "1", "Origin": origin}, timeout=patience_s)
        self._signed_in_as: dict[str, str] = {}

    def sign_in(self, username: str, password: str) -> None:
        self._signed_in_as = {"username": username, "password": password}
        self.post("/api/session", self._signed_in_as)

    def get(self, path: str) -> Any:
        return self._unlocked("GET", path).raise_for_status().json()

    def try_get(self, path: str) -> Any | None:
        """The answer, or None while there is none."""
        try:
            return self.get(path)
        except httpx.HTTPError:
            return None

    def post(self, path: str, body: object = None) -> Any:
        return self.ask(path, body).raise_for_status().json()

    def ask(self, path: str, body: object = None) -> httpx.Response:
        """Post without judging the status."""
        return self._unlocked("POST", path, body)

    def _unlocked(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Ask; a session that locked itself because nobody touched it is opened again first."""
        answer = self._client.request(method, path, json=body)
        if answer.status_code != httpx.codes.LOCKED:
            return answer
        self._client.post("/api/session", json=self._signed_in_as).raise_for_status()
        return self._client.request(method, path, json=body)

    @property
    def cookie(self) -> str:
        """The session, for other clients of the same person."""
        return "; ".join(f"{name}={value}" for name, value in self._client.cookies.items())

    def close(self) -> None:
        self._client.close()


class RunningPost:
    """`ondijon run` over one home; `stop` and `kill` leave no process behind."""

    def __init__(self, home: Path, environ: Mapping[str, str] | None = None, arguments: Sequence[str] = ()) -> None:
        self.home = home
        self.arguments = tuple(arguments)
        self.host = "127.0.0.1"
        self.port = free_port()
        self.environ = dict(environ or {})
        # What a test puts between the post's own processes: applied to the card before any role reads it.
        self.reroute: Callable[[PostCard], PostCard] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._desks: dict[str, Desk] = {}

    @property
    def origin(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def card(self) -> PostCard:
        return read_card(self.home)

    def start(self) -> float:
        """Run until every role is ready; returns the seconds it took."""
        began = time.monotonic()
        (self.home / CARD_NAME).unlink(missing_ok=True)
        with (self.home / "post.log").open("ab") as log:
            self._process = subprocess.Popen(
                [ONDIJON, "run", "--home", str(self.home), "--port", str(self.port), *self.arguments],
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environ},
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        try:
            if self.reroute is not None:
                until("the card is written", self._has_card, START_LIMIT_S)
                write_card(self.home, self.reroute(self.card))
            until("the post is ready", self._is_whole, START_LIMIT_S)
        except AssertionError:
            raise AssertionError(f"the post did not start:\n{self.log_tail()}") from None
        return time.monotonic() - began

    def _has_card(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError("the post ended")
        return (self.home / CARD_NAME).exists()

    def _is_whole(self) -> bool:
        return self._has_card() and self.is_ready() and self.find_pid("simulator") is not None

    def is_ready(self) -> bool:
        """Whether the post says of itself that it is whole."""
        try:
            return httpx.get(f"{self.origin}/healthz", timeout=2.0).status_code == 200
        except httpx.HTTPError:
            return False

    def log_tail(self) -> str:
        return "\n".join((self.home / "post.log").read_text("utf-8", "replace").splitlines()[-40:])

    @property
    def supervisor(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def find_pid(self, name: str) -> int | None:
        """The process of a role or an engine (postgres, nats), child of the supervisor."""
        return pid_below(self.supervisor, name)

    def kill_one(self, name: str) -> int:
        """kill -9 a role or an engine; returns the pid it had."""
        pid = self.find_pid(name)
        assert pid is not None, f"{name} does not run"
        os.kill(pid, signal.SIGKILL)
        return pid

    def end(self, how: signal.Signals, within_s: float) -> float:
        """Signal the supervisor and wait until it and all below it are gone; returns the seconds it took."""
        family = [self.supervisor, *self.supervisor.children(recursive=True)]
        began = time.monotonic()
        self.supervisor.send_signal(how)
        assert self._process is not None
        self._process.wait(within_s)
        self._close_desks()
        until("no process is left", lambda: not still_alive(family), within_s)
        self._process = None
        return time.monotonic() - began

    def close(self) -> None:
        """End whatever still runs."""
        self._close_desks()
        if self._process is None:
            return
        family = [self.supervisor, *self.supervisor.children(recursive=True)] if self._process.poll() is None else []
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for left in still_alive(family):
            left.kill()

    def _close_desks(self) -> None:
        for desk in self._desks.values():
            desk.close()
        self._desks.clear()

    def desk(self, username: str) -> Desk:
        """A signed-in person; the session is kept while the post runs."""
        if username not in self._desks:
            desk = self._desks[username] = Desk(self.origin)
            desk.sign_in(username, self.password(username))
        return self._desks[username]

    def password(self, username: str) -> str:
        accounts = json.loads((self.home / "demo-accounts.json").read_text("utf-8"))
        found: str = next(one["password"] for one in accounts if one["username"] == username)
        return found

    def order(self, *words: str) -> str:
        """Run another `ondijon` command against this home; returns what it printed."""
        done = subprocess.run(
            [ONDIJON, *words, "--home", str(self.home)],
            capture_output=True,
            check=False,
            text=True,
            timeout=ORDER_LIMIT_S,
            env={**os.environ, **self.environ},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def rows(self, sql: str, *arguments: object) -> Sequence[Mapping[str, Any]]:
        """What stands in the database, asked past the post (in a thread: a browser may hold this one's loop)."""
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(lambda: asyncio.run(_fetch(self.card.database_url, sql, arguments))).result()

    def count(self, sql: str, *arguments: object) -> int:
        """A query's first value."""
        return int(next(iter(self.rows(sql, *arguments)[0].values())))

    @property
    def broker(self) -> tuple[str, int]:
        """Where devices connect."""
        parts = urlsplit(self.card.mqtt_url["gateway"])
        assert parts.hostname is not None and parts.port is not None
        return parts.hostname, parts.port

    @property
    def brokers(self) -> Sequence[tuple[str, int]]:
        """Every broker that a device may try, should one be away."""
        return [self.broker]

    def secret_of(self, gateway: str) -> str:
        """What a gateway of the inventory signs in with."""
        return gateway_secret(field_key(self.home), gateway)


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def pid_below(supervisor: psutil.Process, name: str) -> int | None:
    """The child that is a role or an engine (postgres, nats)."""
    for child in supervisor.children():
        try:
            words = child.cmdline()
        except psutil.Error:
            continue
        if words and _is_called(name, words):
            return int(child.pid)
    return None


def _is_called(name: str, words: Sequence[str]) -> bool:
    if name in ROLES:
        return "--only" in words and words[words.index("--only") + 1] == name
    return Path(words[0]).name == {"postgres": "postgres", "nats": "nats-server"}[name]


def still_alive(family: Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those that have not ended."""
    return [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


async def _fetch(dsn: str, sql: str, arguments: Sequence[object]) -> Sequence[Mapping[str, Any]]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(await connection.fetch(sql, *arguments))
    finally:
        await connection.close()
