"""The grouping of one city: lays the signals out, lets sources, trunks and places claim them, and tells the causes."""

from collections.abc import Iterator, Sequence

import numpy as np

from ondijon.automations.root_cause.causes import CauseWriter
from ondijon.automations.root_cause.places import find_spots
from ondijon.automations.root_cause.sources import Hits, SourceSearch, join_hits
from ondijon.automations.root_cause.table import SLACK_US, Kept, Table, lay_out
from ondijon.automations.root_cause.trunks import TrunkSearch
from ondijon.kernel.alarms import Priority
from ondijon.kernel.arrays import Ints16, Ints64
from ondijon.kernel.city import City
from ondijon.kernel.grouping import AlarmKinds, Cause, Signals
from ondijon.kernel.topology import Level, Path, Topology, build_topology

NEVER_US = np.iinfo(np.int64).max


class CityGrouper:
    """A Grouper (kernel.grouping) that keeps only what it derived from the inventory."""

    def __init__(self, city: City, kinds: AlarmKinds) -> None:
        self._topology: Topology = build_topology(city)
        self._keys = kinds.keys
        self._paths: tuple[Path, ...] = tuple(self._topology.paths.values())
        path_of = {spec.key: spec.path for manifest in city.manifests for spec in manifest.alarms}
        codes = {path.key: code for code, path in enumerate(self._paths)}
        self._path_of_spec: Ints16 = np.array([codes.get(path_of.get(key, ""), -1) for key in kinds.keys], np.int16)
        self._levels: list[tuple[int, Level]] = [
            (code, level) for code, path in enumerate(self._paths) for level in (*path.parts, path.source, *path.trunks)
        ]
        self._supply = codes.get("supply", -1)
        self._writer = CauseWriter(city, self._topology, kinds, [level for _, level in self._levels])

    def find_causes(self, signals: Signals, standing: Sequence[tuple[str, str]], now_us: int) -> Sequence[Cause]:
        """Every cause that stands now, in order of its first signal (kernel.grouping.Grouper)."""
        table = lay_out(signals, self._topology, self._path_of_spec)
        if not len(table.row):
            return []
        before = frozenset(standing)
        kept = self._kept(before)
        hits = [search.explain(table, np.flatnonzero(table.path == code)) for code, search in self._searches(kept)]
        self._join_silence(table, kept, hits)
        trunks = tuple(one for one in kept if one.level in self._paths[one.path].trunks)
        TrunkSearch(self._topology, self._paths, self._supply, trunks).explain(table, join_hits(hits), now_us)
        self._join_late(table, kept)
        self._writer.drop_lonely(table)
        eligible = np.flatnonzero(signals.priority[table.row] != Priority.URGENT)
        spots = find_spots(table, self._topology, self._keys, eligible, before)
        return self._writer.write(signals, table, spots)

    def _kept(self, standing: frozenset[tuple[str, str]]) -> list[Kept]:
        kept = []
        for number, (path, level) in enumerate(self._levels):
            names = {element for kind, element in standing if kind == level.kind}
            stands = np.array([one.name in names for one in level.elements] if names else [False] * len(level.elements))
            kept.append(Kept(number, path, level, stands.astype(np.bool_)))
        return kept

    def _searches(self, kept: list[Kept]) -> Iterator[tuple[int, SourceSearch]]:
        for code, path in enumerate(self._paths):
            parts = tuple(one for one in kept if one.level in path.parts)
            source = next(one for one in kept if one.level is path.source)
            yield code, SourceSearch(self._topology, path, parts, source)

    def _join_silence(self, table: Table, kept: list[Kept], hits: list[Hits]) -> None:
        """A source that lost its supply goes silent: its silence belongs to the same cause."""
        if self._supply < 0 or not len(hits[self._supply].place):
            return
        source = next(one for one in kept if one.level is self._paths[self._supply].source)
        own = self._paths[self._supply].source_place
        element = source.level.of_place[table.place]
        at_source = (element >= 0) & (own[element] == table.place)
        lost_us = np.full(len(own), NEVER_US, np.int64)
        supply = at_source & (table.path == self._supply)
        np.minimum.at(lost_us, element[supply], table.raised_us[supply])
        claimed = table.level == source.number
        np.minimum.at(lost_us, table.element[claimed], table.raised_us[claimed])
        silent = at_source & (table.path != self._supply) & (table.path >= 0)
        after = np.where(lost_us == NEVER_US, NEVER_US, lost_us - 5 * SLACK_US)
        joined = silent & (table.raised_us >= after[element])
        told = supply & np.isin(element, element[joined])
        chosen: Ints64 = np.flatnonzero(joined | told)
        table.claim(chosen, source.number, element[chosen])

    def _join_late(self, table: Table, kept: list[Kept]) -> None:
        """What is raised under an element after it failed belongs to it, however late the report."""
        for one in kept:
            claimed = table.level == one.number
            if not claimed.any():
                continue
            since_us = np.full(len(one.level.elements), NEVER_US, np.int64)
            np.minimum.at(since_us, table.element[claimed], table.raised_us[claimed])
            element = one.level.of_place[table.place]
            under = table.free() & (table.path == one.path) & (element >= 0)
            under[under] = table.raised_us[under] >= since_us[element[under]]
            chosen = np.flatnonzero(under)
            table.claim(chosen, one.number, element[chosen])
