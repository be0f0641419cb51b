"""One simulated town: a seed draws what people do and what breaks; idle hours pass at once."""

import asyncio
import gc
import hashlib
import heapq
import itertools
import logging
import random
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ondijon.kernel import commands as law
from ondijon.kernel.clock import to_us
from ondijon.testing.fakes import SequentialIds
from tests.deterministic.calm import judge_calm
from tests.deterministic.field import PARIS, Breakage, Field
from tests.deterministic.oracle import Oracle
from tests.deterministic.people import People
from tests.deterministic.processes import Killed, Post
from tests.deterministic.store import READINGS, Key, MemoryStore, Record
from tests.deterministic.town import TWO_PERSONS_ABOVE, VISIBLE_ABOVE, Town
from tests.deterministic.virtual_loop import VirtualClock, VirtualLoop

ROOT = Path(__file__).parents[2]
START = datetime(2026, 10, 24, 12, tzinfo=UTC)
SPRING = datetime(2027, 3, 27, 12, tzinfo=UTC)
"""Runs begin at noon before a night of 25 or of 23 hours."""
BUSY_S = 10.0
"""After an act the loops run second by second for so long: a returned gateway is reconciled after 8 s."""
GAP_S = 30 * 3_600.0
"""Idle time between two episodes, on the average."""
CALM_S = 600.0
AWAKE_S = 2.0
MEDDLES = 0.15
"""The share of instants at which people act and processes end just then."""


class Result:
    """What a run comes to: its digest, its simulated hours, and counts of what happened."""

    def __init__(self, digest: str, hours: float, counts: dict[str, int]) -> None:
        self.digest = digest
        self.hours = hours
        self.counts = counts


class World:
    """Everything of one run."""

    def __init__(self, loop: VirtualLoop, seed: int, hours: float) -> None:
        self.loop = loop
        self.hours = hours
        self.chance = random.Random(seed)
        self.clock = VirtualClock(loop, START if seed % 2 else SPRING)
        self.town = Town()
        self.oracle = Oracle(self.clock, self.town.twin_nos)
        self.store = MemoryStore(self._on_commit)
        self.field = Field(self.clock, self.chance, self.oracle, self.note)
        self.post = Post(self.town, self.store, self.field, self.clock, self.chance, SequentialIds(1 << 64))
        self.people = People(self.post, self.chance, self.note)
        self._trace = hashlib.sha256()
        self.lines: list[str] | None = None
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._counter = itertools.count()
        self._acts: list[asyncio.Task[None]] = []
        for urn, number in self.town.twin_nos.items():
            self.store.table("twins")[number] = {"urn": urn, "type": urn.split(":")[2]}

    def note(self, kind: str, *about: object) -> None:
        """Add a line to the trace."""
        line = f"{self.clock.now_us()} {kind} {about!r}\n"
        self._trace.update(line.encode())
        self.oracle.count(kind)
        if self.lines is not None:
            self.lines.append(line)

    def _on_commit(self, written: dict[Key, Record | None]) -> None:
        for (table, key), row in written.items():
            if table == READINGS:
                shown: object = [(name, array.tolist()) for name, array in (row or {}).items()]
            else:
                shown = row
            self.note("commit", table, key, shown)
        self.oracle.on_commit(written)

    # The run.

    async def run(self) -> Result:
        """Live through the hours, then heal everything and judge the end."""
        for name in ("field", "core", "web"):
            self.post.start(name)
        self._plan_programme_steps()
        await self.busy(BUSY_S)
        while self.loop.time() < self.hours * 3_600:
            await self._episode()
            if self.chance.random() < 0.3:
                await self.calm()
            await self._idle(self.chance.expovariate(1 / GAP_S))
        await self.end()
        self.post.kill_all()
        return Result(self._trace.hexdigest(), self.loop.time() / 3_600, dict(self.oracle.counts))

    async def busy(self, seconds: float) -> None:
        """Let the loops run second by second."""
        until = self.loop.time() + seconds
        while self.loop.time() < until:
            await asyncio.sleep(min(seconds, 1.0))
            self.post.must_be_sound()
            self._due()

    async def _episode(self) -> None:
        """Some seconds in which people act and things break, close together."""
        self.field.loss = self.chance.choice((0.0, 0.0, 0.1))
        self.field.twice = self.chance.choice((0.0, 0.1, 0.3))
        self.field.late = self.chance.choice((0.0, 0.1, 0.3))
        for _ in range(self.chance.randint(1, 5)):
            self._one_thing()
            await self.busy(self.chance.choice((0.1, 0.5, 1.0, 3.0)))
        await self.busy(BUSY_S)

    def _one_thing(self) -> None:
        things = ((self._ask, 8), (self._judge, 3), (self._undo, 4), (self._break, 6), (self._acknowledge, 2))
        act = self.chance.choices([one for one, _ in things], [weight for _, weight in things])[0]
        act()

    def do(self, act: Coroutine[Any, Any, None]) -> None:
        self._acts.append(self.loop.create_task(act))
        self._acts = [task for task in self._acts if not task.done() or task.result()]

    def _ask(self) -> None:
        self.do(self.people.ask())

    def _judge(self) -> None:
        waiting = [row["id"] for row in self.store.table("commands").values() if row["state"] == "awaiting_approval"]
        if waiting:
            self.do(self.people.judge(waiting[-1]))

    def _undo(self) -> None:
        if self.people.known:
            self.do(self.people.undo(self.chance.choice(self.people.known[-6:])))

    def _acknowledge(self) -> None:
        standing = [row["id"] for row in self.store.table("alarms").values() if row["state"] != "normal"]
        if standing:
            self.do(self.people.acknowledge(standing))

    def _break(self) -> None:
        faults = (self._kill, self._away, self._cut, self._leave, self._leave, self._fail, self._publish)
        self.chance.choice(faults)()

    def _kill(self) -> None:
        name = self.chance.choice(("field", "field", "core", "web"))
        if name in self.post.running:
            self.note("kill", name)
            self.post.kill(name)
            self.later(self.chance.uniform(0.3, 4.0), lambda: self.post.start(name))

    def _away(self) -> None:
        if not self.store.away:
            self.note("database away")
            self.store.away = True
            for process in self.post.running.values():
                process.rows.cut()
            self.later(self.chance.choice((0.2, 2.0, 9.0)), self._back)

    def _back(self) -> None:
        self.note("database back")
        self.store.away = False

    def _cut(self) -> None:
        if not self.field.cut:
            self.note("bus cut")
            self.field.cut = True
            self.later(self.chance.choice((1.0, 20.0, 60.0, 600.0)), self._mend)

    def _mend(self) -> None:
        self.note("bus mended")
        self.field.cut = False
        self.field.arrived.set()

    def _leave(self) -> None:
        gateway = self.chance.choice(list(self.field.gateways.values()))
        if gateway.online:
            self.field.turn(gateway, online=False)
            away_s = self.chance.choice((5.0, 40.0, 900.0, 7_200.0))
            self.later(away_s, lambda: self.field.turn(gateway, online=True))

    def _fail(self) -> None:
        gateway = self.chance.choice(list(self.field.gateways.values()))
        lamp = self.chance.choice(list(gateway.lamps.values()))
        kinds: tuple[Breakage, ...] = ("", "out", "burner")
        lamp.breakage = self.chance.choice(kinds)
        self.note("lamp", lamp.urn, lamp.breakage)
        self.field.report(gateway, [lamp.urn])
        if self.chance.random() < 0.4:
            self.later(self.chance.choice((0.5, 2.5, 60.0, 200.0)), self._kill)

    def _publish(self) -> None:
        place = self.chance.randrange(3)
        urn = next(urn for urn in self.town.twin_nos if urn.endswith(f"CAB-{place}"))
        number, known = self.town.twin_nos[urn], self.store.table("programmes")
        version = known.get(number, {"version": 0})["version"] + 1
        known[number] = {"twin_no": number, "version": version, "content": {"version": version}}
        self.note("programme", urn, version)

    # Time.

    def later(self, after_s: float, act: Callable[[], None]) -> None:
        """Put something on the agenda; idle time stops there."""
        heapq.heappush(self._agenda, (self.loop.time() + after_s, next(self._counter), act))

    def _due(self) -> None:
        while self._agenda and self._agenda[0][0] <= self.loop.time():
            heapq.heappop(self._agenda)[2]()

    def _plan_programme_steps(self) -> None:
        for hour in range(int(self.hours) + 300):
            at = self.clock.at(hour)
            if at.astimezone(PARIS).hour in (6, 17, 23) and at.minute == 0:
                self.later(hour * 3_600.0, self.field.follow_programmes)
        for number in range(int(self.hours / 12) + 25):
            self.later(number * 43_200.0 + 1_800.0, self._heartbeat)

    def _heartbeat(self) -> None:
        for gateway in self.field.gateways.values():
            self.field.report_all(gateway)

    async def _idle(self, seconds: float, *, people: bool = True) -> None:
        """Skip to the end, but for what is due before: the agenda's entries, deadlines and ends of holds."""
        until = self.loop.time() + seconds
        while self.loop.time() < until:
            at_s = min(self._next_instant(), until)
            awake = people and self.chance.random() < MEDDLES
            if at_s > self.loop.time():
                self.loop.skip_to(at_s - self.chance.random() if awake else at_s)
            if awake:
                # People act, and processes end, just when something else is due.
                self._one_thing()
                await self.busy(self.chance.random())
                self._one_thing()
            await self.busy(AWAKE_S)
            self._forget()

    def _next_instant(self) -> float:
        now = self.clock.now()
        instants = [
            row["expires_at"]
            for row in self.store.table("commands").values()
            if row["state"] in ("awaiting_approval", "requested", "sent", "accepted")
        ]
        instants += [row["until"] for row in self.store.table("holds").values() if row["until"] is not None]
        found = [(one - now).total_seconds() for one in instants if one > now]
        soonest = self.loop.time() + min(found, default=1e9)
        if self.field.in_flight:
            soonest = self.loop.time()
        return min(soonest, self._agenda[0][0] if self._agenda else 1e18)

    def _forget(self) -> None:
        """History from an hour before the oldest snapshot is of no use to this post."""
        taken = [to_us(row["taken_at"]) for row in self.store.table("column_snapshots").values()]
        before_us = min(taken, default=0) - 3_600_000_000
        readings = self.store.table(READINGS)
        for key in [key for key, row in readings.items() if row["received_us"].max(initial=0) < before_us]:
            del readings[key]

    # Calm.

    async def heal(self) -> None:
        """End every fault, and wait until nothing is on its way."""
        self.field.loss = self.field.twice = self.field.late = 0.0
        self._back()
        self._mend()
        for name in ("field", "core", "web"):
            if name not in self.post.running:
                self.post.start(name)
        for gateway in self.field.gateways.values():
            self.field.turn(gateway, online=True)
        while self.people.busy or self.field.in_flight or self.field.queue:
            await self.busy(2.0)

    async def calm(self) -> None:
        """Heal, let delays pass, and judge the whole town."""
        await self.heal()
        await self.busy(BUSY_S)
        await self._idle(CALM_S, people=False)
        await self.heal()
        await self.busy(BUSY_S)
        judge_calm(self)

    async def end(self) -> None:
        """All orders have come to an end, and every gateway has left and come back once."""
        self.field.refusal = 0.0
        await self.heal()
        await self._idle(4 * 3_600)
        for gateway in self.field.gateways.values():
            self.field.turn(gateway, online=False)
        await self.busy(BUSY_S)
        for gateway in self.field.gateways.values():
            self.field.turn(gateway, online=True)
        await self.busy(2 * BUSY_S)
        await self.calm()
        judge_calm(self, at_the_end=True)


@contextmanager
def small_limits() -> Iterator[None]:
    """The limits of wide orders for a town of nine lights."""
    former = law.VISIBLE_ABOVE, law.TWO_PERSONS_ABOVE
    law.VISIBLE_ABOVE, law.TWO_PERSONS_ABOVE = VISIBLE_ABOVE, TWO_PERSONS_ABOVE
    try:
        yield
    finally:
        law.VISIBLE_ABOVE, law.TWO_PERSONS_ABOVE = former


def live(seed: int, hours: float, lines: list[str] | None = None) -> Result:
    """Run one town; raises Broken with what did not hold; `lines` takes the whole trace."""
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    # Rubbish of one run is little, and looking for it takes a tenth of the time.
    gc.disable()
    logging.disable()
    try:
        with small_limits(), np.errstate(invalid="ignore"):
            world = World(loop, seed, hours)
            world.lines = lines
            return loop.run_until_complete(world.run())
    except Killed as error:
        raise error.__cause__ or error from None
    finally:
        logging.disable(logging.NOTSET)
        gc.enable()
        _close(loop)


def _close(loop: VirtualLoop) -> None:
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    asyncio.set_event_loop(None)
    loop.close()
