"""Sources and their parts: does a circuit, a phase, a cabinet or a gateway explain what hangs on it."""

import numpy as np
from msgspec import Struct

from ondijon.automations.root_cause.evidence import weigh
from ondijon.automations.root_cause.table import GAP_US, Kept, Table, find_bursts
from ondijon.kernel.arrays import Bools, Floats, Ints32, Ints64
from ondijon.kernel.topology import Level, Path, Topology

# Log odds against any one element having failed in these minutes, before anything is seen.
PENALTY = 9.0
# What stands already needs less evidence to go on standing.
HOLD = 7.0
# A source that says itself that it failed explains whatever hangs on it.
OWN_WORD = 1_000.0
QUIET = 1e-3
LOUD = 0.3
BUSY_SHARE = 0.2
NOTHING, WHOLE, FIRST_PART = 0, 1, 2


class Hits(Struct, frozen=True, eq=False):
    """Sources that something happened to: the place of their own twin, from when to when, on which path."""

    place: Ints32
    start_us: Ints64
    end_us: Ints64
    path: Ints32


def join_hits(parts: list[Hits]) -> Hits:
    """All hits in one."""
    if not parts:
        none = np.zeros(0, np.int64)
        return Hits(none.astype(np.int32), none, none, none.astype(np.int32))
    return Hits(
        np.concatenate([part.place for part in parts]),
        np.concatenate([part.start_us for part in parts]),
        np.concatenate([part.end_us for part in parts]),
        np.concatenate([part.path for part in parts]),
    )


class _Leaves(Struct, frozen=True, eq=False):
    """Signals of one kind below the sources of one path: the burst, place and owner of each."""

    burst: Ints64
    place: Ints32
    bursts: int
    background: Floats
    of_type: Ints32


class SourceSearch(Struct, frozen=True, eq=False):
    """The levels of one path up to its sources."""

    topology: Topology
    path: Path
    parts: tuple[Kept, ...]
    source: Kept

    def explain(self, table: Table, chosen: Ints64) -> Hits:
        """Claim what parts or sources explain among these signals of the path; tell which sources were hit.

        Each kind of signal below a source is judged by itself (lights that are dark and lights that burn by day have
        no cause in common); the source's own signals go with the kind that has most.
        """
        chosen = chosen[self.source.level.of_place[table.place[chosen]] >= 0]
        at_source = self._at_source(table, chosen)
        below = chosen[~at_source]
        kinds, counts = np.unique(table.spec[below], return_counts=True)
        own = chosen[at_source]
        found: list[Hits] = []
        for spec in kinds[np.lexsort((kinds, -counts))].tolist():
            rows = np.sort(np.concatenate((below[table.spec[below] == spec], own)))
            found.append(self._explain_kind(table, rows))
            own = own[table.free()[own]]
        if len(own) and not len(kinds):
            found.append(self._explain_kind(table, own))
        return join_hits(found)

    def _at_source(self, table: Table, rows: Ints64) -> Bools:
        place = table.place[rows]
        return np.asarray(self.path.source_place[self.source.level.of_place[place]] == place)

    def _explain_kind(self, table: Table, rows: Ints64) -> Hits:
        bursts = find_bursts(self.source.level.of_place[table.place[rows]], table.raised_us[rows])
        rows = rows[bursts.order]
        below = ~self._at_source(table, rows)
        own = np.bincount(bursts.of[~below], minlength=len(bursts)) > 0
        leaves = self._leaves(table, rows[below], bursts.of[below], bursts.start_us, bursts.end_us)
        weighed = [_weigh_parts(kept, leaves) for kept in self.parts]
        whole = self._weigh_whole(leaves, bursts.owner, own)
        gains = [np.zeros(len(bursts)), whole, *(gain for gain, _ in weighed)]
        choice = np.argmax(np.stack(gains), axis=0)
        taken = choice[bursts.of] == WHOLE
        table.claim(rows[taken], self.source.number, bursts.owner[bursts.of[taken]])
        for index, (kept, (_, failed)) in enumerate(zip(self.parts, weighed, strict=True)):
            mine = failed & (choice[leaves.burst] == FIRST_PART + index)
            table.claim(rows[below][mine], kept.number, kept.level.of_place[leaves.place[mine]])
        hit = own | (choice != NOTHING)
        place = self.path.source_place[bursts.owner[hit]]
        return Hits(place, bursts.start_us[hit], bursts.end_us[hit], np.full(len(place), self.source.path, np.int32))

    def _leaves(self, table: Table, rows: Ints64, burst: Ints64, start_us: Ints64, end_us: Ints64) -> _Leaves:
        place = table.place[rows]
        kind = self.topology.type_of[place[0]] if len(place) else -1
        of_type = np.flatnonzero(self.topology.type_of == kind).astype(np.int32)
        rates = _Rates.of(self.source.level, of_type, place, table.raised_us[rows])
        return _Leaves(burst, place, len(start_us), rates.between(start_us, end_us), of_type)

    def _weigh_whole(self, leaves: _Leaves, owner: Ints32, own: Bools) -> Floats:
        keys = np.unique(leaves.burst * len(self.topology.type_of) + leaves.place)
        hits = np.bincount(keys // len(self.topology.type_of), minlength=leaves.bursts)
        could = self.source.level.count(leaves.of_type)[owner]
        gain = weigh(hits, could, leaves.background) - PENALTY + HOLD * self.source.stands[owner]
        gain[own] += OWN_WORD
        gain[hits == 0] = -np.inf
        return gain


def _weigh_parts(kept: Kept, leaves: _Leaves) -> tuple[Floats, Bools]:
    """What parts of this kind explain of each burst, and of each signal whether its part failed."""
    level, count = kept.level, max(len(kept.level.elements), 1)
    part = level.of_place[leaves.place]
    known = part >= 0
    key = np.where(known, leaves.burst * count + part, -1)
    span = len(level.of_place)
    twins = np.unique(key[known] * span + leaves.place[known]) // span
    parts, hits = np.unique(twins, return_counts=True)
    burst, element = parts // count, parts % count
    could = level.count(leaves.of_type)[element]
    gain = weigh(hits, could, leaves.background[burst]) - PENALTY + HOLD * kept.stands[element]
    failing = parts[gain > 0]
    total: Floats = np.bincount(burst, np.maximum(gain, 0.0), minlength=leaves.bursts).astype(np.float64)
    return total, known & np.isin(key, failing)


class _Rates(Struct, frozen=True, eq=False):
    """What share of all twins of a type signals by itself, by spans of GAP_US."""

    span: Ints64
    until: Floats

    @staticmethod
    def of(source: Level, of_type: Ints32, place: Ints32, at_us: Ints64) -> "_Rates":
        """A span is busy where many sources have something: then the mean, without the fifth that has most."""
        span_of = at_us // GAP_US
        spans, index = np.unique(span_of, return_inverse=True)
        count = max(len(source.elements), 1)
        could = source.count(of_type)
        keys, hits = np.unique(index * count + source.of_place[place], return_counts=True)
        busy = np.bincount(keys // count, minlength=len(spans)) > BUSY_SHARE * count
        rates = np.zeros(len(spans))
        for number in np.flatnonzero(busy).tolist():
            mine = keys // count == number
            here = np.zeros(count)
            here[keys[mine] % count] = hits[mine]
            share = np.sort(here / np.maximum(could, 1))
            rates[number] = float(share[: int(count * (1 - BUSY_SHARE))].mean()) if count > 1 else 0.0
        return _Rates(spans, np.concatenate(([0.0], np.cumsum(rates))))

    def between(self, start_us: Ints64, end_us: Ints64) -> Floats:
        """The share expected over each of these times."""
        first = np.searchsorted(self.span, start_us // GAP_US, side="left")
        last = np.searchsorted(self.span, end_us // GAP_US, side="right")
        return np.clip(self.until[last] - self.until[first], QUIET, LOUD)
