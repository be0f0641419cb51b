"""The state keeper saves the columns every few seconds, and after a restart brings back every committed reading."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from ondijon.kernel.arrays import AnyArray
from ondijon.kernel.city import City
from ondijon.kernel.clock import EPOCH, Clock
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ports import Row, Rows
from ondijon.kernel.readings import ReadingBatch, evolve_batch
from ondijon.runtime import field_queries as queries
from ondijon.runtime.projector import Projector

REPLAY_MARGIN = timedelta(seconds=5)
_DTYPES = (("twin_no", "<i4"), ("value", "<f8"), ("observed_us", "<i8"), ("received_us", "<i8"), ("quality", "u1"))


async def save_columns(city: City, rows: Rows, clock: Clock, projector: Projector) -> int:
    """Snapshot every property that changed since the last time; returns how many.

    The others are marked as looked at, or a property that seldom changes would have years replayed at the next start.
    """
    async with projector.lock:
        dirty, projector.dirty = projector.dirty, set()
        at = clock.now()
        snapshots = [(key, index, _snapshot(city, key, index)) for key, index in sorted(dirty)]
    if not snapshots:
        return 0
    try:
        async with rows.transaction() as tx:
            for key, index, arrays in snapshots:
                number = city.property_nos[key, city.columns[key].properties[index]]
                await queries.save_snapshot(tx, at, number, arrays)
            await queries.set_snapshots_taken(tx, at)
    except EngineAway:
        projector.dirty |= dirty
        raise
    return len(snapshots)


def _snapshot(city: City, key: str, index: int) -> list[bytes]:
    columns = city.columns[key]
    arrays: Sequence[AnyArray] = (
        city.twins[key].twin_no,
        columns.value[index],
        columns.observed_us[index],
        columns.received_us[index],
        columns.quality[index],
    )
    return [
        np.ascontiguousarray(array, np.dtype(dtype)).tobytes()
        for array, (_, dtype) in zip(arrays, _DTYPES, strict=True)
    ]


async def restore_columns(city: City, rows: Rows) -> int:
    """Load the snapshots, then every reading committed since the oldest of them; returns how many readings."""
    since: datetime | None = None
    for row in await queries.list_snapshots(rows):
        taken_at: datetime = row["taken_at"]
        since = taken_at if since is None else min(since, taken_at)
        arrays = [np.frombuffer(row[name], np.dtype(dtype)) for name, dtype in _DTYPES]
        _evolve(city, row["property_no"], arrays)
    replayed = 0
    newest = since or EPOCH + REPLAY_MARGIN
    for row in await queries.list_readings_since(rows, newest - REPLAY_MARGIN):
        replayed += len(row["twin_no"])
        _evolve(city, row["property_no"], _arrays(row))
    return replayed


def _arrays(row: Row) -> list[AnyArray]:
    return [np.array(row[name], np.dtype(dtype)) for name, dtype in _DTYPES]


def _evolve(city: City, property_no: int, arrays: Sequence[AnyArray]) -> None:
    named = {number: key for key, number in city.property_nos.items()}
    twin_type, key = named[property_no]
    if twin_type not in city.columns or key not in city.columns[twin_type].property_index:
        return
    twin_no, value, observed_us, received_us, quality = arrays
    twins = city.twins[twin_type]
    if not len(twins):
        return
    order = np.argsort(twins.twin_no)
    place = np.minimum(np.searchsorted(twins.twin_no[order], twin_no), len(order) - 1)
    known = (twins.twin_no[order][place] == twin_no) & (observed_us > 0)
    rows = order[place][known].astype(np.int32)
    index = np.full(len(rows), city.columns[twin_type].property_index[key], np.int16)
    batch = ReadingBatch(twin_type, rows, index, value[known], observed_us[known], received_us[known], quality[known])
    evolve_batch(city.columns[twin_type], batch)
