"""The projector turns intakes into state: columns evolve, alarms are judged, commands confirmed, all is written."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from ondijon.kernel.arrays import Ints32
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.field import Intake, Presence
from ondijon.kernel.readings import ReadingBatch, evolve_batch
from ondijon.runtime.alarm_desk import AlarmChange, AlarmDesk, Memory
from ondijon.runtime.effects import Effects, EffectsWriter
from ondijon.runtime.tracker import TargetChange, Tracker


class Projector:
    """One writer of the columns of a city; `lock` is held while columns and rows may differ."""

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

    async def commit(self, intake: Intake) -> None:
        """Take in; returns when everything is in the rows."""
        async with self.lock:
            effects = Effects(presences=intake.presences, dead_letters=intake.dead_letters, cursor=intake.cursor)
            now_us = self._clock.now_us()
            words = self._tracker.acknowledge(intake.acknowledgements, self._rows_of_gateway)
            effects.targets += words
            for batch in intake.batches:
                self._evolve(batch, now_us, effects)
            self._add_health(effects, now_us)
            if effects:
                await self._writer.write(effects)
        for presence in intake.presences:
            self.presences.put_nowait(presence)

    async def tick(self) -> None:
        """What time alone does: alarms that were delayed, commands that nobody answered."""
        async with self.lock:
            now_us = self._clock.now_us()
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

    def _evolve(self, batch: ReadingBatch, now_us: int, effects: Effects) -> None:
        columns = self._city.columns[batch.twin_type]
        newer = evolve_batch(columns, batch)
        effects.batches.append(batch)
        self.readings += len(batch)
        self.late += len(batch) - int(np.count_nonzero(newer))
        flags = np.zeros(columns.rows, np.bool_)
        flags[batch.row[newer]] = True
        touched: Ints32 = np.flatnonzero(flags).astype(np.int32)
        self.dirty.update((batch.twin_type, int(index)) for index in np.unique(batch.property_index[newer]))
        for derived in self._memory.evolve(batch.twin_type, touched, now_us):
            self.dirty.update((batch.twin_type, index) for index in derived.places)
            effects.batches += derived.told
        effects.alarms += self._desk.judge(batch.twin_type, touched, now_us)
        effects.targets += self._tracker.confirm(batch, touched)

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


def rows_by_gateway(city: City) -> dict[tuple[str, str], Ints32]:
    """Which rows of each twin type a gateway speaks for, by (twin type, gateway)."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for twin_type, twins in city.twins.items():
        for row, record in enumerate(twins.records):
            if record.gateway is not None:
                found[twin_type, record.gateway].append(row)
    return {key: np.array(rows, np.int32) for key, rows in found.items()}
