"""A night of outages, each with its spread, losses, flapping and repair, all on one timeline."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Floats, Ints32, Ints64
from ondijon.simulator.outages.grid import Grid
from ondijon.simulator.outages.strikes import CABINET_LOST, GATEWAY_LOST, LAMP_OUT, Root, Sign, Strikes

KEYS = {LAMP_OUT: "lighting.lamp_out", CABINET_LOST: "lighting.cabinet_lost", GATEWAY_LOST: "lighting.gateway_lost"}
PRIORITIES = {LAMP_OUT: 3, CABINET_LOST: 2, GATEWAY_LOST: 3}
SINGLES_PER_DAY = 60.0
SKEWED_SHARE = 0.05
SKEW_S = 120.0


class Alarms(Struct, frozen=True, eq=False):
    """All alarms of the night in order of their raising: seconds since its beginning; root: place in `Night.roots`."""

    key: Ints32
    twin_no: Ints32
    raised_s: Floats
    cleared_s: Floats
    root: Ints32

    def __len__(self) -> int:
        return len(self.key)


class Night(Struct, frozen=True, eq=False):
    """The alarms and the truth: what each root was, and how many alarms came of it."""

    alarms: Alarms
    roots: Sequence[Root]
    keys: dict[int, str]
    priorities: dict[int, int]
    length_s: float

    def count_of_root(self) -> Ints64:
        """How many alarms came of each root."""
        return np.bincount(self.alarms.root, minlength=len(self.roots))


def make_night(grid: Grid, seed: int, length_s: float = 8 * 3600.0, outages: int = 48) -> Night:
    """The same grid and seed give the same night; every kind of outage strikes, at any time, whatever else stands."""
    rng = np.random.default_rng(seed)
    strikes = Strikes(grid, rng)
    kinds = strikes.kinds()
    order = [kinds[place % len(kinds)] for place in range(outages)]
    for strike in rng.permutation(np.array(order, dtype=object)).tolist():
        strike(float(rng.uniform(300.0, length_s - 2400.0)))
    for at_s in rng.uniform(0.0, length_s, rng.poisson(SINGLES_PER_DAY * length_s / 86_400.0)).tolist():
        strikes.single(at_s)
    return Night(_sort(strikes.signs, _skews(grid, rng), length_s), strikes.roots, KEYS, PRIORITIES, length_s)


def _skews(grid: Grid, rng: np.random.Generator) -> dict[int, float]:
    """Seconds by which the times of some gateways are off, by twin number of the cabinet and of its lights."""
    skews: dict[int, float] = {}
    for cabinet in grid.cabinets:
        if rng.random() < SKEWED_SHARE:
            skew_s = float(rng.uniform(-SKEW_S, SKEW_S))
            skews.update(dict.fromkeys([cabinet.twin_no, *cabinet.lights], skew_s))
    return skews


def _sort(signs: list[Sign], skews: dict[int, float], length_s: float) -> Alarms:
    """In order of raising; an alarm that stands already is not raised a second time."""
    signs = sorted(signs, key=lambda sign: (sign.raised_s, sign.twin_no, sign.key))
    until: dict[tuple[int, int], float] = {}
    kept: list[Sign] = []
    for sign in signs:
        if until.get((sign.key, sign.twin_no), -1.0) <= sign.raised_s:
            until[sign.key, sign.twin_no] = sign.cleared_s
            kept.append(sign)
    raised_s = np.array([sign.raised_s + skews.get(sign.twin_no, 0.0) for sign in kept])
    alarms = Alarms(
        key=np.array([sign.key for sign in kept], np.int32),
        twin_no=np.array([sign.twin_no for sign in kept], np.int32),
        raised_s=np.clip(raised_s, 0.0, None),
        cleared_s=np.array([sign.cleared_s for sign in kept]) + np.clip(raised_s - [s.raised_s for s in kept], 0, None),
        root=np.array([sign.root for sign in kept], np.int32),
    )
    order: Ints64 = np.argsort(alarms.raised_s, kind="stable")
    here: Bools = alarms.raised_s[order] < length_s
    order = order[here]
    return Alarms(
        alarms.key[order], alarms.twin_no[order], alarms.raised_s[order], alarms.cleared_s[order], alarms.root[order]
    )
