"""Writes claims as causes, with what the explanation needs."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ondijon.automations.root_cause.places import Spot, label_of
from ondijon.automations.root_cause.table import MICROS, UNCLAIMED, Table
from ondijon.kernel.arrays import Ints32, Ints64
from ondijon.kernel.city import City
from ondijon.kernel.grouping import AlarmKinds, Cause, Signals
from ondijon.kernel.topology import Level, Topology

# The time that the sentence tells is that of nearly all: the last few reports may come in minutes later.
NEARLY_ALL = 0.95


class CauseWriter:
    """Knows the names of elements, trades and communes."""

    def __init__(self, city: City, topology: Topology, kinds: AlarmKinds, levels: Sequence[Level]) -> None:
        self._city = city
        self._topology = topology
        self._kinds = kinds
        self._levels = levels

    def drop_lonely(self, table: Table) -> None:
        """Give up claims on fewer than two: one signal, however often it came, has no cause beside itself."""
        claimed = np.flatnonzero(~table.free())
        if not len(claimed):
            return
        group = self._group_of(table, claimed)
        signal = table.place[claimed].astype(np.int64) * len(self._kinds.keys) + table.spec[claimed]
        pairs = np.unique(np.column_stack((group, signal)), axis=0)
        groups, distinct = np.unique(pairs[:, 0], return_counts=True)
        table.claim(claimed[np.isin(group, groups[distinct < 2])], UNCLAIMED, UNCLAIMED)

    def write(self, signals: Signals, table: Table, spots: Sequence[Spot]) -> list[Cause]:
        """All causes in order of their first signal."""
        claimed = np.flatnonzero(~table.free())
        order = claimed[np.argsort(self._group_of(table, claimed), kind="stable")]
        cuts = np.flatnonzero(np.diff(self._group_of(table, order))) + 1
        causes = [self._of_element(signals, table, members) for members in np.split(order, cuts) if len(members)]
        causes += [self._of_spot(signals, table, spot) for spot in spots]
        rank = {int(row): place for place, row in enumerate(table.row.tolist())}
        return sorted(causes, key=lambda cause: rank[cause.first])

    def _group_of(self, table: Table, rows: Ints64) -> Ints64:
        most = max((len(level.elements) for level in self._levels), default=1)
        return table.level[rows].astype(np.int64) * max(most, 1) + table.element[rows]

    def _of_element(self, signals: Signals, table: Table, members: Ints64) -> Cause:
        level = self._levels[int(table.level[members[0]])]
        number = int(table.element[members[0]])
        element = level.elements[number]
        kind, places = self._usual_type(table, members)
        under = np.flatnonzero((level.of_place == number) & (self._topology.type_of == kind))
        under = np.union1d(under, np.unique(table.place[members]))
        expected = self._by_commune(under)
        values = {"label": element.label, **element.values, **self._count(kind, places), "of": len(under)}
        return self._cause(signals, table, members, (level.kind, element.name, element.twin), expected, values)

    def _of_spot(self, signals: Signals, table: Table, spot: Spot) -> Cause:
        kind, places = self._usual_type(table, spot.members)
        street = self._city.streets.get(label_of(self._topology, places) or "")
        name = street.name if street is not None else ""
        values = {"label": name, "street": name, **self._count(kind, places), "of": 0}
        return self._cause(signals, table, spot.members, (spot.kind, spot.element, None), {}, values)

    def _usual_type(self, table: Table, members: Ints64) -> tuple[int, Ints32]:
        """The type that most members are of, and those twins."""
        places = np.unique(table.place[members])
        kinds = self._topology.type_of[places]
        usual = int(np.argmax(np.bincount(kinds)))
        return usual, places[kinds == usual]

    def _count(self, kind: int, places: Ints32) -> dict[str, Any]:
        return {"twin_type": self._topology.types[kind], "hit": len(places)}

    def _by_commune(self, places: Ints64) -> dict[str, int]:
        counts = np.bincount(self._topology.commune[places], minlength=len(self._city.commune_codes))
        codes = self._city.commune_codes
        return {codes[code]: int(counts[code]) for code in np.flatnonzero(counts).tolist()}

    def _cause(
        self,
        signals: Signals,
        table: Table,
        members: Ints64,
        name: tuple[str, str, str | None],
        expected: dict[str, int],
        values: dict[str, Any],
    ) -> Cause:
        members = np.sort(members)
        at_us = table.raised_us[members]
        nearly_last = int(at_us[int(np.ceil(NEARLY_ALL * len(at_us))) - 1])
        within_s = max(1, round((nearly_last - int(at_us[0])) / MICROS))
        rows = table.row[members].astype(np.int32)
        kind = self._topology.types[int(self._topology.type_of[table.place[members[0]]])]
        return Cause(
            kind=name[0],
            element=name[1],
            twin=name[2],
            trade=self._city.trade_of[kind],
            priority=int(signals.priority[rows].min()),
            members=rows,
            first=int(rows[0]),
            expected=expected,
            values={**values, "within_s": within_s},
        )
