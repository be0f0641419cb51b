"""Old days move from PostgreSQL to the lake, in steps of which each may be the last before a crash."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import msgspec

from ondijon.infra.archive import queries
from ondijon.infra.archive.columns import copy_moving
from ondijon.infra.archive.day_writer import DayWriter, digest
from ondijon.infra.archive.lake import Lake
from ondijon.infra.archive.layout import MANIFEST, name_file
from ondijon.infra.archive.queries import DayFile
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.room import ActDesk

log = logging.getLogger(__name__)

OpenDesk = Callable[[], AbstractAsyncContextManager[ActDesk]]


class Archiver:
    """Moves days, merges what came late, and takes away files that count no more.

    1 `begin_moving` takes the day's leaf out of the writers' way; it is still read. 2 a file of it, and of the day's
    former file, is written, read back and placed under its content's name. 3 in one transaction the file counts, the
    leaf goes, and the fact is told. 4 the manifest is written anew and files that no longer count go. A crash after
    any step leaves every reading where the rows say it is; the next run goes on from there.
    """

    def __init__(self, rows: PostgresRows, lake: Lake, desk: OpenDesk) -> None:
        self._rows = rows
        self._lake = lake
        self._desk = desk

    async def run(self, before: date) -> int:
        """Archive every day before this one, then tidy; returns how many days got a new file."""
        done = 0
        for day in await queries.list_days_here(self._rows):
            if day < before:
                done += await self.archive(day)
        await self.tidy()
        return done

    async def archive(self, day: date) -> bool:
        """Whether the day's leaf is in its file now; False: nothing to move, or somebody else was faster."""
        try:
            if not await queries.begin_moving(self._rows, day):
                return False
        except asyncpg.LockNotAvailableError:
            log.info("the leaf of %s is in use: it moves at the next run", day)
            return False
        former = await queries.find_file(self._rows, day)
        made = await self._write(day, former)
        try:
            return await self._finish(day, former, made)
        except asyncpg.LockNotAvailableError:
            log.info("readings are in use: the file of %s counts at the next run", day)
            return False

    async def _write(self, day: date, former: DayFile | None) -> DayFile:
        staged = self._lake.scratch / f"{uuid4().hex}.parquet"
        writer = await asyncio.to_thread(DayWriter, self._lake.scratch)
        with writer:
            await copy_moving(
                self._rows, f"readings_moving_{day:%Y%m%d}", lambda chunk: asyncio.to_thread(writer.gather, chunk)
            )
            if former is not None:
                await asyncio.to_thread(writer.gather_file, self._lake.fetch(former.file))
            rows = await asyncio.to_thread(writer.write, staged)
        return await asyncio.to_thread(self._place, day, staged, rows)

    def _place(self, day: date, staged: Path, rows: int) -> DayFile:
        sha256, size = digest(staged), staged.stat().st_size
        made = DayFile(day, name_file(day, sha256), rows, size, sha256)
        self._lake.place(staged, made.file)
        return made

    async def _finish(self, day: date, former: DayFile | None, made: DayFile) -> bool:
        async with self._desk() as desk:
            await queries.lock_files(desk.tx)
            # Somebody's tidying may have taken a file that did not count yet.
            await asyncio.to_thread(self._lake.fetch, made.file)
            name = None if former is None else former.file
            if not await queries.finish_moving(desk.tx, day, name, made, desk.now, with_leaf=True):
                return False
            added = made.rows - (former.rows if former else 0)
            payload = {"day": day.isoformat(), "rows": added, "bytes": made.bytes}
            desk.tell("history.archived", trade=None, commune=None, payload=payload)
        return True

    async def tidy(self) -> None:
        """Write the manifest, then take away what does not count."""
        async with self._rows.transaction() as tx:
            await queries.lock_files(tx)
            counting = await queries.list_files(tx)
            await asyncio.to_thread(self._tidy, counting)

    def _tidy(self, counting: list[DayFile]) -> None:
        staged = self._lake.scratch / f"{uuid4().hex}.json"
        staged.write_bytes(msgspec.json.format(msgspec.json.encode({"files": counting}), indent=1))
        self._lake.place(staged, MANIFEST)
        names = {one.file for one in counting}
        for name in self._lake.list_files():
            if name not in names:
                self._lake.remove(name)


def days_before(today: date, hot_days: int) -> date:
    """The first day that stays in PostgreSQL."""
    return today - timedelta(days=hot_days)
