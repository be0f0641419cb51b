"""From measured traffic to the level of each zone: margin, hysteresis, hold-on time, neighbours, floor and ramp."""

import numpy as np
from msgspec import Struct

from ondijon.automations.adaptive_lighting.plan import MOST_STEPS, Plan
from ondijon.kernel.arrays import Bools, Floats, Ints8, Ints64

# Brighter from 80 % of a limit on: a counter may miss 15 %, and what grows reaches the limit only after the light.
RAISE_SHARE = 0.8
KEEP_SHARE = 0.65  # and darker again only below 65 %
HOLD_ON_US = 15 * 60_000_000
HOUR_US = 60 * 60_000_000  # traffic is an hour's: who passed within it still counts
RAMP_PCT = 10.0  # down by no more than this each minute; up at once

CAUSES = (
    "programme",
    "unlit",
    "stale",
    "urgent",
    "busy",
    "normal",
    "quiet",
    "neighbour",
    "hold_on",
    "ramp",
    "part_hour",
    "doubt",
)
PROGRAMME, UNLIT, STALE, URGENT, BUSY, NORMAL, QUIET, NEIGHBOUR, HOLD_ON, RAMP, PART_HOUR, DOUBT = range(len(CAUSES))


class Inputs(Struct, frozen=True, eq=False):
    """All that decides, by zone.

    fresh, whole: see `measure.Measured`; brightest_us: when traffic last asked for the light of rank 0 and of rank 1
    (shape: zones, 2); level_pct: what was wanted a beat ago, or what is reported; NaN: nobody knows.
    """

    quarter_per_h: Floats
    hour_per_h: Floats
    fresh: Bools
    whole: Bools
    lit: Bools
    urgent: Bools
    rank: Ints8
    brightest_us: Ints64
    level_pct: Floats
    now_us: int


class Judged(Struct, frozen=True, eq=False):
    """What a zone's own traffic asks for: its rank now, the one kept for the hold-on time, classes below the design.

    doubt: traffic was seen within the last hour, and not all of that hour was counted.
    """

    rank: Ints8
    kept_rank: Ints8
    steps: Ints8
    brightest_us: Ints64
    doubt: Bools
    steered: Bools


def judge(plan: Plan, known: Inputs) -> Judged:
    """The rank of each zone's own traffic: 0 high, 1 moderate, 2 low."""
    flow = np.maximum(known.quarter_per_h, known.hour_per_h)
    rank = np.full(len(plan), 2, np.int8)
    for place, limit in ((1, plan.moderate_per_h), (0, plan.high_per_h)):
        share = np.where(known.rank <= place, KEEP_SHARE, RAISE_SHARE)
        rank[flow >= share * limit] = place
    brightest_us = known.brightest_us.copy()
    for place in (0, 1):
        brightest_us[rank <= place, place] = known.now_us
    since_us = known.now_us - brightest_us
    doubt = ~known.whole & (since_us[:, 1] < HOUR_US)
    recent = since_us < HOLD_ON_US
    kept = np.where(recent[:, 0] | doubt, 0, np.where(recent[:, 1], 1, 2)).astype(np.int8)
    steps = np.take_along_axis(plan.step_of_rank, kept[:, None].astype(np.int64), axis=1)[:, 0]
    steered = known.lit & (known.whole | known.urgent | doubt)
    return Judged(rank, kept, steps, brightest_us, doubt, steered)


def brightest_beside(plan: Plan, judged: Judged, urgent: Bools) -> Ints8:
    """The fewest classes below the designed one among each zone's steered neighbours; a large number without any."""
    steps = np.where(judged.steered, np.where(urgent, 0, judged.steps), np.int8(100)).astype(np.int8)
    beside = np.full(len(plan), 100, np.int8)
    np.minimum.at(beside, plan.neighbour_a, steps[plan.neighbour_b])
    return beside


def settle(plan: Plan, known: Inputs, judged: Judged, beside: Ints8) -> tuple[Floats, Ints8, Ints8]:
    """The level of each zone (NaN: its programme's), its steps below the designed class, and the cause."""
    steps = np.minimum(judged.steps, np.minimum(beside + 1, MOST_STEPS)).astype(np.int8)
    steps = np.where(known.urgent, 0, steps).astype(np.int8)
    aim = np.take_along_axis(plan.level_of_step, steps[:, None].astype(np.int64), axis=1)[:, 0]
    aim = np.where(known.urgent, 100.0, aim)
    # What nobody knows is taken as dark: up at once.
    before = np.nan_to_num(known.level_pct, nan=0.0)
    level = np.maximum(aim, np.ceil(before - RAMP_PCT))
    level = np.where(judged.steered, np.minimum(level, 100.0), np.nan)
    return level, steps, _causes(known, judged, steps, level > aim)


def _causes(known: Inputs, judged: Judged, steps: Ints8, ramping: Bools) -> Ints8:
    by_traffic = np.array((BUSY, NORMAL, QUIET), np.int8)[judged.kept_rank]
    rules = (
        (~known.lit, UNLIT),
        (known.urgent, URGENT),
        (judged.doubt, DOUBT),
        (~known.fresh, STALE),
        (~known.whole, PART_HOUR),
        (ramping, RAMP),
        (steps < judged.steps, NEIGHBOUR),
        (judged.kept_rank < judged.rank, HOLD_ON),
    )
    why: Ints8 = np.select([rule for rule, _ in rules], [np.int8(cause) for _, cause in rules], by_traffic)
    return why.astype(np.int8)
