"""Migrations go forward only: numbered SQL files per source, each applied once in its own transaction."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import Refused

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_ADVISORY_LOCK = 0x6F6E_6469_6A6F_6E
_KERNEL = ("kernel", "infra/postgres/migrations")
_PARTS = ("control_room", "domains", "apps")

_MEMORY = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    source text NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    sha256 bytea NOT NULL,
    applied_at timestamptz NOT NULL,
    PRIMARY KEY (source, number)
)
"""


@dataclass(frozen=True)
class Source:
    """One folder of migrations; its name is what the database remembers."""

    name: str
    folder: Path


@dataclass(frozen=True)
class Migration:
    """One file, read."""

    source: str
    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.sql.encode()).digest()


def find_sources(package: Path) -> list[Source]:
    """Every migrations folder below the package: the kernel's, then control_room, domains and apps."""
    name, folder = _KERNEL
    sources = [Source(name, package / folder)]
    for part in _PARTS:
        for found in sorted((package / part).glob("*/migrations")):
            sources.append(Source(f"{part}.{found.parent.name}", found))
    return sources


def read_source(source: Source) -> list[Migration]:
    """The files of a source in order; raises Refused on a bad name, a number used twice or left out."""
    migrations: list[Migration] = []
    for path in sorted(source.folder.glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise Refused("error.migration_bad_name", source=source.name, file=path.name)
        expected = len(migrations) + 1
        if int(match[1]) != expected:
            raise Refused("error.migration_bad_number", source=source.name, file=path.name, expected=expected)
        migrations.append(Migration(source.name, expected, path.stem, path.read_text("utf-8")))
    return migrations


async def migrate(dsn: str, sources: Iterable[Source], clock: Clock) -> Sequence[str]:
    """Bring the database to the files' state; returns what was applied, as `source/name`.

    Several processes may call it at once: one works, the others wait and find nothing to do. Raises Refused
    when an applied file was changed or is missing.
    """
    wanted = [read_source(source) for source in sources]
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _ADVISORY_LOCK)
        await connection.execute(_MEMORY)
        applied: list[str] = []
        for migrations in wanted:
            for migration in await _outstanding(connection, migrations):
                await _apply(connection, migration, clock)
                applied.append(f"{migration.source}/{migration.name}")
        return applied
    finally:
        # Closing the session frees the lock.
        await connection.close()


async def _outstanding(connection: asyncpg.Connection, migrations: Sequence[Migration]) -> Sequence[Migration]:
    if not migrations:
        return ()
    source = migrations[0].source
    rows = await connection.fetch(
        "SELECT number, name, sha256 FROM schema_migrations WHERE source = $1 ORDER BY number", source
    )
    for position, row in enumerate(rows):
        if position >= len(migrations):
            raise Refused("error.migration_missing", source=source, name=row["name"])
        migration = migrations[position]
        if (migration.name, migration.sha256) != (row["name"], row["sha256"]):
            raise Refused("error.migration_altered", source=source, name=migration.name, applied=row["name"])
    return migrations[len(rows) :]


async def _apply(connection: asyncpg.Connection, migration: Migration, clock: Clock) -> None:
    try:
        async with connection.transaction():
            await connection.execute(migration.sql)
            await connection.execute(
                "INSERT INTO schema_migrations (source, number, name, sha256, applied_at) VALUES ($1, $2, $3, $4, $5)",
                migration.source,
                migration.number,
                migration.name,
                migration.sha256,
                clock.now(),
            )
    except asyncpg.PostgresError as error:
        raise Refused(
            "error.migration_failed", source=migration.source, name=migration.name, detail=str(error)
        ) from error
