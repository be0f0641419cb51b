"""Readings travel in columns: one batch, one twin type, no object per value."""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Bytes8, Floats, Ints16, Ints32, Ints64

NEVER = 0


class Quality(IntEnum):
    """OPC UA's three families of status code."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2


class ReadingBatch(Struct, frozen=True, eq=False):
    """Readings of one twin type; every array has the same length.

    row: place of the twin in its type's columns; property_index: place in the type's list of properties;
    value in the property's own unit; times in microseconds since 1970-01-01 UTC. Doubtful ones may be repetitions: the
    history takes those that it does not have.
    """

    twin_type: str
    row: Ints32
    property_index: Ints16
    value: Floats
    observed_us: Ints64
    received_us: Ints64
    quality: Bytes8
    doubtful: bool = False

    def __len__(self) -> int:
        return len(self.row)

    def part(self, chosen: slice | Ints64 | Bools) -> "ReadingBatch":
        """These readings of it."""
        return ReadingBatch(
            self.twin_type,
            self.row[chosen],
            self.property_index[chosen],
            self.value[chosen],
            self.observed_us[chosen],
            self.received_us[chosen],
            self.quality[chosen],
            self.doubtful,
        )


class Columns:
    """The latest known state of all twins of one type, shape (properties, rows)."""

    def __init__(self, twin_type: str, properties: Sequence[str], rows: int) -> None:
        shape = (len(properties), rows)
        self.twin_type = twin_type
        self.properties = tuple(properties)
        self.property_index = {key: index for index, key in enumerate(properties)}
        self.value: Floats = np.full(shape, np.nan)
        self.observed_us: Ints64 = np.zeros(shape, np.int64)
        self.received_us: Ints64 = np.zeros(shape, np.int64)
        self.quality: Bytes8 = np.full(shape, Quality.BAD, np.uint8)

    def copy(self) -> "Columns":
        """The same state, that from now on goes its own way."""
        other = Columns(self.twin_type, self.properties, self.rows)
        for name in ("value", "observed_us", "received_us", "quality"):
            getattr(other, name)[:] = getattr(self, name)
        return other

    @property
    def rows(self) -> int:
        return int(self.value.shape[1])

    def __getitem__(self, key: str) -> Floats:
        """The live values of one property, by row (a view: writing to it changes the state)."""
        values: Floats = self.value[self.property_index[key]]
        return values

    def observed(self, key: str) -> Ints64:
        """When each row's value of a property was observed, microseconds; 0 = never."""
        times: Ints64 = self.observed_us[self.property_index[key]]
        return times

    def received(self, key: str) -> Ints64:
        """When each row's value of a property was received, microseconds; 0 = never."""
        times: Ints64 = self.received_us[self.property_index[key]]
        return times


def evolve_batch(columns: Columns, batch: ReadingBatch) -> Bools:
    """Let the newest observation of each value win; returns which readings became live.

    Late, repeated and reordered readings have no effect on the live state (they still belong to history).
    """
    if len(batch) == 0:
        return np.zeros(0, np.bool_)
    flat = batch.property_index.astype(np.int64) * columns.rows + batch.row
    newer: Bools = batch.observed_us > columns.observed_us.reshape(-1)[flat]
    observed = batch.observed_us
    order: Ints64 | None = None
    if np.any(observed[1:] < observed[:-1]):
        order = np.argsort(observed, kind="stable")
        order = order[newer[order]]
    chosen = np.flatnonzero(newer) if order is None else order
    target = flat[chosen]
    # NumPy assigns repeated indices in order, so the newest, being last, stays.
    columns.value.reshape(-1)[target] = batch.value[chosen]
    columns.observed_us.reshape(-1)[target] = observed[chosen]
    columns.received_us.reshape(-1)[target] = batch.received_us[chosen]
    columns.quality.reshape(-1)[target] = batch.quality[chosen]
    return newer
