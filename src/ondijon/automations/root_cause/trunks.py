"""Trunks: what several sources hang on explains them when enough of them are hit together."""

import numpy as np
from msgspec import Struct

from ondijon.automations.root_cause.evidence import weigh
from ondijon.automations.root_cause.sources import HOLD, PENALTY, QUIET, Hits
from ondijon.automations.root_cause.table import MICROS, SLACK_US, Kept, Table, find_bursts
from ondijon.kernel.arrays import Bools, Floats, Ints32, Ints64
from ondijon.kernel.topology import Path, Topology

SPREAD_S = 300.0
# Of the sources of a trunk: hit in the end, and enough of them at its very beginning.
SETTLED_SHARE = 0.5
FIRST_SHARE = 0.1
HELD_SHARE = 0.15
FEWEST = 4


class _Candidate(Struct, frozen=True, eq=False):
    """One trunk that might explain a burst of hits."""

    kept: Kept
    element: int
    weight: float
    hits: Ints64
    start_us: int
    first_us: int
    end_us: int


class TrunkSearch(Struct, frozen=True, eq=False):
    """The trunks of all paths; a supply trunk explains silence as well, a link trunk silence alone."""

    topology: Topology
    paths: tuple[Path, ...]
    supply: int
    trunks: tuple[Kept, ...]

    def explain(self, table: Table, hits: Hits, now_us: int) -> None:
        """Claim for the trunk that explains most, then for the next one, until none explains enough."""
        free: Bools = np.ones(len(hits.place), np.bool_)
        while free.any():
            candidates = [one for kept in self.trunks for one in self._candidates(kept, hits, free, now_us)]
            if not candidates:
                return
            best = max(candidates, key=lambda one: (one.weight, one.kept.path != self.supply, -one.element))
            self._claim(table, best)
            free[best.hits] = False

    def _candidates(self, kept: Kept, hits: Hits, free: Bools, now_us: int) -> list[_Candidate]:
        trunk = kept.level.of_place[hits.place]
        usable = free & (trunk >= 0)
        if kept.path != self.supply:
            usable &= hits.path == kept.path
        rows = np.flatnonzero(usable)
        if not len(rows):
            return []
        bursts = find_bursts(trunk[rows], hits.start_us[rows])
        rows = rows[bursts.order]
        span = len(self.topology.type_of)
        distinct = np.unique(bursts.of * span + hits.place[rows]) // span
        count = np.bincount(distinct, minlength=len(bursts))
        could = kept.level.count(self.paths[kept.path].source_place)[bursts.owner]
        held = kept.stands[bursts.owner]
        weight = weigh(count, could, QUIET) - PENALTY + HOLD * held
        enough = (weight > 0) & _is_enough(count, could, held, (now_us - bursts.start_us) / MICROS)
        return [
            _candidate(kept, int(bursts.owner[number]), float(weight[number]), hits, rows[bursts.of == number])
            for number in np.flatnonzero(enough).tolist()
        ]

    def _claim(self, table: Table, found: _Candidate) -> None:
        mine = found.kept.level.of_place[table.place] == found.element
        mine &= (table.raised_us >= found.start_us) & (table.raised_us <= found.end_us)
        if found.kept.path != self.supply:
            mine &= table.path == found.kept.path
        else:
            mine &= table.path >= 0
        # A light that was out before the first of the trunk's sources was hit failed by itself.
        mine &= ~(table.free() & (table.raised_us < found.first_us))
        table.claim(np.flatnonzero(mine), found.kept.number, found.element)


def _candidate(kept: Kept, element: int, weight: float, hits: Hits, rows: Ints64) -> _Candidate:
    """What came well before most sources were hit has another cause: the start is reckoned from the bulk of them."""
    early_us, late_us = np.quantile(hits.start_us[rows], (0.1, 0.9))
    start_us = int(early_us - (late_us - early_us) / 8) - 2 * SLACK_US
    mine = rows[hits.start_us[rows] >= start_us]
    first_us = int(hits.start_us[mine].min())
    return _Candidate(kept, element, weight, mine, start_us, first_us, int(hits.end_us[mine].max()) + SLACK_US)


def _is_enough(count: Ints64, could: Ints32, held: Bools, age_s: Floats) -> Bools:
    """Half of the sources in the end; while reports may still come in, as many as could have come by now.

    Fewer than four (or nearly all of a small trunk) stay what they are: neighbours that failed together.
    """
    share = SETTLED_SHARE * np.clip(age_s / SPREAD_S, FIRST_SHARE / SETTLED_SHARE, 1.0)
    share = np.where(held, np.minimum(HELD_SHARE, share), share)
    fewest = np.minimum(np.where(held, 2, FEWEST), np.maximum(2, np.ceil(0.7 * could)))
    enough: Bools = (count >= fewest) & (count >= share * could)
    return enough
