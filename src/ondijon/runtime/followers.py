"""Followers work on each fact once, in the order of commits; one that fails on a fact keeps its name and goes on."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from ondijon.kernel.errors import EngineAway
from ondijon.kernel.events import Event
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.ports import Bus, Row, Rows
from ondijon.kernel.room import FollowerSpec
from ondijon.runtime import room_queries as queries
from ondijon.runtime.room_door import EVENTS_SUBJECT, RoomDoor

log = logging.getLogger(__name__)

MOST_AT_ONCE = 500
LOOK_EVERY_S = 1.0


class FollowerLoop:
    """Runs all followers of the room, woken by the bus and by time."""

    def __init__(self, rows: Rows, bus: Bus, door: RoomDoor, followers: Sequence[FollowerSpec]) -> None:
        self._rows = rows
        self._bus = bus
        self._door = door
        self._followers = tuple(followers)
        self._woken = asyncio.Event()

    async def start(self) -> None:
        """Make each new follower's mark, before the first fact it must not miss."""
        for follower in self._followers:
            await queries.add_follower(self._rows, follower.key)
        await self._bus.subscribe(EVENTS_SUBJECT, self._wake)

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            self._woken.clear()
            try:
                await self.go_round()
            except EngineAway as error:
                log.warning("followers wait: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._woken.wait()

    async def go_round(self) -> None:
        """Let every follower work on what has committed since it last looked, until nothing is left."""
        for follower in self._followers:
            while await self._follow(follower, MOST_AT_ONCE) == MOST_AT_ONCE:
                pass

    async def _follow(self, follower: FollowerSpec, most: int) -> int:
        try:
            return await self._follow_batch(follower, most)
        except EngineAway:
            raise
        except Exception:  # one bad fact must not stop the rest: it is found by taking them one by one
            log.exception("follower %s failed", follower.key)
        for _ in range(most):
            if not await self._follow_one(follower):
                break
        return 0

    async def _follow_batch(self, follower: FollowerSpec, most: int) -> int:
        async with self._door.desk(THE_POST) as desk:
            place = await queries.lock_follower(desk.tx, follower.key)
            if place is None:
                return 0
            found, after = await queries.list_events_after(desk.tx, place, follower.keys, most)
            if found:
                await follower.follow(desk, [to_event(row) for row in found])
            if found or after != place:
                await queries.move_follower(desk.tx, follower.key, after)
        return len(found)

    async def _follow_one(self, follower: FollowerSpec) -> bool:
        """Work on the next fact alone; when that fails note it and step over it. False when none is left."""
        try:
            return await self._follow_batch(follower, 1) == 1
        except EngineAway:
            raise
        except Exception as error:  # the fact stays in the rows, with the follower that could not take it
            log.exception("follower %s cannot take one fact", follower.key)
            problem = repr(error)[:500]
        async with self._door.desk(THE_POST) as desk:
            place = await queries.lock_follower(desk.tx, follower.key)
            if place is None:
                return False
            found, after = await queries.list_events_after(desk.tx, place, follower.keys, 1)
            if found:
                await queries.insert_unfollowed(desk.tx, follower.key, found[0]["id"], desk.now, problem)
                await queries.move_follower(desk.tx, follower.key, after)
        return bool(found)

    async def _wake(self, _: str, __: bytes) -> None:
        self._woken.set()


def to_event(row: Row) -> Event:
    """An event from its row."""
    return Event(
        row["id"],
        row["key"],
        row["at"],
        row["commune"],
        row["twin"],
        row["payload"],
        row["trade"],
        row["subject"],
        row["actor"],
    )
