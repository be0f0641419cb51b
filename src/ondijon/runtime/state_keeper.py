"""The state keeper saves the columns every few seconds, and after a restart brings back every committed reading."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import AnyArray
from ondijon.kernel.city import City
from ondijon.kernel.clock import EPOCH, Clock
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ports import Row, Rows
from ondijon.kernel.readings import ReadingBatch, evolve_batch
from ondijon.kernel.sharing import WHOLE, Share
from ondijon.runtime import field_queries as queries
from ondijon.runtime import share_queries
from ondijon.runtime.projector import Projector
from ondijon.runtime.share_keeper import Tenure

REPLAY_MARGIN = timedelta(seconds=5)
_DTYPES = (("twin_no", "<i4"), ("value", "<f8"), ("observed_us", "<i8"), ("received_us", "<i8"), ("quality", "u1"))


class Restored(Struct, frozen=True):
    """What a restart brought back: readings replayed, and the properties that must be in the next snapshot.

    was_divided: the snapshots found were made for another division of the field than the present one.
    """

    readings: int
    unsaved: set[tuple[str, int]]
    was_divided: bool


async def save_columns(
    city: City,
    rows: Rows,
    clock: Clock,
    projector: Projector,
    tenure: Tenure | None = None,
    *,
    was_divided: bool = False,
) -> int:
    """Snapshot every property that changed since the last time, with a tenure the rows of its share; returns how many.

    The others are marked as looked at, or a property that seldom changes would have years replayed at the next start.
    """
    share = WHOLE if tenure is None else tenure.share
    async with projector.lock:
        dirty, projector.dirty = projector.dirty, set()
        at = clock.now()
        snapshots = [(key, index, _snapshot(city, key, index, share)) for key, index in sorted(dirty)]
    if not snapshots:
        return 0
    try:
        async with rows.transaction() as tx:
            if tenure is not None:
                await tenure.hold(tx)
            for key, index, arrays in snapshots:
                number = city.property_nos[key, city.columns[key].properties[index]]
                await queries.save_snapshot(tx, at, number, arrays, _place_of(share))
            if not share.is_whole:
                await share_queries.set_share_snapshots_taken(tx, at, _place_of(share), share.of)
            else:
                if was_divided:
                    await share_queries.drop_share_snapshots(tx)
                await queries.set_snapshots_taken(tx, at)
    except EngineAway:
        projector.dirty |= dirty
        raise
    return len(snapshots)


def _place_of(share: Share) -> int:
    """0 is the whole field."""
    return 0 if share.is_whole else share.number + 1


def _snapshot(city: City, key: str, index: int, share: Share) -> list[bytes]:
    columns, own = city.columns[key], share.rows_of(city.twins[key])
    arrays: Sequence[AnyArray] = (
        city.twins[key].twin_no[own],
        columns.value[index][own],
        columns.observed_us[index][own],
        columns.received_us[index][own],
        columns.quality[index][own],
    )
    return [
        np.ascontiguousarray(array, np.dtype(dtype)).tobytes()
        for array, (_, dtype) in zip(arrays, _DTYPES, strict=True)
    ]


async def restore_columns(city: City, rows: Rows, share: Share = WHOLE) -> Restored:
    """Load the snapshots, then every reading committed since the oldest of them.

    What was replayed must be saved again: the next snapshot says of every property that it is as of then.
    """
    since: datetime | None = None
    unsaved: set[int] = set()
    snapshots = await queries.list_snapshots(rows)
    was_divided = any((row["share"] == 0) != share.is_whole for row in snapshots)
    for row in snapshots:
        taken_at: datetime = row["taken_at"]
        since = taken_at if since is None else min(since, taken_at)
        arrays = [np.frombuffer(row[name], np.dtype(dtype)) for name, dtype in _DTYPES]
        _evolve(city, row["property_no"], arrays)
        if was_divided:
            unsaved.add(row["property_no"])
    replayed = 0
    newest = since or EPOCH + REPLAY_MARGIN
    for row in await queries.list_readings_since(rows, newest - REPLAY_MARGIN):
        replayed += len(row["twin_no"])
        unsaved.add(row["property_no"])
        _evolve(city, row["property_no"], _arrays(row))
    return Restored(replayed, _places_of(city, unsaved), was_divided)


def _places_of(city: City, property_nos: set[int]) -> set[tuple[str, int]]:
    """(twin type, place in its columns) of properties, as the projector names them."""
    return {
        (twin_type, city.columns[twin_type].property_index[key])
        for (twin_type, key), number in city.property_nos.items()
        if number in property_nos and twin_type in city.columns and key in city.columns[twin_type].property_index
    }


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
