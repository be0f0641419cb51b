"""The alarm desk watches every declared condition over the columns and says when one has stood long enough."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from ondijon.kernel.alarms import AlarmSpec, AlarmView
from ondijon.kernel.arrays import Bools, Floats, Ints32, Ints64
from ondijon.kernel.city import City
from ondijon.kernel.manifest import HEALTH
from ondijon.kernel.readings import Quality, ReadingBatch

NOT_SINCE = np.iinfo(np.int64).max


class AlarmChange(Struct, frozen=True):
    """An alarm to be raised (with evidence) or cleared; time in microseconds since 1970-01-01 UTC."""

    spec: AlarmSpec
    row: int
    raised: bool
    at_us: int
    evidence: Mapping[str, Any] = {}


class _Watch:
    """One alarm spec over all rows of its type: since when the condition stands or is gone, and what is open."""

    def __init__(self, spec: AlarmSpec, rows: int) -> None:
        self.spec = spec
        self.stands: Bools = np.zeros(rows, np.bool_)
        self.since_us: Ints64 = np.full(rows, NOT_SINCE, np.int64)
        self.open: Bools = np.zeros(rows, np.bool_)

    def judge(self, view: AlarmView, rows: Ints32) -> None:
        if self.spec.predicate is None:
            return
        stands = self.spec.predicate(view, rows)
        turned = stands != self.stands[rows]
        changed = rows[turned]
        self.stands[changed] = stands[turned]
        self.since_us[changed] = view.now_us

    def due(self, now_us: int) -> Ints64:
        """Rows whose condition has differed from what is open for longer than its delay."""
        waiting = np.flatnonzero(self.stands != self.open)
        if not len(waiting):
            return waiting
        delay_s = np.where(self.stands[waiting], self.spec.on_delay_s, self.spec.off_delay_s)
        return waiting[now_us - self.since_us[waiting] >= delay_s * 1_000_000]


class AlarmDesk:
    """All watches of a city; `judge` after each batch, `tick` each second, then write what they return."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._watches: dict[str, list[_Watch]] = {}
        self._by_key: dict[str, _Watch] = {}
        for manifest in city.manifests:
            for spec in manifest.alarms:
                watch = _Watch(spec, len(city.twins[spec.twin_type]))
                self._watches.setdefault(spec.twin_type, []).append(watch)
                self._by_key[spec.key] = watch

    def restore(self, open_alarms: Sequence[tuple[str, str]]) -> None:
        """Take up the alarms that stood before a restart, as (alarm key, twin URN)."""
        for key, urn in open_alarms:
            watch = self._by_key.get(key)
            row = self._city.twins[watch.spec.twin_type].row_of.get(urn) if watch else None
            if watch is not None and row is not None:
                watch.open[row] = True
                watch.stands[row] = watch.spec.predicate is not None
                watch.since_us[row] = 0

    def judge(self, twin_type: str, rows: Ints32, now_us: int) -> list[AlarmChange]:
        """Judge the rows a batch has touched; returns what is raised or cleared at once."""
        watches = self._watches.get(twin_type)
        if not watches or not len(rows):
            return []
        view = self._view(twin_type, now_us)
        for watch in watches:
            watch.judge(view, rows)
        return self._collect(twin_type, view, now_us)

    def tick(self, now_us: int) -> list[AlarmChange]:
        """Judge what time alone changes; returns what is raised or cleared."""
        changes = []
        for twin_type, watches in self._watches.items():
            view = self._view(twin_type, now_us)
            for watch in watches:
                if watch.spec.on_tick:
                    watch.judge(view, np.arange(len(view.twins), dtype=np.int32))
            changes += self._collect(twin_type, view, now_us)
        return changes

    def raise_by_event(self, event: str, evidence: Mapping[str, Any], now_us: int) -> list[AlarmChange]:
        """Raise the alarms declared for an event; each clears itself after its off delay without another one."""
        changes = []
        for watch in self._by_key.values():
            cause = watch.spec.raised_by
            if cause is None or cause.event != event:
                continue
            for row, record in enumerate(self._city.twins[watch.spec.twin_type].records):
                if record.device == cause.device:
                    changes += self._raise_at(watch, row, evidence, now_us)
        return changes

    def _raise_at(self, watch: _Watch, row: int, evidence: Mapping[str, Any], now_us: int) -> list[AlarmChange]:
        watch.stands[row] = False
        watch.since_us[row] = now_us
        if watch.open[row]:
            return []
        watch.open[row] = True
        return [AlarmChange(watch.spec, row, True, now_us, evidence)]

    def health(self, twin_type: str, rows: Sequence[int], now_us: int) -> ReadingBatch | None:
        """Readings of the `health` property: the most urgent open priority of each row, 0 = none."""
        columns = self._city.columns[twin_type]
        if HEALTH not in columns.property_index:
            return None
        chosen = np.unique(np.array(rows, np.int32))
        worst: Floats = np.zeros(len(chosen))
        for watch in sorted(self._watches[twin_type], key=lambda one: -one.spec.priority):
            worst[watch.open[chosen]] = float(watch.spec.priority)
        count = len(chosen)
        index = columns.property_index[HEALTH]
        now = np.full(count, now_us, np.int64)
        quality = np.full(count, Quality.GOOD, np.uint8)
        return ReadingBatch(twin_type, chosen, np.full(count, index, np.int16), worst, now, now, quality)

    def _view(self, twin_type: str, now_us: int) -> AlarmView:
        return AlarmView(self._city.columns[twin_type], self._city.twins[twin_type], now_us)

    def _collect(self, twin_type: str, view: AlarmView, now_us: int) -> list[AlarmChange]:
        changes = []
        for watch in self._watches[twin_type]:
            for row in watch.due(now_us).tolist():
                raised = bool(watch.stands[row])
                watch.open[row] = raised
                evidence = watch.spec.evidence(view, row) if raised else {}
                changes.append(AlarmChange(watch.spec, row, raised, now_us, evidence))
        return changes
