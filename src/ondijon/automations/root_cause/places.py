"""Time and place: what no element explains may still be one happening in one area, or a flood over the whole city."""

import numpy as np
from msgspec import Struct

from ondijon.automations.root_cause.table import MICROS, Table
from ondijon.kernel.arrays import Ints32, Ints64
from ondijon.kernel.geo import label_components
from ondijon.kernel.topology import Topology

CELL_M = 150.0
CELL_US = 150 * MICROS
DENSE = 8
HELD_DENSE = 3
WIDEST_M = 2_000.0
# How much denser than the whole city an area must be: what fails everywhere is no area.
STANDS_OUT = 4.0
FLOOD = 60
HELD_FLOOD = 20
_AROUND = [(x, y, t) for x in (-1, 0, 1) for y in (-1, 0, 1) for t in (-1, 0, 1)]


class Spot(Struct, frozen=True, eq=False):
    """Signals that are one happening by time and place, in order of time; kind is `area` or `flood`."""

    kind: str
    element: str
    members: Ints64


def find_spots(
    table: Table, topology: Topology, keys: tuple[str, ...], eligible: Ints64, standing: frozenset[tuple[str, str]]
) -> list[Spot]:
    """Areas first, then floods, each of one kind of alarm, among those eligible that nothing claims.

    keys: alarm keys by `Table.spec`. An area is named after the twin that was first, a flood after its kind.
    """
    rows = eligible[table.free()[eligible]]
    spots: list[Spot] = []
    for spec in np.unique(table.spec[rows]).tolist():
        mine = rows[table.spec[rows] == spec]
        areas = _areas(table, topology, mine, standing)
        left = np.setdiff1d(mine, np.concatenate([area.members for area in areas])) if areas else mine
        spots += [*areas, *_floods(table, left, keys[spec], standing)]
    return spots


def _areas(table: Table, topology: Topology, rows: Ints64, standing: frozenset[tuple[str, str]]) -> list[Spot]:
    held = any(kind == "area" for kind, _ in standing)
    if len(rows) < HELD_DENSE if held else len(rows) < DENSE:
        return []
    areas = []
    ground = len(np.unique(np.floor(topology.metres / CELL_M).astype(np.int64), axis=0))
    usual = int(STANDS_OUT * len(_AROUND) / 3 * _most_at_once(table.raised_us[rows]) / ground)
    for group in _dense_groups(table, topology, rows, max(HELD_DENSE if held else DENSE, usual)):
        places = np.unique(table.place[group])
        spread_m = float(np.ptp(topology.metres[places], axis=0).max())
        element = topology.records[int(table.place[group[0]])].id
        needed = HELD_DENSE if ("area", element) in standing else DENSE
        if len(places) >= needed and spread_m <= WIDEST_M:
            areas.append(Spot("area", element, group))
    return areas


def _most_at_once(at_us: Ints64) -> int:
    """The most signals within three spans of time."""
    return int((np.searchsorted(at_us, at_us + 3 * CELL_US) - np.arange(len(at_us))).max())


def _dense_groups(table: Table, topology: Topology, rows: Ints64, dense_from: int) -> list[Ints64]:
    """Signals in, or beside, cells of space and time around which at least so many came, joined cell by cell."""
    metres = topology.metres[table.place[rows]]
    cells = np.column_stack((np.floor(metres / CELL_M).astype(np.int64), table.raised_us[rows] // CELL_US))
    cells -= cells.min(axis=0) - 1
    radix = cells.max(axis=0) + 2
    weight = np.array([radix[1] * radix[2], radix[2], 1], np.int64)
    used, cell_of, count = np.unique(cells @ weight, return_inverse=True, return_counts=True)
    around = np.zeros(len(used), np.int64)
    begins: list[Ints64] = []
    ends: list[Ints64] = []
    for step in (np.array(_AROUND, np.int64) @ weight).tolist():
        at = np.minimum(np.searchsorted(used, used + step), len(used) - 1)
        there = used[at] == used + step
        around += np.where(there, count[at], 0)
        begins.append(np.flatnonzero(there))
        ends.append(at[there])
    dense = around >= dense_from
    begin, end = np.concatenate(begins), np.concatenate(ends)
    joined = dense[begin] & dense[end] & (begin < end)
    label = label_components(len(used), begin[joined], end[joined])
    beside = dense[begin] & ~dense[end]
    group = np.where(dense, label, len(used))
    np.minimum.at(group, end[beside], label[begin[beside]])
    return [rows[group[cell_of] == number] for number in np.unique(label[dense]).tolist()]


def _floods(table: Table, rows: Ints64, key: str, standing: frozenset[tuple[str, str]]) -> list[Spot]:
    """Bursts of one kind of alarm all over the city."""
    at_us = table.raised_us[rows]
    near = np.searchsorted(at_us, at_us + 2 * CELL_US) - np.searchsorted(at_us, at_us - 2 * CELL_US)
    crowded = rows[near >= (HELD_FLOOD if ("flood", key) in standing else FLOOD)]
    return [Spot("flood", key, crowded)] if len(crowded) else []


def label_of(topology: Topology, places: Ints32) -> str | None:
    """The street that most of these twins stand on, None when none says."""
    streets = [topology.records[place].street_id for place in places.tolist()]
    named = [street for street in streets if street is not None]
    return max(sorted(set(named)), key=named.count) if named else None
