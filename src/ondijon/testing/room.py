"""A part of the room alone: its acts and followers behind the real door over real rows."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ondijon.kernel.city import City
from ondijon.kernel.i18n import Catalogue
from ondijon.kernel.identity import Actor
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Rows
from ondijon.kernel.room import Act, RoomManifest
from ondijon.runtime.followers import FollowerLoop
from ondijon.runtime.room_door import NO_WORDS, RoomDoor
from ondijon.testing.fakes import FakeBus, StillClock


class RoomBench:
    """The door and the followers of some parts; each `do` is a new intent."""

    def __init__(
        self,
        city: City,
        rows: Rows,
        ids: IdSource,
        clock: StillClock,
        bus: FakeBus,
        *parts: RoomManifest,
        words: Mapping[str, Catalogue] = NO_WORDS,
    ) -> None:
        self.clock = clock
        self.bus = bus
        self.ids = ids
        self.door = RoomDoor(city, rows, bus, clock, ids, parts, words)
        self._loop = FollowerLoop(rows, bus, self.door, [one for part in parts for one in part.followers])
        self._parts = parts

    async def start(self) -> None:
        """Let the followers mark where they begin."""
        await self._loop.start()

    async def do(self, actor: Actor, key: str, payload: Mapping[str, Any], again: UUID | None = None) -> Any:
        """Perform an act; `again` is the idempotency key of an intent repeated."""
        return await self.door.perform(actor, Act(key, dict(payload), again or self.ids.new_id()))

    async def follow(self) -> None:
        """Let every follower work on what has happened."""
        await self._loop.go_round()

    async def run_job(self, key: str, actor: Actor) -> None:
        """Run one job of the parts now."""
        spec = next(job for part in self._parts for job in part.jobs if job.key == key)
        async with self.door.desk(actor) as desk:
            await spec.run(desk)
