"""A PostgreSQL server that somebody else runs, named by ONDIJON_DATABASE_URL and checked before use."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import asyncpg

from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.errors import Refused

DATABASE_URL = "ONDIJON_DATABASE_URL"
OWNER_DATABASE_URL = "ONDIJON_OWNER_DATABASE_URL"
OLDEST_VERSION = 15
_RETRY_S = 0.5


class ExternalPostgres:
    """The same face as EmbeddedPostgres; it starts and stops nothing."""

    name = "postgres"
    pid: int | None = None

    def __init__(self, dsn: str, owner_dsn: str = "") -> None:
        self.dsn = owner_dsn or dsn
        self.post_dsn = dsn
        self._ready = asyncio.Event()
        self._stopped = asyncio.Event()

    async def start(self, limit_s: float = 30.0) -> None:
        """Wait up to `limit_s` for the server, then check it; raises Refused when it will not do."""
        self._stopped.clear()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + limit_s
        while True:
            try:
                await check_server(self.dsn)
            except (OSError, asyncpg.CannotConnectNowError, TimeoutError) as error:
                if loop.time() > deadline:
                    raise Refused("error.postgres_unreachable", detail=str(error)) from error
                await asyncio.sleep(_RETRY_S)
            else:
                self._ready.set()
                return

    async def stop(self, grace_s: float = 3.0) -> None:
        """Let go of it; the server itself goes on."""
        self._ready.clear()
        self._stopped.set()

    async def wait_exit(self) -> int:
        """Wait for `stop`: an outside server's end shows as lost connections, which the pool mends."""
        await self._stopped.wait()
        return 0

    async def ready(self) -> None:
        """Wait until the server passed its check."""
        await self._ready.wait()


async def check_server(dsn: str) -> None:
    """Raise Refused when the server is too old, not UTF-8, unsafe, or gives us no right to make tables."""
    try:
        connection = await asyncpg.connect(dsn, timeout=10)
    except ValueError as error:
        raise Refused("error.postgres_bad_url", detail=str(error)) from error
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise Refused("error.postgres_sign_in", detail=str(error)) from error
    try:
        await _check(connection)
    finally:
        await connection.close()


async def _check(connection: asyncpg.Connection) -> None:
    version = connection.get_server_version()
    if version.major < OLDEST_VERSION:
        raise Refused("error.postgres_too_old", found=version.major, wanted=OLDEST_VERSION)
    row = await connection.fetchrow(
        "SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync,"
        " current_setting('full_page_writes') AS full_page_writes,"
        " current_setting('synchronous_commit') AS synchronous_commit,"
        " has_schema_privilege(current_schema(), 'CREATE') AS may_create"
    )
    if row["encoding"] != "UTF8":
        raise Refused("error.postgres_not_utf8", found=row["encoding"])
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        if row[setting] == "off":
            raise Refused("error.postgres_would_lose_writes", setting=setting)
    if not row["may_create"]:
        raise Refused("error.postgres_may_not_create")


def postgres_from(home: Path, environ: Mapping[str, str]) -> EmbeddedPostgres | ExternalPostgres:
    """The server to use: the one that ONDIJON_DATABASE_URL names, else our own below `home`.

    ONDIJON_OWNER_DATABASE_URL signs in as the owner of the tables; without it the post owns them itself and the
    audit log is not append-only for it.
    """
    url = environ.get(DATABASE_URL, "")
    return ExternalPostgres(url, environ.get(OWNER_DATABASE_URL, "")) if url else EmbeddedPostgres(home)
