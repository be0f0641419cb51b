"""A real, empty database for a test, in memory where the machine can."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import ondijon
from ondijon.infra.postgres.migrate import find_sources, migrate
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.post_role import grant_post
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.clock import Clock


@contextmanager
def database_home() -> Iterator[Path]:
    """A folder that the server's own system user may enter; make one for many tests."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="ondijon-test-", dir=memory if memory.is_dir() else None))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@asynccontextmanager
async def fresh_rows(home: Path, clock: Clock, *, as_owner: bool = False) -> AsyncIterator[PostgresRows]:
    """The Rows port over migrated, empty tables, signed in as the post is; as their owner to make or break tables."""
    async with EmbeddedPostgres(home) as server:
        async with await PostgresRows.open(server.dsn) as former:
            await former.execute("DROP SCHEMA public CASCADE")
            await former.execute("CREATE SCHEMA public")
        await migrate(server.dsn, find_sources(Path(ondijon.__file__).parent), clock)
        await grant_post(server.dsn, server.post_dsn)
        async with await PostgresRows.open(server.dsn if as_owner else server.post_dsn) as rows:
            yield rows
