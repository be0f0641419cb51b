"""The core role: what must happen once for the whole post, whatever the field and the faces do."""

from datetime import timedelta

import msgspec

from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Bus, Rows
from ondijon.runtime import field_queries as queries
from ondijon.runtime.post import COMMAND_SUBJECT, CommandPost
from ondijon.runtime.reconciler import end_holds
from ondijon.runtime.scheduler import Job, run_jobs

DEAD_LETTERS_KEPT = timedelta(days=30)


class CoreRole:
    """Holds end, orders nobody approves expire, what is old enough goes."""

    def __init__(self, city: City, rows: Rows, bus: Bus, clock: Clock, ids: IdSource) -> None:
        self._city = city
        self._rows = rows
        self._bus = bus
        self._clock = clock
        self._post = CommandPost(city, rows, bus, clock, ids)

    async def run(self, owner: str) -> None:
        """Run the jobs until cancelled; `owner` names this process in the table of jobs."""
        jobs = (
            Job("end_holds", timedelta(seconds=1), self._end_holds),
            Job("expire_awaiting", timedelta(seconds=1), self._expire_awaiting),
            Job("forget_sessions", timedelta(hours=1), self._forget_sessions),
            Job("forget_dead_letters", timedelta(hours=1), self._forget_dead_letters),
        )
        await run_jobs(self._rows, self._clock, jobs, owner)

    async def _end_holds(self) -> None:
        await end_holds(self._city, self._rows, self._clock, self._post)

    async def _expire_awaiting(self) -> None:
        for row in await queries.expire_awaiting(self._rows, self._clock.now()):
            await self._bus.publish(COMMAND_SUBJECT, msgspec.json.encode({"id": row["id"]}))

    async def _forget_sessions(self) -> None:
        await self._rows.execute("DELETE FROM sessions WHERE ends_at <= $1", self._clock.now())

    async def _forget_dead_letters(self) -> None:
        await self._rows.execute(
            "DELETE FROM dead_letters WHERE received_at <= $1", self._clock.now() - DEAD_LETTERS_KEPT
        )
