"""Readings that are still in PostgreSQL come out by binary COPY and become numpy columns, chunk by chunk."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg
import numpy as np

from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.telemetry import COLUMNS, COPY_HEAD, COPY_TAIL, POSTGRES_EPOCH_US, READING_ROW
from ondijon.kernel.arrays import AnyArray

Chunk = dict[str, AnyArray]
_TYPES = {
    "twin_no": "i4",
    "property_no": "i2",
    "observed_at": "i8",
    "received_at": "i8",
    "value": "f8",
    "quality": "i2",
}
_TIMES = ("observed_at", "received_at")
_CHUNK_BYTES = 8 << 20


class Unpacker:
    """Cuts a COPY BINARY stream of readings into columns; times become microseconds since 1970 UTC."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._begun = False

    def feed(self, piece: bytes) -> None:
        self._waiting += piece
        if not self._begun and len(self._waiting) >= len(COPY_HEAD):
            if not self._waiting.startswith(COPY_HEAD):
                raise ValueError("no binary COPY of readings")
            del self._waiting[: len(COPY_HEAD)]
            self._begun = True

    def __len__(self) -> int:
        return len(self._waiting)

    def take(self) -> Chunk:
        """The whole rows that have come so far."""
        count = len(self._waiting) // READING_ROW.itemsize
        rows = np.frombuffer(bytes(self._waiting[: count * READING_ROW.itemsize]), READING_ROW)
        del self._waiting[: count * READING_ROW.itemsize]
        chunk = {key: np.ascontiguousarray(rows[key], kind) for key, kind in _TYPES.items()}
        for key in _TIMES:
            chunk[key] += POSTGRES_EPOCH_US
        return chunk

    def close(self) -> None:
        """Raise ValueError when the stream did not end as it must."""
        if bytes(self._waiting) != COPY_TAIL:
            raise ValueError("a binary COPY of readings ended early")


@asynccontextmanager
async def steady(rows: PostgresRows) -> AsyncIterator[asyncpg.Connection]:
    """A transaction during which no readings move from here to a file."""
    async with rows.connection() as connection, connection.transaction():
        await connection.execute("LOCK TABLE ONLY readings, ONLY readings_moving IN ACCESS SHARE MODE")
        yield connection


async def copy_span(
    connection: asyncpg.Connection,
    span: dict[str, int],
    since: datetime,
    until: datetime,
    twins: Sequence[int] | None = None,
) -> Chunk:
    """The readings of twins `low` to `high` (or of these) and properties `first` to `last` that are still here."""
    unpacker = Unpacker()

    async def hear(piece: bytes) -> None:
        unpacker.feed(piece)

    await connection.copy_from_query(
        f"""SELECT {", ".join(COLUMNS)} FROM readings_here
            WHERE twin_no BETWEEN $1 AND $2 AND property_no BETWEEN $3 AND $4
                AND observed_at >= $5 AND observed_at < $6
                AND ($7::integer[] IS NULL OR twin_no = ANY($7::integer[]))""",  # noqa: S608
        *(span[key] for key in ("low", "high", "first", "last")),
        since,
        until,
        twins,
        output=hear,
        format="binary",
    )
    chunk = unpacker.take()
    unpacker.close()
    return chunk


async def copy_moving(rows: PostgresRows, table: str, keep: Callable[[Chunk], Awaitable[None]]) -> None:
    """Give all rows of a leaf that is on its way to `keep`, some hundred thousand at a time."""
    unpacker = Unpacker()

    async def hear(piece: bytes) -> None:
        unpacker.feed(piece)
        if len(unpacker) > _CHUNK_BYTES:
            await keep(unpacker.take())

    async with rows.connection() as connection:
        await connection.copy_from_table(table, columns=COLUMNS, output=hear, format="binary")
    await keep(unpacker.take())
    unpacker.close()
