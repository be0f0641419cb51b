"""Readings go to history in batches: numpy packs a binary COPY straight into the leaf of their UTC day."""

from datetime import date, timedelta

import asyncpg
import numpy as np
from numpy.typing import NDArray

from ondijon.kernel.arrays import AnyArray, Bytes8, Floats, Ints16, Ints32, Ints64
from ondijon.kernel.clock import from_us
from ondijon.kernel.errors import EngineAway

_DAY_US = 86_400_000_000
_HOUR_US = 3_600_000_000
POSTGRES_EPOCH_US = 946_684_800_000_000
_EPOCH_DAY = date(1970, 1, 1)
_ANCIENT_BEFORE = (date(2020, 1, 1) - _EPOCH_DAY).days

# The format of COPY BINARY: each row is a count of fields, then each field behind its length, all big-endian.
READING_ROW = np.dtype(
    [
        ("fields", ">i2"),
        *(("twin_length", ">i4"), ("twin_no", ">i4")),
        *(("property_length", ">i4"), ("property_no", ">i2")),
        *(("observed_length", ">i4"), ("observed_at", ">i8")),
        *(("received_length", ">i4"), ("received_at", ">i8")),
        *(("value_length", ">i4"), ("value", ">f8")),
        *(("quality_length", ">i4"), ("quality", ">i2")),
    ]
)
_EMPTY_ROW = np.array((6, 4, 0, 2, 0, 8, 0, 8, 0, 8, 0, 2, 0), READING_ROW)
COPY_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_TAIL = b"\xff\xff"
COLUMNS = ("twin_no", "property_no", "observed_at", "received_at", "value", "quality")
_AHEAD_DAYS = 2


class LeafMoved(EngineAway):
    """The leaf of a day went to the archive meanwhile; the same transaction, tried again, makes a new one."""


class ReadingHistory:
    """Writes readings and makes the leaves they need; one object a process, it remembers the leaves."""

    def __init__(self) -> None:
        self._leaves: set[int] = set()
        self._template: NDArray[np.void] = np.full(1024, _EMPTY_ROW, READING_ROW)

    async def copy_readings(
        self,
        connection: asyncpg.Connection,
        twin_no: Ints32,
        property_no: Ints16,
        observed_us: Ints64,
        received_us: Ints64,
        value: Floats,
        quality: Bytes8 | Ints16,
    ) -> int:
        """Write equally long columns (times in microseconds since 1970 UTC) in the caller's transaction.

        Returns how many rows were written. A failure ends the caller's transaction, which may be retried.
        """
        columns = (twin_no, property_no, observed_us, received_us, value, quality)
        if len({len(column) for column in columns}) != 1:
            raise ValueError("columns of different lengths")
        if len(twin_no) == 0:
            return 0
        for day, chosen in _by_day(observed_us):
            part = columns if chosen is None else tuple(column[chosen] for column in columns)
            await self._copy_day(connection, day, part)
        await _mark(connection, twin_no, observed_us, received_us)
        return len(twin_no)

    async def make_leaves(self, connection: asyncpg.Connection, first: date, days: int = _AHEAD_DAYS + 1) -> None:
        """Make the leaves of `first` and the days after it, so that midnight costs the hot path nothing."""
        for offset in range(days):
            await self._ensure_leaf(connection, (first - _EPOCH_DAY).days + offset)

    async def _copy_day(self, connection: asyncpg.Connection, day: int, columns: tuple[AnyArray, ...]) -> None:
        leaf = "readings_ancient"
        if day >= _ANCIENT_BEFORE:
            await self._ensure_leaf(connection, day)
            leaf = f"readings_{_date_of(day):%Y%m%d}"
        try:
            await connection.copy_to_table(leaf, source=self.pack(*columns), columns=COLUMNS, format="binary")
        except asyncpg.UndefinedTableError as error:
            # Moved to the archive, or made in a transaction that was undone: look again next time.
            self._leaves.discard(day)
            raise LeafMoved("error.leaf_moved", leaf=leaf) from error

    async def _ensure_leaf(self, connection: asyncpg.Connection, day: int) -> None:
        if day in self._leaves:
            return
        made_now = await connection.fetchval("SELECT ensure_readings_leaf($1)", _date_of(day))
        # A leaf made in a transaction that may still be undone is asked for again.
        if not made_now:
            self._leaves.add(day)

    def pack(
        self,
        twin_no: AnyArray,
        property_no: AnyArray,
        observed_us: AnyArray,
        received_us: AnyArray,
        value: AnyArray,
        quality: AnyArray,
    ) -> bytearray:
        """The columns as one COPY BINARY stream."""
        length = len(twin_no)
        if length > len(self._template):
            self._template = np.full(length, _EMPTY_ROW, READING_ROW)
        stream = bytearray(len(COPY_HEAD) + length * READING_ROW.itemsize + len(COPY_TAIL))
        stream[: len(COPY_HEAD)] = COPY_HEAD
        stream[-len(COPY_TAIL) :] = COPY_TAIL
        rows = np.frombuffer(stream, READING_ROW, length, len(COPY_HEAD))
        rows[:] = self._template[:length]
        rows["twin_no"] = twin_no
        rows["property_no"] = property_no
        rows["observed_at"] = observed_us - POSTGRES_EPOCH_US
        rows["received_at"] = received_us - POSTGRES_EPOCH_US
        rows["value"] = value
        rows["quality"] = quality
        return stream


def _by_day(observed_us: Ints64) -> list[tuple[int, AnyArray | None]]:
    """Days since 1970 UTC with the rows of each; None stands for all rows, the usual case."""
    first = int(observed_us.min()) // _DAY_US
    if int(observed_us.max()) // _DAY_US == first:
        return [(first, None)]
    days = observed_us // _DAY_US
    days[days < _ANCIENT_BEFORE] = _ANCIENT_BEFORE - 1
    return [(int(day), np.flatnonzero(days == day)) for day in np.unique(days)]


async def _mark(connection: asyncpg.Connection, twin_no: Ints32, observed_us: Ints64, received_us: Ints64) -> None:
    """Note the hours that these readings touch, for the roll-ups: of all twins, or of those that reported late."""
    hours, latest = observed_us // _HOUR_US, int(received_us.max()) // _HOUR_US
    known = hours >= _ANCIENT_BEFORE * 24
    in_time = (hours == latest) | (hours == latest - 1)
    late = np.flatnonzero(known & ~in_time)
    late_hours, late_twins = np.unique(np.stack((hours[late], twin_no[late])), axis=1)
    whole = np.unique(hours[in_time & known])
    begin = [from_us(hour * _HOUR_US) for hour in (*whole.tolist(), *late_hours.tolist())]
    await connection.execute(
        "INSERT INTO rollup_marks SELECT 'hour', * FROM unnest($1::timestamptz[], $2::integer[])",
        begin,
        [*(None for _ in whole), *late_twins.tolist()],
    )


def _date_of(day: int) -> date:
    return _EPOCH_DAY + timedelta(days=day)
