"""Alarms of a backlog that newer readings went past: what came and went meanwhile is told as having come and gone."""

from collections import Counter
from collections.abc import Sequence
from copy import copy

import numpy as np

from ondijon.kernel.arrays import Ints32
from ondijon.kernel.city import City
from ondijon.kernel.readings import ReadingBatch, evolve_batch
from ondijon.runtime.alarm_desk.desk import AlarmChange, AlarmDesk


class Line:
    """Columns and a desk of their own, as if only what waited in line had been said since the first early reading.

    Only alarms without an on delay: others cannot have stood long enough within seconds of taking in. Detectors do not
    run here, so what they derive stays as it was.
    """

    def __init__(self, city: City, desk: AlarmDesk) -> None:
        self._city = copy(city)
        self._city.columns = {key: columns.copy() for key, columns in city.columns.items()}
        self._desk = desk.copy_for(self._city)
        self._told: Counter[tuple[str, int]] = Counter()

    def note(self, changes: Sequence[AlarmChange]) -> None:
        """The live desk has told these: they are not told again when the line comes to them."""
        self._told.update((change.spec.key, change.row) for change in changes if change.raised)

    def judge(self, batch: ReadingBatch, now_us: int) -> list[AlarmChange]:
        """Take in what had its turn; returns pairs of raised and cleared that the live desk never saw."""
        newer = evolve_batch(self._city.columns[batch.twin_type], batch)
        touched: Ints32 = np.unique(batch.row[newer]).astype(np.int32)
        found: list[AlarmChange] = []
        for change in self._desk.judge(batch.twin_type, touched, now_us):
            if change.raised and not change.spec.on_delay_s and not self._take_told(change):
                found += (change, AlarmChange(change.spec, change.row, False, now_us))
        return found

    def _take_told(self, change: AlarmChange) -> bool:
        key = change.spec.key, change.row
        if self._told[key] <= 0:
            return False
        self._told[key] -= 1
        return True
