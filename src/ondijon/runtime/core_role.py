"""The core role: what must happen once for the whole post, whatever the field and the faces do."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

import msgspec

from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.i18n import Catalogue
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Bus, Rows
from ondijon.kernel.room import FollowerSpec, JobSpec, RoomManifest
from ondijon.runtime import field_queries as queries
from ondijon.runtime import room_queries
from ondijon.runtime.followers import FollowerLoop
from ondijon.runtime.post import COMMAND_SUBJECT, CommandPost
from ondijon.runtime.reconciler import end_holds
from ondijon.runtime.retention import erase_due
from ondijon.runtime.room_door import NO_WORDS, RoomDoor
from ondijon.runtime.scheduler import Job, run_jobs

DEAD_LETTERS_KEPT = timedelta(days=30)
ACTS_KEPT = timedelta(days=7)


class CoreRole:
    """Holds end, orders nobody approves expire, facts are followed, what is old enough goes."""

    def __init__(
        self,
        city: City,
        rows: Rows,
        bus: Bus,
        clock: Clock,
        ids: IdSource,
        parts: Sequence[RoomManifest] = (),
        more_followers: Sequence[FollowerSpec] = (),
        words: Mapping[str, Catalogue] = NO_WORDS,
    ) -> None:
        self._city = city
        self._rows = rows
        self._bus = bus
        self._clock = clock
        self._parts = tuple(parts)
        self._post = CommandPost(city, rows, bus, clock, ids)
        self.door = RoomDoor(city, rows, bus, clock, ids, parts, words)
        followers = [follower for part in parts for follower in part.followers]
        self._follower_loop = FollowerLoop(rows, bus, self.door, [*followers, *more_followers])

    async def start(self) -> None:
        """Mark where the followers begin: before anybody is told that this role is ready."""
        await self._follower_loop.start()

    async def run(self, owner: str) -> None:
        """Run jobs and followers until cancelled; `owner` names this process in the table of jobs."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follower_loop.run())
            tasks.create_task(run_jobs(self._rows, self._clock, self._jobs(), owner))

    def _jobs(self) -> list[Job]:
        jobs = [
            Job("end_holds", timedelta(seconds=1), self._end_holds),
            Job("expire_awaiting", timedelta(seconds=1), self._expire_awaiting),
            Job("forget_sessions", timedelta(hours=1), self._forget_sessions),
            Job("forget_dead_letters", timedelta(hours=1), self._forget_dead_letters),
            Job("forget_acts", timedelta(hours=1), self._forget_acts),
            Job("erase_due", timedelta(hours=1), self._erase_due),
        ]
        return jobs + [Job(spec.key, spec.every, self._at_a_desk(spec)) for part in self._parts for spec in part.jobs]

    def _at_a_desk(self, spec: JobSpec) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            async with self.door.desk(THE_POST) as desk:
                await spec.run(desk)

        return run

    async def _erase_due(self) -> None:
        async with self.door.desk(THE_POST) as desk:
            await erase_due(desk, [holding for part in self._parts for holding in part.holdings])

    async def _forget_acts(self) -> None:
        await room_queries.forget_acts(self._rows, self._clock.now() - ACTS_KEPT)

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
