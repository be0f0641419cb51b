"""Hours and local days are reckoned anew from the readings whenever a reading of theirs was stored, however late."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg
import numpy as np
from msgspec import Struct

from ondijon.infra.archive import rollup_queries as queries
from ondijon.infra.archive.columns import steady
from ondijon.infra.archive.history import HistoryOverBoth
from ondijon.infra.archive.rollup_queries import DAY, HOUR, Grain
from ondijon.infra.postgres.pool import PostgresRows

# What is still on its way when an hour ends would only have it reckoned twice.
GRACE = timedelta(minutes=5)


class Span(Struct, frozen=True):
    """An hour or a local day."""

    grain: Grain
    begins_at: datetime
    ends_at: datetime


class RollUps:
    """Keeps `readings_hourly` and `readings_daily` equal to what the readings say; good readings count, NaN does not.

    Marks are taken in the transaction that reckons: a crash leaves them for the next run.
    """

    def __init__(self, rows: PostgresRows, history: HistoryOverBoth, timezone: str) -> None:
        self._rows = rows
        self._history = history
        self._zone = ZoneInfo(timezone)

    async def run(self, now: datetime) -> int:
        """Reckon every hour, then every local day, that is over and was touched; returns how many."""
        done = 0
        for grain in (HOUR, DAY):
            marked = await queries.list_marked(self._rows, grain)
            await queries.summarize(self._rows, sorted({at.astimezone(UTC).date() for at in marked}))
            for begins_at in marked:
                span = Span(grain, begins_at, self._end_of(grain, begins_at))
                if span.ends_at + GRACE <= now:
                    await self._reckon(span)
                    done += 1
        return done

    def _end_of(self, grain: Grain, begins_at: datetime) -> datetime:
        return begins_at + timedelta(hours=1) if grain is HOUR else self._midnight(begins_at, 1)

    def _midnight(self, at: datetime, days: int) -> datetime:
        """The beginning of the local day of an instant, or of one some days later."""
        day = at.astimezone(self._zone).date() + timedelta(days=days)
        return datetime(day.year, day.month, day.day, tzinfo=self._zone)

    async def _reckon(self, span: Span) -> None:
        async with steady(self._rows) as connection:
            late = await queries.take_marks(connection, span.grain, span.begins_at)
            twins = None if None in late else [one for one in late if one is not None]
            if twins == []:
                return  # another process was faster
            archived = await queries.is_archived(connection, span.begins_at, span.ends_at)
            members = await queries.list_members(connection, span.grain, twins) if archived or twins else []
            groups = None if twins is None else sorted({one["of_no"] for one in members})
            await queries.forget(connection, span.grain, span.begins_at, groups)
            if archived:
                await self._reckon_with_files(connection, span, members, whole=twins is None)
            else:
                chosen = None if twins is None else [one["twin_no"] for one in members]
                await queries.reckon(connection, span.grain, span.begins_at, span.ends_at, chosen)
            if span.grain is HOUR:
                await queries.mark_day(connection, self._midnight(span.begins_at, 0), twins)

    async def _reckon_with_files(
        self, connection: asyncpg.Connection, span: Span, members: Sequence[asyncpg.Record], *, whole: bool
    ) -> None:
        twin_no = np.array([one["twin_no"] for one in members], np.int32)
        of_no = np.array([one["of_no"] for one in members], np.int32)
        bounds = (span.begins_at, span.ends_at)
        totals = await self._history.list_sums(connection, bounds, (twin_no, of_no), whole=whole)
        await queries.store(connection, span.grain, span.begins_at, totals)
