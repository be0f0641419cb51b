"""One number for each light, in the order of the table documents: what a mode of the map colours it by."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any, Literal

import msgspec
import numpy as np
from msgspec import Struct

from ondijon.apps.console.parts.lighting import queries
from ondijon.apps.console.room import Room
from ondijon.domains.lighting.model import CABINET, STREETLIGHT
from ondijon.kernel.arrays import Bools, Floats, Ints32
from ondijon.kernel.ports import Row
from ondijon.kernel.twins import TwinsOfType
from ondijon.web.rights import Scope

Mode = Literal["power", "cabinet", "class", "programme", "saving"]
MAGIC = b"ODM1"
_ALIGN = 4


class ModeHead(Struct, frozen=True):
    """What the numbers mean: places in `choices`, or an amount in `unit`; NaN is unknown.

    inferred: how many of the known ones nobody measured or wrote down; since, until: the days that were compared.
    """

    mode: Mode
    unit: str
    choices: list[str]
    unknown: int
    inferred: int = 0
    since_day: date | None = None
    until_day: date | None = None


class Coloured(Struct, frozen=True, eq=False):
    """A mode's values by row of all lights, before rights cut them."""

    values: Floats
    unit: str = ""
    choices: Sequence[str] = ()
    inferred: Bools | None = None
    since_day: date | None = None
    until_day: date | None = None


async def read_mode(room: Room, scope: Scope, mode: Mode) -> bytes:
    """The column of a mode for who sees `scope`; raises NotFound when that is no light at all."""
    lights = room.rights.get_visible_type(scope, STREETLIGHT.key)
    coloured = await _READERS[mode](room, lights)
    visible = room.rights.mask(scope, STREETLIGHT.key)
    values = coloured.values[visible].astype("<f4")
    inferred = 0 if coloured.inferred is None else int(np.count_nonzero(coloured.inferred & visible))
    head = ModeHead(
        mode,
        coloured.unit,
        list(coloured.choices),
        int(np.count_nonzero(np.isnan(values))),
        inferred,
        coloured.since_day,
        coloured.until_day,
    )
    text = msgspec.json.encode(head)
    text += b" " * (-len(text) % _ALIGN)
    return b"".join((MAGIC, len(text).to_bytes(4, "little"), text, values.tobytes()))


async def _read_power(room: Room, lights: TwinsOfType) -> Coloured:
    """What each light draws now, W; what is old or was never told is unknown."""
    columns = room.city.columns[STREETLIGHT.key]
    place = columns.property_index["power_w"]
    stale_after_s = room.city.get_property(STREETLIGHT.key, "power_w").stale_after_s
    oldest_us = room.clock.now_us() - int(stale_after_s * 1e6)
    fresh = columns.observed_us[place] >= oldest_us
    return Coloured(np.where(fresh, columns.value[place], np.nan), "W")


async def _read_cabinet(room: Room, lights: TwinsOfType) -> Coloured:
    number = room.city.twins[CABINET.key].row_of
    values = np.array([number.get(record.part_of or "", -1) for record in lights.records], np.float64)
    return Coloured(np.where(values >= 0, values, np.nan), choices=list(number))


async def _read_class(room: Room, lights: TwinsOfType) -> Coloured:
    return _by_choice(lights, await queries.list_classes(room.rows))


async def _read_programme(room: Room, lights: TwinsOfType) -> Coloured:
    return _by_choice(lights, await queries.list_programmes(room.rows))


async def _read_saving(room: Room, lights: TwinsOfType) -> Coloured:
    """The measured saving of each light's cabinet, % of its baseline."""
    cabinets = room.city.twins[CABINET.key]
    found = await queries.list_savings(room.rows)
    measured = np.full(len(cabinets), np.nan)
    rows = _rows_of(cabinets, np.array([row["twin_no"] for row in found], np.int32))
    for at, row in zip(rows.tolist(), found, strict=True):
        if at >= 0 and row["saving_pct"] is not None:
            measured[at] = row["saving_pct"]
    above = (await _read_cabinet(room, lights)).values
    known = ~np.isnan(above)
    values = np.full(len(lights), np.nan)
    values[known] = measured[above[known].astype(np.int32)]
    since = [row["since_day"] for row in found if row["since_day"]]
    until = [row["until_day"] for row in found if row["until_day"]]
    return Coloured(values, "%", since_day=min(since, default=None), until_day=max(until, default=None))


def _by_choice(lights: TwinsOfType, groups: Sequence[Row]) -> Coloured:
    """Values from groups (choice, twin_nos, inferred_nos)."""
    values = np.full(len(lights), np.nan)
    inferred = np.zeros(len(lights), np.bool_)
    for place, group in enumerate(groups):
        rows = _rows_of(lights, np.array(group["twin_nos"], np.int32))
        values[rows[rows >= 0]] = place
        guessed = _rows_of(lights, np.array(group["inferred_nos"] or (), np.int32))
        inferred[guessed[guessed >= 0]] = True
    return Coloured(values, choices=[group["choice"] for group in groups], inferred=inferred)


def _rows_of(twins: TwinsOfType, twin_nos: Ints32) -> Ints32:
    """The row of each number, -1 where it is none of these twins."""
    if not len(twins) or not len(twin_nos):
        return np.full(len(twin_nos), -1, np.int32)
    order = np.argsort(twins.twin_no)
    place = np.minimum(np.searchsorted(twins.twin_no[order], twin_nos), len(order) - 1)
    rows: Ints32 = np.where(twins.twin_no[order][place] == twin_nos, order[place], -1).astype(np.int32)
    return rows


_READERS: dict[Mode, Callable[[Any, TwinsOfType], Awaitable[Coloured]]] = {
    "power": _read_power,
    "cabinet": _read_cabinet,
    "class": _read_class,
    "programme": _read_programme,
    "saving": _read_saving,
}
