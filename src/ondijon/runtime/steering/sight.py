"""What a steering sees at a beat: counters' columns, the night's programme, urgent places, who holds what."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Floats
from ondijon.kernel.city import City
from ondijon.kernel.clock import to_us
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.manifest import HoldGroup
from ondijon.kernel.ports import Row
from ondijon.kernel.steering import Ground, Seen

URGENT_M = 80.0
NO_END_US = np.iinfo(np.int64).max


class Holders(Struct, frozen=True, eq=False):
    """By row of the steered type: held by somebody else, our own wanted level (NaN: none) and its end."""

    others: Bools
    own_pct: Floats
    until_us: np.ndarray[tuple[int, ...], np.dtype[np.int64]]


def read_holders(
    city: City, twin_type: str, group: HoldGroup, held: Sequence[Row], awaited: Sequence[Row], issuer: UUID
) -> Holders:
    """Who holds what: everything that is not surely our own is somebody else's."""
    twins = city.twins[twin_type]
    row_of = {number: row for row, number in enumerate(twins.twin_no.tolist())}
    level_at = group.properties.index(city.types[twin_type].level_property or "")
    others = np.zeros(len(twins), np.bool_)
    own_pct = np.full(len(twins), np.nan)
    until_us = np.zeros(len(twins), np.int64)
    for one in held:
        row = row_of.get(one["twin_no"])
        if row is None:
            continue
        if one["issuer"] == issuer:
            own_pct[row] = one["wanted"][level_at]
            until_us[row] = NO_END_US if one["until"] is None else to_us(one["until"])
        else:
            others[row] = True
    for one in awaited:
        row = row_of.get(one["twin_no"])
        if row is not None:
            others[row] = True
    return Holders(others, own_pct, until_us)


def mean_by_zone(ground: Ground, values: Floats) -> Floats:
    """The mean of what is known, by zone; NaN where nothing is."""
    known = (ground.zone_of >= 0) & np.isfinite(values)
    zones = ground.zone_of[known]
    count = np.bincount(zones, minlength=len(ground.zones))
    total = np.bincount(zones, values[known], len(ground.zones))
    means: Floats = np.divide(total, count, out=np.full(len(ground.zones), np.nan), where=count > 0)
    return means


def find_urgent(city: City, twin_type: str, ground: Ground, places: Sequence[Row]) -> Bools:
    """Which zones have a light within 80 m of one of these places."""
    urgent = np.zeros(len(ground.zones), np.bool_)
    twins, frame = city.twins[twin_type], LocalMetres(*city.card.center)
    steered = np.flatnonzero(ground.zone_of >= 0)
    lights = frame.to_metres(np.column_stack((twins.lon, twins.lat))[steered])
    for place in places:
        x_m, y_m = frame.to_metres(np.array([(place["lon"], place["lat"])]))[0]
        near = np.hypot(lights[:, 0] - x_m, lights[:, 1] - y_m) <= URGENT_M
        urgent[ground.zone_of[steered[near]]] = True
    return urgent


def look(
    city: City, reads: str, twin_type: str, ground: Ground, programme_pct: Floats, urgent: Bools, now: datetime
) -> Seen:
    """Everything that a steerer may look at."""
    columns = city.columns[reads]
    level = city.columns[twin_type][city.types[twin_type].level_property or ""]
    dark = np.bincount(ground.zone_of[(ground.zone_of >= 0) & ~(programme_pct > 0.0)], minlength=len(ground.zones))
    value = {key: columns[key].copy() for key in columns.properties}
    measured = [columns.observed(key) for key in columns.properties if not np.all(np.isnan(columns[key]))]
    observed = np.max(measured, axis=0) if measured else np.zeros(columns.rows, np.int64)
    return Seen(to_us(now), value, observed, dark == 0, urgent, mean_by_zone(ground, level))
