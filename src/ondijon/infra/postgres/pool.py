"""The Rows port over asyncpg: a pool that mends itself when the server comes back."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any, Self, cast

import asyncpg
import msgspec

from ondijon.infra.postgres.telemetry import ReadingHistory
from ondijon.kernel.arrays import Bytes8, Floats, Ints16, Ints32, Ints64
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ports import Row, Transaction

_ABSENT = (
    OSError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
)
_LOST = (OSError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError)
_RETRY_S = 0.1


class DatabaseLost(EngineAway, ConnectionError):
    """The server went away; a transaction whose commit was under way may or may not have happened."""


class DatabaseFull(DatabaseLost):
    """The server has no room to write: like one that is away, it is asked again until there is."""


class PostgresTransaction:
    """The Transaction port on one connection."""

    def __init__(self, connection: asyncpg.Connection, history: ReadingHistory) -> None:
        self.connection = connection
        self._history = history

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        return cast("Sequence[Row]", await self.connection.fetch(sql, *arguments))

    async def fetch_one(self, sql: str, *arguments: object) -> Row | None:
        return cast("Row | None", await self.connection.fetchrow(sql, *arguments))

    async def execute(self, sql: str, *arguments: object) -> str:
        return cast("str", await self.connection.execute(sql, *arguments))

    async def copy_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        await self.connection.copy_records_to_table(table, records=rows, columns=columns)

    async def copy_readings(
        self,
        twin_no: Ints32,
        property_no: Ints16,
        observed_us: Ints64,
        received_us: Ints64,
        value: Floats,
        quality: Bytes8,
    ) -> None:
        await self._history.copy_readings(
            self.connection, twin_no, property_no, observed_us, received_us, value, quality
        )


class PostgresRows:
    """The Rows port.

    While the server is away, callers wait up to `patience_s` for a connection, then get DatabaseLost.
    A statement that was under way when the server went raises DatabaseLost at once and is never repeated here:
    only the caller knows whether twice is harmless. Connections are shared without a reset, so use
    transaction-level locks and SET LOCAL only.
    """

    def __init__(self, pool: asyncpg.Pool, patience_s: float) -> None:
        self._pool = pool
        self._patience_s = patience_s
        self.history = ReadingHistory()

    @classmethod
    async def open(cls, dsn: str, *, connections: int = 8, patience_s: float = 10.0) -> Self:
        """Make the pool; it holds up to `connections`, opened when needed."""
        pool = await asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=connections,
            init=_teach_json,
            # asyncpg's own reset costs a round trip for each use.
            reset=_no_reset,
            command_timeout=60,
            server_settings={"application_name": "ondijon", "timezone": "UTC"},
        )
        return cls(pool, patience_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self, limit_s: float = 2.0) -> None:
        """Close when running statements are done, or cut them off after `limit_s`."""
        try:
            await asyncio.wait_for(self._pool.close(), limit_s)
        except TimeoutError:
            self._pool.terminate()

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        async with self.connection() as connection:
            return cast("Sequence[Row]", await connection.fetch(sql, *arguments))

    async def fetch_one(self, sql: str, *arguments: object) -> Row | None:
        async with self.connection() as connection:
            return cast("Row | None", await connection.fetchrow(sql, *arguments))

    async def execute(self, sql: str, *arguments: object) -> str:
        async with self.connection() as connection:
            return cast("str", await connection.execute(sql, *arguments))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commit at the end of the block, roll back on any exception."""
        async with self.connection() as connection, connection.transaction():
            yield PostgresTransaction(connection, self.history)

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """One connection for the block, for what the port cannot say."""
        connection = await self._acquire()
        with _lost_is_told():
            try:
                yield connection
            finally:
                await self._pool.release(connection)

    async def _acquire(self) -> asyncpg.Connection:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience_s
        while True:
            try:
                return await self._pool.acquire()
            except _ABSENT as error:
                if loop.time() > deadline:
                    raise DatabaseLost("error.database_lost", detail=str(error)) from error
            await asyncio.sleep(_RETRY_S)


@contextmanager
def _lost_is_told() -> Iterator[None]:
    """Turn the engine's many words for a lost connection into one that the layers above know."""
    try:
        yield
    except DatabaseLost:
        raise
    except asyncpg.DiskFullError as error:
        raise DatabaseFull("error.database_full", detail=str(error)) from error
    except _LOST as error:
        raise DatabaseLost("error.database_lost", detail=str(error)) from error
    except asyncpg.InternalClientError as error:
        # asyncpg's word for a server that went in the midst of a statement; its kinds are mistakes of ours.
        if type(error) is not asyncpg.InternalClientError:
            raise
        raise DatabaseLost("error.database_lost", detail=str(error)) from error
    except asyncpg.InterfaceError as error:
        if "closed" not in str(error):
            raise
        raise DatabaseLost("error.database_lost", detail=str(error)) from error


async def _teach_json(connection: asyncpg.Connection) -> None:
    for name, encode, decode in (
        ("jsonb", _encode_jsonb, _decode_jsonb),
        ("json", msgspec.json.encode, msgspec.json.decode),
    ):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=encode, decoder=decode, format="binary")


async def _no_reset(connection: asyncpg.Connection) -> None:
    return None


def _encode_jsonb(value: object) -> bytes:
    # The binary form of jsonb is its version number, 1, and the text.
    return b"\x01" + msgspec.json.encode(value)


def _decode_jsonb(stored: bytes) -> Any:
    return msgspec.json.decode(stored[1:])
