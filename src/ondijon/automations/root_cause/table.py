"""The signals as the grouping works on them: in order of time, placed in the topology, with what claims each."""

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Ints16, Ints32, Ints64
from ondijon.kernel.grouping import Signals
from ondijon.kernel.topology import NOWHERE, Level, Topology

UNCLAIMED = -1
MICROS = 1_000_000
# Reports of one happening come in within 300 s; half a minute more for clocks and queues.
GAP_US = 330 * MICROS
SLACK_US = 60 * MICROS


class Table(Struct, frozen=True, eq=False):
    """Signals in order of time; `row` leads back to `Signals`; `level` and `element` are filled as claims are made.

    level: place in the list of levels that the grouping keeps, UNCLAIMED = on its own.
    """

    row: Ints64
    place: Ints32
    spec: Ints16
    raised_us: Ints64
    path: Ints16
    level: Ints16
    element: Ints32

    def free(self) -> Bools:
        """Which signals nothing has claimed yet."""
        return np.asarray(self.level == UNCLAIMED)

    def claim(self, chosen: Ints64, level: int, element: Ints32 | int) -> None:
        """Write a claim on some signals; a later claim takes over from an earlier one."""
        self.level[chosen] = level
        self.element[chosen] = element


def lay_out(signals: Signals, topology: Topology, path_of_spec: Ints16) -> Table:
    """The signals that may be grouped: not apart, and at a twin that the topology knows."""
    place = topology.find_places(np.asarray(signals.twin_no, np.int32))
    usable = np.flatnonzero((place != NOWHERE) & ~np.asarray(signals.apart, np.bool_))
    order = np.lexsort((signals.spec[usable], signals.twin_no[usable], signals.raised_us[usable]))
    row = usable[order]
    spec = np.asarray(signals.spec[row], np.int16)
    return Table(
        row=row,
        place=place[row],
        spec=spec,
        raised_us=np.asarray(signals.raised_us[row], np.int64),
        path=path_of_spec[spec],
        level=np.full(len(row), UNCLAIMED, np.int16),
        element=np.full(len(row), UNCLAIMED, np.int32),
    )


class Bursts(Struct, frozen=True, eq=False):
    """Signals of one owner each that follow each other without a long pause; `of` gives each signal's burst."""

    order: Ints64
    of: Ints64
    owner: Ints32
    start_us: Ints64
    end_us: Ints64

    def __len__(self) -> int:
        return len(self.owner)


def find_bursts(owner: Ints32, at_us: Ints64) -> Bursts:
    """Cut each owner's signals where nothing came for longer than GAP_US; `order` sorts them by owner and time."""
    order = np.lexsort((at_us, owner))
    sorted_owner, sorted_at = owner[order], at_us[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (sorted_owner[1:] != sorted_owner[:-1]) | (sorted_at[1:] - sorted_at[:-1] > GAP_US)
    begins = np.flatnonzero(new)
    ends = np.append(begins[1:], len(order)) - 1 if len(begins) else begins
    return Bursts(order, np.cumsum(new) - 1, sorted_owner[begins], sorted_at[begins], sorted_at[ends])


class Kept(Struct, frozen=True, eq=False):
    """A level of a path with its place in the grouping's list, its path's place, and which elements stand already."""

    number: int
    path: int
    level: Level
    stands: Bools
