"""Which live values changed since the last frame, kept as one mask a twin type."""

from collections.abc import Mapping

import numpy as np

from ondijon.kernel.arrays import Bools
from ondijon.kernel.city import City
from ondijon.kernel.errors import RemoteProtocolError
from ondijon.kernel.readings import ReadingBatch, evolve_batch

# By twin type: which (property, row) changed.
Marks = Mapping[str, Bools]


class Changes:
    """Takes batches into the city's columns and remembers what they changed."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._marks: dict[str, Bools] = {}

    def take(self, batch: ReadingBatch) -> int:
        """Evolve the columns and return how many readings became live; raises RemoteProtocolError on foreign rows."""
        columns = self._city.columns.get(batch.twin_type)
        if columns is None or not _fits(batch, columns.value.shape):
            raise RemoteProtocolError("error.bad_frame", size=len(batch))
        newer = evolve_batch(columns, batch)
        marks = self._marks.get(batch.twin_type)
        if marks is None:
            marks = self._marks[batch.twin_type] = np.zeros(columns.value.shape, np.bool_)
        marks[batch.property_index[newer], batch.row[newer]] = True
        return int(newer.sum())

    def drain(self) -> Marks:
        """What changed since the last call."""
        marks, self._marks = self._marks, {}
        return marks


def _fits(batch: ReadingBatch, shape: tuple[int, ...]) -> bool:
    if not len(batch):
        return True
    properties, rows = shape
    return bool(
        batch.row.min() >= 0
        and batch.row.max() < rows
        and batch.property_index.min() >= 0
        and batch.property_index.max() < properties
    )


def join(first: Marks, second: Marks) -> dict[str, Bools]:
    """Everything that either of two says."""
    joined = dict(first)
    for twin_type, marks in second.items():
        joined[twin_type] = joined[twin_type] | marks if twin_type in joined else marks
    return joined
