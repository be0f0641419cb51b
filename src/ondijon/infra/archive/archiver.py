"""Old days move from PostgreSQL to the lake, in steps of which each may be the last before a crash."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
from msgspec import Struct

from ondijon.infra.archive import queries
from ondijon.infra.archive.columns import copy_moving
from ondijon.infra.archive.day_writer import DayWriter, Written, digest
from ondijon.infra.archive.lake import Lake
from ondijon.infra.archive.layout import name_file
from ondijon.infra.archive.queries import DayFile
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.clock import Clock
from ondijon.kernel.room import ActDesk

log = logging.getLogger(__name__)

OpenDesk = Callable[[], AbstractAsyncContextManager[ActDesk]]


class Renewed(Struct, frozen=True):
    """The file that a day had and the one it gets (None: it holds nothing), and how many rows were too old for it."""

    former: DayFile | None
    made: DayFile | None
    erased: int

    @property
    def added(self) -> int:
        after = 0 if self.made is None else self.made.rows
        return after + self.erased - (0 if self.former is None else self.former.rows)


class Archiver:
    """Moves days, merges what came late, and leaves out what may be kept no longer.

    1 `begin_moving` takes the day's leaf out of the writers' way; it is still read. 2 a file of it, and of the day's
    former file, is written, read back and placed under its content's name. 3 in one transaction the file counts, the
    leaf goes, and the fact is told. Afterwards `tidy` takes files away that count no more. A crash after any step
    leaves every reading where the rows say it is; the next run goes on from there.
    """

    def __init__(self, rows: PostgresRows, lake: Lake, desk: OpenDesk, clock: Clock) -> None:
        self._rows = rows
        self._lake = lake
        self._desk = desk
        self._clock = clock

    async def run(self, before: date) -> int:
        """Archive every UTC day before this one; returns how many days got a new file."""
        days = [day for day in await queries.list_days_here(self._rows) if day < before]
        done = 0
        for day in days:
            done += await self.archive(day)
        return done

    async def archive(self, day: date) -> bool:
        """Whether the day's leaf is in its file now; False: nothing to move, in use, or somebody else was faster."""
        try:
            if not await queries.begin_moving(self._rows, day):
                return False
        except asyncpg.LockNotAvailableError:
            log.info("the leaf of %s is in use: it moves at the next run", day)
            return False
        return await self.renew(day, with_leaf=True)

    async def renew(self, day: date, *, with_leaf: bool) -> bool:
        """Write a day's file anew from the one it has, with the leaf on its way or without."""
        renewed = await self._write(day, await queries.find_file(self._rows, day), with_leaf)
        try:
            return await self._finish(day, renewed, with_leaf)
        except asyncpg.LockNotAvailableError:
            log.info("readings are in use: the file of %s counts at the next run", day)
            return False

    async def _write(self, day: date, former: DayFile | None, with_leaf: bool) -> Renewed:
        staged = self._lake.scratch / f"{uuid4().hex}.parquet"
        too_old = list_too_old(day, await queries.list_retention(self._rows), self._clock.now())
        with await asyncio.to_thread(DayWriter, self._lake.scratch) as writer:
            if with_leaf:
                await copy_moving(
                    self._rows, f"readings_moving_{day:%Y%m%d}", lambda chunk: asyncio.to_thread(writer.gather, chunk)
                )
            if former is not None:
                await asyncio.to_thread(writer.gather_file, self._lake.fetch(former.file))
            erased = await asyncio.to_thread(writer.forget, too_old)
            written = await asyncio.to_thread(writer.write, staged)
        return Renewed(former, await asyncio.to_thread(self._place, day, staged, written), erased)

    def _place(self, day: date, staged: Path, written: Written) -> DayFile | None:
        if written.rows == 0:
            staged.unlink()
            return None
        sha256, size = digest(staged), staged.stat().st_size
        made = DayFile(day, name_file(day, sha256), written.rows, size, sha256, written.properties)
        self._lake.place(staged, made.file)
        return made

    def _is_there(self, made: DayFile | None) -> bool:
        """Somebody's tidying may have taken a file that did not count yet."""
        return made is None or self._lake.size(made.file) == made.bytes

    async def _finish(self, day: date, renewed: Renewed, with_leaf: bool) -> bool:
        former, made = renewed.former, renewed.made
        async with self._desk() as desk:
            await queries.lock_files(desk.tx)
            if not await asyncio.to_thread(self._is_there, made):
                return False
            name = None if former is None else former.file
            if not await queries.finish_moving(desk.tx, day, name, made, desk.now, with_leaf):
                return False
            if renewed.added:
                payload = {"day": day.isoformat(), "rows": renewed.added, "bytes": made.bytes if made else 0}
                desk.tell("history.archived", trade=None, commune=None, payload=payload)
            if renewed.erased:
                payload = {"day": day.isoformat(), "rows": renewed.erased}
                desk.tell("history.erased_day", trade=None, commune=None, payload=payload)
        return True


def days_before(today: date, hot_days: int) -> date:
    """The first day that stays in PostgreSQL."""
    return today - timedelta(days=hot_days)


def list_too_old(day: date, retention: dict[int, int], now: datetime) -> Sequence[int]:
    """The properties whose readings of a UTC day may be kept no longer: its last instant is older than their days."""
    ends_at = datetime.combine(day, time(), UTC) + timedelta(days=1)
    return [number for number, days in sorted(retention.items()) if ends_at + timedelta(days=days) <= now]
