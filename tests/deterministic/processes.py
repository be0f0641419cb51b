"""The post's processes as the supervisor starts them: field role, core, web; each may be killed between two steps."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

import msgspec

from ondijon.control_room.alarms.manifest import ROOM
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Handler
from ondijon.runtime import field_queries
from ondijon.runtime.field_role import SNAPSHOT_S, FieldRole, _again
from ondijon.runtime.post import COMMAND_SUBJECT, CommandPost
from ondijon.runtime.reconciler import end_holds
from ondijon.runtime.room_door import RoomDoor
from ondijon.runtime.scheduler import Job, run_jobs
from tests.deterministic.field import Driver, Field
from tests.deterministic.statements import Statements
from tests.deterministic.statements_commands import COMMANDS
from tests.deterministic.statements_room import ROOM as ROOM_STATEMENTS
from tests.deterministic.store import MemoryRows, MemoryStore
from tests.deterministic.town import Town
from tests.deterministic.virtual_loop import VirtualClock

STATEMENTS = Statements(COMMANDS, ROOM_STATEMENTS)
HESITATES = 0.1
NEWS_LOST = 0.1
JOBS_EVERY_S = 2.0


class Killed(Exception):
    """A process ended with an error of its own."""


class Worker:
    """One process: every call of its ports takes a seeded moment, and none returns once it is killed."""

    def __init__(self, name: str, store: MemoryStore, chance: random.Random) -> None:
        self.name = name
        self.alive = True
        self.ready = False
        self.rows = MemoryRows(store, self, STATEMENTS.find)
        self.handlers: dict[str, list[Handler]] = {}
        self._chance = chance
        self._tasks: list[asyncio.Task[None]] = []

    async def step(self) -> None:
        """Wait a moment, or for ever."""
        if self._chance.random() < HESITATES:
            await asyncio.sleep(self._chance.random() * 0.02)
        if not self.alive:
            await asyncio.get_running_loop().create_future()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))

    def must_be_sound(self) -> None:
        """Raise what ended one of its loops, if anything did."""
        for task in self._tasks:
            if task.done() and not task.cancelled() and task.exception() is not None:
                raise Killed(self.name) from task.exception()
        self._tasks = [task for task in self._tasks if not task.done()]

    def kill(self) -> None:
        """kill -9: what had not committed never happened, and nothing goes on."""
        self.alive = False
        self.rows.cut()
        for task in self._tasks:
            task.cancel()


class News:
    """The Bus of one process; what it publishes reaches the others a little later, or not at all."""

    def __init__(self, process: Worker, others: dict[str, Worker], chance: random.Random) -> None:
        self._process = process
        self._others = others
        self._chance = chance

    async def publish(self, subject: str, payload: bytes) -> None:
        for other in list(self._others.values()):
            for handler in other.handlers.get(subject, ()):
                if self._chance.random() >= NEWS_LOST:
                    other.start(_deliver(handler, subject, payload, self._chance.random() * 0.05))

    async def subscribe(self, subject: str, handler: Handler) -> None:
        self._process.handlers.setdefault(subject, []).append(handler)


async def _deliver(handler: Handler, subject: str, payload: bytes, after_s: float) -> None:
    await asyncio.sleep(after_s)
    await handler(subject, payload)


class Post:
    """All processes over one store and one field."""

    def __init__(
        self, town: Town, store: MemoryStore, around: Field, clock: VirtualClock, chance: random.Random, ids: IdSource
    ) -> None:
        self._town = town
        self._store = store
        self._field = around
        self._clock = clock
        self._chance = chance
        self._ids = ids
        self.running: dict[str, Worker] = {}
        self.role: FieldRole | None = None
        self.restored_us = 0
        self.commands: CommandPost
        self.door: RoomDoor
        self._makers: dict[str, Callable[[Worker, News], Awaitable[None]]] = {
            "field": self._make_field,
            "core": self._make_core,
            "web": self._make_web,
        }

    def start(self, name: str) -> None:
        """Start one process; it is ready a little later, or when the database is there again; once."""
        if name in self.running:
            return
        process = Worker(name, self._store, self._chance)
        self.running[name] = process
        process.start(self._make(name, process))

    async def _make(self, name: str, process: Worker) -> None:
        while not process.ready:
            try:
                await self._makers[name](process, News(process, self.running, self._chance))
                process.ready = True
            except EngineAway:
                process.handlers.clear()
                await asyncio.sleep(1.0)

    def kill(self, name: str) -> None:
        """kill -9 of one process."""
        if name == "field":
            self.role = None
        self.running.pop(name).kill()

    def kill_all(self) -> None:
        for name in list(self.running):
            self.kill(name)

    def must_be_sound(self) -> None:
        for process in self.running.values():
            process.must_be_sound()

    async def _make_field(self, process: Worker, news: News) -> None:
        city = self._town.open_city()
        driver = Driver(city, self._field, self._clock, process)
        role = FieldRole(city, process.rows, news, self._clock, self._ids, driver)
        await role.start()
        self.role, self.restored_us = role, self._clock.now_us()
        # The loops of FieldRole.run but the two that read what is not simulated, works and facts of other parts.
        for work in (
            driver.run(role.projector.commit),
            _again("dispatch", 0.0, role.dispatcher.run),
            _again("reconcile", 0.0, role.reconciler.run),
            _again("tick", 1.0, role.projector.tick),
            _again("programmes", 0.0, role._keep_programmes),
            _again("snapshot", SNAPSHOT_S, role.keep),
        ):
            process.start(work)

    async def _make_core(self, process: Worker, news: News) -> None:
        city = self._town.open_city()
        post = CommandPost(city, process.rows, news, self._clock, self._ids)

        async def end() -> None:
            await end_holds(city, process.rows, self._clock, post)

        async def expire() -> None:
            for row in await field_queries.expire_awaiting(process.rows, self._clock.now()):
                await news.publish(COMMAND_SUBJECT, msgspec.json.encode({"id": row["id"]}))

        every = timedelta(seconds=JOBS_EVERY_S)
        jobs = [Job("end_holds", every, end), Job("expire_awaiting", every, expire)]
        process.start(run_jobs(process.rows, self._clock, jobs, "core"))

    async def _make_web(self, process: Worker, news: News) -> None:
        city = self._town.open_city()
        self.commands = CommandPost(city, process.rows, news, self._clock, self._ids)
        self.door = RoomDoor(city, process.rows, news, self._clock, self._ids, [ROOM])
