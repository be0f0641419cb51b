"""Where the matrix is walked: the room, and how things are made in it, afresh or once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from ondijon.apps.console.tests.conftest import Desk
from ondijon.kernel.room import Act
from ondijon.web.sessions import Sessions
from tests.matrix.people import ENDED, LOCKED, MAKER

# Sessions of somebody who could do everything, one ended and one locked.
OUTSIDE_SESSIONS = (ENDED, LOCKED)
Where = Literal["own", "other", "none"]
# Anywhere and in any trade: for things of which everybody at home sees some.
ANY = "*"


@dataclass(frozen=True)
class Thing:
    """One thing: how it is named, what it belongs to, and what else an act about it must say."""

    id: str
    trade: str
    commune: str
    extra: dict[str, Any] = field(default_factory=dict)


Make = Callable[["Stage", Where], Awaitable[Thing]]


@dataclass
class Stage:
    """Makes things afresh, because an act uses them up."""

    desk: Desk
    kinds: "Mapping[str, Make]"
    made: int = 0
    kept: dict[tuple[str, Where], Thing] = field(default_factory=dict)

    def number(self) -> int:
        self.made += 1
        return self.made

    async def act(self, key: str, payload: dict[str, Any]) -> Any:
        actor = await self.desk.actor(MAKER)
        return await self.desk.door.perform(actor, Act(key, payload, UUID(int=(1 << 90) + self.number())))

    async def seat_again(self, who: str) -> None:
        """A new session for somebody whose last one is used up."""
        desk = self.desk
        if who in desk.users:
            desk.cookies.pop(who, None)
        elif who in OUTSIDE_SESSIONS:
            sessions = Sessions(desk.rows, desk.bus, desk.clock, desk.clock.monotonic)
            desk.cookies[who] = token = await sessions.open(desk.users[MAKER])
            person = await sessions.find(token)
            assert person is not None
            await (sessions.close(person) if who == ENDED else sessions.lock(person))

    async def make(self, kind: str, where: Where) -> Thing:
        return await self.kinds[kind](self, where)

    async def keep(self, kind: str, where: Where) -> Thing:
        """The same one each time, for what is only looked at."""
        if (kind, where) not in self.kept:
            self.kept[kind, where] = await self.make(kind, where)
        return self.kept[kind, where]
