"""The memory of the alarm desk: runs the trades' detectors over what a batch touched and writes what they derive."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints32, Ints64
from ondijon.kernel.city import City
from ondijon.kernel.detectors import Derived, DetectorSpec, DetectorView
from ondijon.kernel.readings import Columns, Quality, ReadingBatch


class Remembered(Struct, frozen=True, eq=False):
    """Which properties (places in the columns) were derived anew, and of these what consoles and history must hear."""

    places: Sequence[int]
    told: Sequence[ReadingBatch]


class Memory:
    """All detectors of a city; derived values stand in its columns, and are as safe as their snapshots."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._detectors: dict[str, list[_Detector]] = defaultdict(list)
        for manifest in city.manifests:
            for spec in manifest.detectors:
                self._detectors[spec.twin_type].append(_Detector(spec, city.columns[spec.twin_type]))

    def evolve(self, twin_type: str, rows: Ints32, now_us: int) -> Iterator[Remembered]:
        """Let every detector of the type see the rows that a batch touched, after the columns took it in."""
        if twin_type not in self._detectors or not len(rows):
            return
        view = DetectorView(self._city.columns, self._city.twins, now_us)
        for detector in self._detectors[twin_type]:
            derived = detector.spec.evolve(view, rows)
            if len(derived.rows):
                yield Remembered(detector.places, detector.write(derived, now_us))


class _Detector:
    def __init__(self, spec: DetectorSpec, columns: Columns) -> None:
        self.spec = spec
        self.places = [columns.property_index[key] for key in spec.writes]
        self._at: Ints64 = np.array(self.places, np.int64)
        self._steps = [(number, step) for number, step in enumerate(spec.told_steps) if step < math.inf]
        self._columns = columns
        self._told: Floats = np.full((len(spec.writes), columns.rows), np.nan)

    def write(self, derived: Derived, now_us: int) -> list[ReadingBatch]:
        """Put the values into the columns; returns those that moved far enough to be told."""
        rows, at = derived.rows, np.ix_(self._at, derived.rows)
        self._columns.value[at] = derived.values
        self._columns.observed_us[at] = derived.observed_us
        self._columns.received_us[at] = now_us
        self._columns.quality[at] = Quality.GOOD
        told = []
        for number, step in self._steps:
            values = derived.values[number]
            moved = ~((np.abs(values - self._told[number, rows]) < step) | np.isnan(values))
            if moved.any():
                told.append(self._tell(number, np.flatnonzero(moved), derived, now_us))
        return told

    def _tell(self, number: int, at: Ints64, derived: Derived, now_us: int) -> ReadingBatch:
        rows, values, count = derived.rows[at], derived.values[number][at], len(at)
        self._told[number, rows] = values
        return ReadingBatch(
            self._columns.twin_type,
            rows,
            np.full(count, self.places[number], np.int16),
            values,
            derived.observed_us[at],
            np.full(count, now_us, np.int64),
            np.full(count, Quality.GOOD, np.uint8),
        )
