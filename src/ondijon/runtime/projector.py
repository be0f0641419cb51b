"""The projector turns intakes into state: columns evolve, alarms are judged, commands confirmed, all is written."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from ondijon.kernel.arrays import Ints32
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.field import Intake, Presence
from ondijon.kernel.health import Backlog
from ondijon.kernel.readings import ReadingBatch, evolve_batch
from ondijon.runtime.alarm_desk import AlarmChange, AlarmDesk, Line, Memory
from ondijon.runtime.effects import Effects, EffectsWriter
from ondijon.runtime.shedding import CALM_S, Pressure, choose_shed, evolve_pressure
from ondijon.runtime.tracker import TargetChange, Tracker

SHEDDING = "field.shedding"
# What was told of the backlog counts for so long; the core tells it each second.
TOLD_FOR_US = 10_000_000
# After so long without an early reading, late ones only fill the history.
LINE_KEPT_US = 60_000_000


class Projector:
    """One writer of the columns of a city; `lock` is held while columns and rows may differ.

    State, alarms and confirmations follow from every reading. Only their rows in history may be shed, when the post
    does not keep up (`runtime.shedding`); `shed` counts them by twin type since the start.
    """

    def __init__(self, city: City, clock: Clock, desk: AlarmDesk, tracker: Tracker, writer: EffectsWriter) -> None:
        self._city = city
        self._clock = clock
        self._desk = desk
        self._memory = Memory(city)
        self._tracker = tracker
        self._writer = writer
        self._rows_of_gateway = rows_by_gateway(city)
        self.lock = asyncio.Lock()
        self.dirty: set[tuple[str, int]] = set()
        self.presences: asyncio.Queue[Presence] = asyncio.Queue()
        self.readings = 0
        self.late = 0
        self.early = 0
        # While readings of now go past a backlog: what the backlog alone would have raised.
        self._line: Line | None = None
        self._early_us = 0
        self.busy_s = 0.0
        self.shed: Counter[str] = Counter()
        self._pressure = Pressure()
        self._backlog: tuple[Backlog, int] | None = None
        self._is_measure = {
            key: np.array([one.kind == "number" and not one.live for one in spec.properties], np.bool_)
            for key, spec in city.types.items()
        }

    @property
    def is_shedding(self) -> bool:
        return self._pressure.is_shedding

    @property
    def keeps_up(self) -> bool:
        """Whether the broker says that nothing of the field waits for longer than a moment."""
        return self._backlog is not None and self._backlog[0].behind_s < CALM_S

    def hear_backlog(self, backlog: Backlog | None) -> None:
        """Take what the broker still holds for us, as somebody has just asked it; None: it did not say."""
        self._backlog = None if backlog is None else (backlog, self._clock.now_us())

    async def commit(self, intake: Intake) -> None:
        """Take in; returns when everything that is to last is in the rows."""
        async with self.lock:
            began_s = time.perf_counter()
            effects = Effects(presences=intake.presences, dead_letters=intake.dead_letters, cursor=intake.cursor)
            now_us = self._clock.now_us()
            self._watch_pressure(now_us)
            if intake.is_early:
                self._early_us = now_us
                self._line = self._line or Line(self._city, self._desk)
            words = self._tracker.acknowledge(intake.acknowledgements, self._rows_of_gateway)
            effects.targets += words
            for batch in intake.batches:
                self._evolve(batch, now_us, effects, is_early=intake.is_early)
            if effects.shed:
                effects.alarms += self._desk.raise_by_event(SHEDDING, dict(effects.shed), now_us)
            self._add_health(effects, now_us)
            if effects:
                await self._writer.write(effects)
            self.shed.update(effects.shed)
            self.busy_s += time.perf_counter() - began_s
        for presence in intake.presences:
            self.presences.put_nowait(presence)

    async def tick(self) -> None:
        """What time alone does: alarms that were delayed, commands that nobody answered."""
        async with self.lock:
            now_us = self._clock.now_us()
            if now_us - self._early_us > LINE_KEPT_US:
                self._line = None
            effects = Effects(alarms=self._desk.tick(now_us), targets=self._tracker.overdue(now_us))
            self._add_health(effects, now_us)
            if effects:
                await self._writer.write(effects)
            self._tracker.forget_settled()

    async def apply(self, targets: list[TargetChange], alarms: Sequence[AlarmChange] = ()) -> None:
        """Write changes that came from elsewhere than the field."""
        async with self.lock:
            effects = Effects(targets=list(targets), alarms=list(alarms))
            self._add_health(effects, self._clock.now_us())
            if effects:
                await self._writer.write(effects)

    def _evolve(self, batch: ReadingBatch, now_us: int, effects: Effects, *, is_early: bool) -> None:
        columns = self._city.columns[batch.twin_type]
        newer = evolve_batch(columns, batch)
        count = int(np.count_nonzero(newer))
        if count:
            effects.shown.append(batch if count == len(batch) else batch.part(newer))
        if is_early:
            self.early += len(batch)
        else:
            self.readings += len(batch)
            self.late += len(batch) - count
        flags = np.zeros(columns.rows, np.bool_)
        flags[batch.row[newer]] = True
        touched: Ints32 = np.flatnonzero(flags).astype(np.int32)
        self.dirty.update((batch.twin_type, int(index)) for index in np.unique(batch.property_index[newer]))
        for derived in self._memory.evolve(batch.twin_type, touched, now_us):
            self.dirty.update((batch.twin_type, index) for index in derived.places)
            effects.batches += derived.told
            effects.shown += derived.told
        raised = self._desk.judge(batch.twin_type, touched, now_us)
        effects.alarms += raised
        if self._line is not None:
            self._line.note(raised)
            effects.alarms += () if is_early else self._line.judge(batch, now_us)
        effects.targets += self._tracker.confirm(batch, touched)
        if not is_early:
            # A doubtful pack may be a repetition, of which nothing is left out: the history itself will tell.
            may_shed = self.is_shedding and not batch.doubtful
            effects.batches.append(self._thin(batch, now_us, effects) if may_shed else batch)

    def _watch_pressure(self, now_us: int) -> None:
        told = self._backlog
        known = told[0] if told is not None and now_us - told[1] <= TOLD_FOR_US else None
        behind_s, messages = (None, 0) if known is None else (known.behind_s, known.messages)
        self._pressure = evolve_pressure(self._pressure, now_us, behind_s, messages)

    def _thin(self, batch: ReadingBatch, now_us: int, effects: Effects) -> ReadingBatch:
        """The batch without what may be shed, which is counted; judged before, it has raised whatever it raises."""
        may_lose = ~self._desk.concerned(batch.twin_type)
        may_lose[[one.row for one in effects.alarms if one.spec.twin_type == batch.twin_type]] = False
        shed = choose_shed(batch, self._is_measure[batch.twin_type], may_lose, now_us)
        count = int(np.count_nonzero(shed))
        if not count:
            return batch
        effects.shed[batch.twin_type] = effects.shed.get(batch.twin_type, 0) + count
        return batch.part(~shed)

    def _add_health(self, effects: Effects, now_us: int) -> None:
        changed: dict[str, list[int]] = defaultdict(list)
        for change in effects.alarms:
            changed[change.spec.twin_type].append(change.row)
        for twin_type, rows in changed.items():
            health = self._desk.health(twin_type, rows, now_us)
            if health is not None:
                evolve_batch(self._city.columns[twin_type], health)
                self.dirty.add((twin_type, int(health.property_index[0])))
                effects.batches.append(health)
                effects.shown.append(health)


def rows_by_gateway(city: City) -> dict[tuple[str, str], Ints32]:
    """Which rows of each twin type a gateway speaks for, by (twin type, gateway)."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for twin_type, twins in city.twins.items():
        for row, record in enumerate(twins.records):
            if record.gateway is not None:
                found[twin_type, record.gateway].append(row)
    return {key: np.array(rows, np.int32) for key, rows in found.items()}
