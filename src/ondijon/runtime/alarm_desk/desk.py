"""The alarm desk watches every declared condition over the columns and says when one has stood long enough."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from ondijon.kernel.alarms import AlarmSpec, AlarmView
from ondijon.kernel.arrays import Bools, Floats, Ints32
from ondijon.kernel.city import City
from ondijon.kernel.manifest import HEALTH
from ondijon.kernel.readings import Quality, ReadingBatch
from ondijon.kernel.sharing import WHOLE, Share
from ondijon.runtime.alarm_desk.watch import Watch


class AlarmChange(Struct, frozen=True):
    """An alarm to be raised (with evidence) or cleared; time in microseconds since 1970-01-01 UTC.

    chatters: it has been raised as often as its kind allows within its window.
    """

    spec: AlarmSpec
    row: int
    raised: bool
    at_us: int
    evidence: Mapping[str, Any] = {}
    chatters: bool = False


class Silence(Struct, frozen=True):
    """No alarm of `alarm_type` (None: none at all) for these twins: works, or out of service."""

    alarm_type: str | None
    twin_nos: Sequence[int]


class AlarmDesk:
    """All watches of a share of a city; `judge` after each batch, `tick` each second, then write what they return."""

    def __init__(self, city: City, share: Share = WHOLE) -> None:
        self._city = city
        self._own = {key: share.rows_of(twins) for key, twins in city.twins.items()}
        self._watches: dict[str, list[Watch]] = {}
        self._by_key: dict[str, Watch] = {}
        families = {key: twins.number_families() for key, twins in city.twins.items()}
        for manifest in city.manifests:
            for spec in manifest.alarms:
                watch = Watch(spec, len(city.twins[spec.twin_type]), families[spec.twin_type])
                self._watches.setdefault(spec.twin_type, []).append(watch)
                self._by_key[spec.key] = watch

    def copy_for(self, city: City) -> "AlarmDesk":
        """A desk over another copy of the same city, where everything stands as here."""
        other = AlarmDesk(city)
        other._by_key = {key: watch.copy() for key, watch in self._by_key.items()}
        other._watches = {
            twin_type: [other._by_key[watch.spec.key] for watch in watches]
            for twin_type, watches in self._watches.items()
        }
        return other

    def restore(self, open_alarms: Sequence[tuple[str, str]]) -> None:
        """Take up the alarms that stood before a restart, as (alarm key, twin URN)."""
        for key, urn in open_alarms:
            watch = self._by_key.get(key)
            row = self._own_row(watch, urn)
            if watch is not None and row is not None:
                watch.open[row] = True
                watch.stands[row] = watch.spec.predicate is not None
                watch.since_us[row] = 0

    def look_again(self, now_us: int) -> None:
        """Judge every row that was ever heard, after a restart: delays that ran begin anew, what has gone may clear.

        The next tick tells what that changes.
        """
        for twin_type, watches in self._watches.items():
            view = self._view(twin_type, now_us)
            heard = np.flatnonzero((view.columns.observed_us > 0).any(axis=0) & self._own[twin_type]).astype(np.int32)
            for watch in watches:
                watch.judge(view, heard)

    def restore_raises(self, raises: Sequence[tuple[str, str, int]]) -> None:
        """Take up what was raised lately, the oldest first, as (alarm key, twin URN, microseconds)."""
        for key, urn, at_us in raises:
            watch = self._by_key.get(key)
            row = self._own_row(watch, urn)
            if watch is not None and row is not None:
                watch.restore(row, [at_us])

    def _own_row(self, watch: Watch | None, urn: str) -> int | None:
        """The row of a twin that this desk watches."""
        if watch is None:
            return None
        row = self._city.twins[watch.spec.twin_type].row_of.get(urn)
        return row if row is not None and self._own[watch.spec.twin_type][row] else None

    def silence(self, silences: Sequence[Silence], now_us: int) -> None:
        """Raise nothing for these twins, and again for all others; the next tick tells what that changes."""
        numbers = np.array([number for one in silences for number in one.twin_nos], np.int32)
        lengths = [len(one.twin_nos) for one in silences]
        types = np.repeat(np.arange(len(silences)), lengths)
        for twin_type, watches in self._watches.items():
            twin_no = self._city.twins[twin_type].twin_no
            view = self._view(twin_type, now_us)
            for watch in watches:
                meant = [place for place, one in enumerate(silences) if one.alarm_type in (None, watch.spec.key)]
                mask = np.isin(twin_no, numbers[np.isin(types, meant)])
                watch.judge(view, watch.silence(mask & self._own[twin_type]))

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
                    watch.judge(view, np.flatnonzero(self._own[twin_type]).astype(np.int32))
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
                if record.device == cause.device and self._own[watch.spec.twin_type][row]:
                    changes += self._raise_at(watch, row, evidence, now_us)
        return changes

    def _raise_at(self, watch: Watch, row: int, evidence: Mapping[str, Any], now_us: int) -> list[AlarmChange]:
        if watch.silenced[row]:
            return []
        watch.stands[row] = False
        watch.since_us[row] = now_us
        if watch.open[row]:
            return []
        watch.open[row] = True
        chatters = bool(watch.note_raises(np.array([row]), now_us)[0])
        return [AlarmChange(watch.spec, row, True, now_us, evidence, chatters)]

    def concerned(self, twin_type: str) -> Bools:
        """By row, whether any alarm is open, or its condition stands."""
        watches = self._watches.get(twin_type, [])
        concerned: Bools = np.zeros(len(self._city.twins[twin_type]), np.bool_)
        for watch in watches:
            concerned |= watch.open | watch.stands
        return concerned

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
            due = watch.due(now_us)
            if not len(due):
                continue
            rises = watch.stands[due]
            watch.open[due] = rises
            raised, cleared = due[rises], due[~rises]
            chatters = watch.note_raises(raised, now_us)
            for row, chattering in zip(raised.tolist(), chatters.tolist(), strict=True):
                evidence = watch.spec.evidence(view, row)
                changes.append(AlarmChange(watch.spec, row, True, now_us, evidence, chattering))
            changes += [AlarmChange(watch.spec, row, False, now_us) for row in cleared.tolist()]
        return changes
