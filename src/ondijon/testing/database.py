"""A real, empty database for a test, in memory where the machine can."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

import asyncpg

import ondijon
from ondijon.infra.clocks import SystemClock
from ondijon.infra.postgres.migrate import find_sources, migrate
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.post_role import grant_post
from ondijon.infra.postgres.server import OWNER, POST, EmbeddedPostgres

_MIGRATED = "ondijon"
_NUMBERS = count(1)
_servers: dict[Path, "_Server"] = {}


class _Server:
    """One server for many tests, each with a loop of its own: it lives in a thread beside them."""

    def __init__(self, home: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.postgres = EmbeddedPostgres(home, database=_MIGRATED)
        self._run(self._start())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _start(self) -> None:
        """What is migrated once is copied for each test; nobody else connects to it."""
        await self.postgres.start()
        await migrate(self.postgres.dsn, find_sources(Path(ondijon.__file__).parent), SystemClock())
        await grant_post(self.postgres.dsn, self.postgres.post_dsn)

    def close(self) -> None:
        self._run(self.postgres.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@contextmanager
def database_home() -> Iterator[Path]:
    """A folder that the server's own system user may enter; make one for many tests."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="ondijon-test-", dir=memory if memory.is_dir() else None))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        if (server := _servers.pop(folder, None)) is not None:
            server.close()
        shutil.rmtree(folder)


@asynccontextmanager
async def fresh_rows(home: Path, *, as_owner: bool = False) -> AsyncIterator[PostgresRows]:
    """The Rows port over migrated, empty tables, signed in as the post is; as their owner to make or break tables."""
    if home not in _servers:
        _servers[home] = await asyncio.to_thread(_Server, home)
    postgres, name = _servers[home].postgres, f"test_{next(_NUMBERS)}"
    await _tell(postgres, f'CREATE DATABASE "{name}" OWNER "{OWNER}" TEMPLATE "{_MIGRATED}"')
    try:
        async with await PostgresRows.open(postgres.dsn_for(OWNER if as_owner else POST, name)) as rows:
            yield rows
    finally:
        await _tell(postgres, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _tell(postgres: EmbeddedPostgres, sql: str) -> None:
    connection = await asyncpg.connect(postgres.superuser_dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
