"""A PostgreSQL server of our own: a direct child on a unix socket, with data checksums."""

import asyncio
import logging
import shutil
import signal
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import asyncpg

from ondijon.infra.child_process import ChildProcess
from ondijon.infra.home_lock import HomeLock
from ondijon.infra.postgres.born import check_whole, note_birth, read_birth
from ondijon.infra.postgres.listening import Listening
from ondijon.infra.postgres.orphan import end_orphan
from ondijon.infra.postgres.place import STATE_ROOT, Place, prepare_place
from ondijon.infra.postgres.settings import command_line
from ondijon.kernel.errors import Refused

_LOG = logging.getLogger(__name__)

SUPERUSER = "postgres"
OWNER = "ondijon"
POST = "ondijon_post"
_READY = "database system is ready to accept connections"
_READY_TO_READ = "database system is ready to accept read-only connections"
# What a killed server's last children may still hold for a moment.
_RETRY_MARKS = ("shared memory", "lock file", "could not bind")
_RETRY_S = 0.1
_LEVELS = {
    "WARNING": logging.WARNING,
    "ERROR": logging.WARNING,
    "FATAL": logging.ERROR,
    "PANIC": logging.ERROR,
}
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/bin:/bin"}


class EmbeddedPostgres:
    """One server below `home`; a child of the supervisor (name, start, stop, wait_exit, ready).

    `dsn` signs in as the owner of the database, who may create roles but is no superuser.
    """

    name = "postgres"

    def __init__(
        self,
        home: Path,
        *,
        database: str = "ondijon",
        settings: Mapping[str, str] | None = None,
        state_root: Path = STATE_ROOT,
        start_limit_s: float = 60.0,
        is_restoring: bool = False,
        is_standby: bool = False,
        listening: Listening | None = None,
    ) -> None:
        self._listening = listening
        self._home = home
        self._start_limit_s = start_limit_s
        # What a restore or another server laid out here is all there is to be.
        self._takes_as_is = is_restoring or is_standby
        self._ready_mark = _READY_TO_READ if is_standby else _READY
        self._database = database
        self._settings = dict(settings or {})
        self._state_root = state_root
        self._place: Place | None = None
        self._lock: HomeLock | None = None
        self._child: ChildProcess | None = None
        self._ready = asyncio.Event()
        self._last_lines: deque[str] = deque(maxlen=12)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child is not None and self._child.is_running else None

    @property
    def dsn(self) -> str:
        return self.dsn_for(OWNER)

    @property
    def post_dsn(self) -> str:
        """The address for the post's roles, which own nothing (post_role.py gives them their rights)."""
        return self.dsn_for(POST)

    @property
    def superuser_dsn(self) -> str:
        """The address for what neither the post nor its owner may do."""
        return self.dsn_for(SUPERUSER, "postgres")

    def dsn_for(self, role: str, database: str | None = None) -> str:
        """The address for another role; only processes that may enter the 0700 socket folder can use it."""
        host = quote(str(self._prepared().socket_dir), safe="")
        return f"postgresql://{role}@/{database or self._database}?host={host}"

    async def start(self) -> None:
        """Return once the server takes connections and the database exists; raises Refused when it cannot."""
        place = self._prepared()
        lock = self._lock or HomeLock(place.data_dir.parent.parent / f".{place.data_dir.parent.name}.lock")
        lock.acquire()
        self._lock = lock
        try:
            if await end_orphan(place.data_dir):
                _LOG.warning("ended a server that a former post left running in %s", place.data_dir)
            if self._takes_as_is:
                await self._launch(place)
                return
            check_whole(self._home, place.data_dir)
            if self.is_new:
                await self._initialise(place)
            await self._launch(place)
            await self._ensure_database()
        except BaseException:
            await self.stop()
            raise

    async def stop(self, grace_s: float = 3.0) -> None:
        """End cleanly within `grace_s`, else by an immediate shutdown (recovered at the next start)."""
        if self._child is not None:
            # SIGTERM would wait for every client to leave.
            await self._child.stop((signal.SIGINT, grace_s), (signal.SIGQUIT, 0.5))
        self._child = None
        self._ready.clear()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    async def restart(self) -> None:
        """Stop and start; pools reconnect by themselves."""
        await self.stop()
        await self.start()

    async def wait_exit(self) -> int:
        """Wait for the server's end; returns its exit code."""
        if self._child is None:
            return 0
        code = await self._child.wait_exit()
        self._ready.clear()
        return code

    async def ready(self) -> None:
        """Wait until the server takes connections."""
        await self._ready.wait()

    @property
    def is_new(self) -> bool:
        """Whether there is no database here so far."""
        return not (self.place.data_dir / "PG_VERSION").exists()

    @property
    def place(self) -> Place:
        """Its folders and its user, made where they are missing."""
        return self._prepared()

    def _prepared(self) -> Place:
        if self._place is None:
            self._place = prepare_place(self._home, self._state_root)
        return self._place

    def _take_line(self, line: str) -> None:
        self._last_lines.append(line)
        _LOG.log(_LEVELS.get(line.partition(":")[0], logging.DEBUG), "postgres: %s", line)
        if line.endswith(self._ready_mark):
            self._ready.set()

    async def _spawn(self, place: Place, program: str, argv: list[str]) -> ChildProcess:
        return await ChildProcess.spawn(
            [str(place.bin_dir / program), *argv],
            on_line=self._take_line,
            # A fast shutdown: no client can be served once the post is gone.
            death_signal=signal.SIGINT,
            environ=_ENVIRONMENT,
            account=place.account,
            cwd=place.data_dir.parent,
        )

    async def _initialise(self, place: Place) -> None:
        """Fill a folder beside the final one, so that a killed initdb never looks like a database."""
        fresh = place.data_dir.with_name("data.new")
        shutil.rmtree(fresh, ignore_errors=True)
        argv = ["-D", str(fresh), "-U", SUPERUSER, "--data-checksums", "--encoding=UTF8", "--locale=C"]
        # PostgreSQL's own UTF-8 rules: the order of text never changes under us with the C library.
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
        argv += ["--auth-local=trust", "--auth-host=reject"]
        child = await self._spawn(place, "initdb", argv)
        if await child.wait_exit() != 0:
            raise Refused("error.postgres_cannot_initialise", detail=self._last_words())
        fresh.rename(place.data_dir)

    async def _launch(self, place: Place) -> None:
        settings = self._settings
        if (listening := self._listening) is not None:
            folder = place.data_dir.parent
            listening.write_rules(folder, place.account, self._database, POST)
            settings = {**listening.settings(folder), **settings}
        argv = command_line(place.data_dir, place.socket_dir, settings)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._start_limit_s
        while True:
            self._ready.clear()
            self._last_lines.clear()
            self._child = await self._spawn(place, "postgres", argv)
            if await self._ready_before_exit(self._child, deadline - loop.time()):
                return
            words = self._last_words()
            if loop.time() > deadline or not any(mark in words for mark in _RETRY_MARKS):
                raise Refused("error.postgres_cannot_start", detail=words)
            await asyncio.sleep(_RETRY_S)

    async def _ready_before_exit(self, child: ChildProcess, limit_s: float) -> bool:
        ready = asyncio.create_task(self._ready.wait())
        ended = asyncio.create_task(child.wait_exit())
        await asyncio.wait({ready, ended}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        ended.cancel()
        return self._ready.is_set() and child.is_running

    async def _ensure_database(self) -> None:
        try:
            connection = await asyncpg.connect(self.superuser_dsn)
        except asyncpg.PostgresError as error:
            raise Refused("error.home_damaged", folder=str(self._home), what=str(error)) from error
        try:
            if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", OWNER):
                await connection.execute(f'CREATE ROLE "{OWNER}" LOGIN CREATEROLE')
            if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", POST):
                await connection.execute(f'CREATE ROLE "{POST}" LOGIN')
            if self._listening is not None:
                # The password is hexadecimal, and a statement of this kind takes no parameters.
                await connection.execute(f"ALTER ROLE \"{POST}\" PASSWORD '{self._listening.password}'")
            known = "SELECT true FROM pg_database WHERE datname = $1"
            if not await connection.fetchval(known, self._database):
                if (birth := read_birth(self._home)) is not None and birth.database == self._database:
                    raise Refused("error.home_damaged", folder=str(self._home), what=self._database)
                await connection.execute(f'CREATE DATABASE "{self._database}" OWNER "{OWNER}"')
            note_birth(self._home, self._database)
        finally:
            await connection.close()

    def _last_words(self) -> str:
        return " / ".join(self._last_lines)
