"""The steerer: one beat over all zones, and a stored decision decided again for one zone alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from msgspec import Struct

from ondijon.automations.adaptive_lighting.decide import CAUSES, Inputs, Judged, brightest_beside, judge, settle
from ondijon.automations.adaptive_lighting.measure import Counters, measure, no_counters, remember
from ondijon.automations.adaptive_lighting.plan import Plan, lay_out
from ondijon.kernel.arrays import Floats, Ints8, Ints64
from ondijon.kernel.steering import Seen, Steered, Zone

NEVER_US = -(2**62)
_WORD = "automation.adaptive_lighting.cause."
_NO_PAIRS = (np.zeros(0, np.int32), np.zeros(0, np.int32))


class Memory(Struct, frozen=True, eq=False):
    """What one beat leaves to the next."""

    counters: Counters
    rank: Ints8
    brightest_us: Ints64
    level_pct: Floats


class Known(Struct, frozen=True, eq=False):
    """What one beat knew, by zone."""

    inputs: Inputs
    judged: Judged
    beside: Ints8


class AdaptiveSteerer:
    """A kernel Steerer over one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.causes = tuple(_WORD + cause for cause in CAUSES)

    def begin(self) -> Memory:
        count = len(self.plan)
        return Memory(
            no_counters(self.plan.counters),
            np.full(count, 2, np.int8),
            np.full((count, 2), NEVER_US, np.int64),
            np.full(count, np.nan),
        )

    def steer(self, seen: Seen, memory: Memory) -> Steered:
        """One beat: measure, judge each zone by its own traffic, let neighbours differ by one class, ramp."""
        counters = remember(memory.counters, seen)
        measured = measure(self.plan, counters, seen.now_us)
        inputs = Inputs(
            quarter_per_h=measured.quarter_per_h,
            hour_per_h=measured.hour_per_h,
            fresh=measured.fresh,
            whole=measured.whole,
            lit=seen.lit,
            urgent=seen.urgent,
            rank=memory.rank,
            brightest_us=memory.brightest_us,
            level_pct=np.where(np.isnan(memory.level_pct), seen.current_pct, memory.level_pct),
            now_us=seen.now_us,
        )
        judged = judge(self.plan, inputs)
        beside = brightest_beside(self.plan, judged, seen.urgent)
        level, _, why = settle(self.plan, inputs, judged, beside)
        following = Memory(counters, judged.rank, judged.brightest_us, level)
        return Steered(level, why, following, Known(inputs, judged, beside))

    def known(self, steered: Steered, zone: int) -> dict[str, Any]:
        """The zone, what was measured, and what was remembered, as JSON values."""
        told: Known = steered.inputs
        inputs = told.inputs
        place = self.plan.zones[zone]
        return {
            "zone": {name: getattr(place, name) for name in Zone.__struct_fields__},
            "quarter_per_h": float(inputs.quarter_per_h[zone]),
            "hour_per_h": float(inputs.hour_per_h[zone]),
            "fresh": bool(inputs.fresh[zone]),
            "whole": bool(inputs.whole[zone]),
            "lit": bool(inputs.lit[zone]),
            "urgent": bool(inputs.urgent[zone]),
            "rank": int(inputs.rank[zone]),
            "brightest_ago_s": [_ago_s(inputs.now_us, at) for at in inputs.brightest_us[zone].tolist()],
            "level_pct": None if np.isnan(inputs.level_pct[zone]) else float(inputs.level_pct[zone]),
            "beside": int(told.beside[zone]),
        }


def _ago_s(now_us: int, at_us: int) -> float | None:
    return None if at_us == NEVER_US else (now_us - at_us) / 1e6


def decide_again(known: Mapping[str, Any]) -> tuple[float | None, str]:
    """The level (None: the programme's) and the cause that the input of a decision of this version gives."""
    plan = lay_out((Zone(**known["zone"]),), _NO_PAIRS, _NO_PAIRS, 0)
    ago = [NEVER_US if one is None else -int(one * 1e6) for one in known["brightest_ago_s"]]
    inputs = Inputs(
        quarter_per_h=np.array([known["quarter_per_h"]]),
        hour_per_h=np.array([known["hour_per_h"]]),
        fresh=np.array([known["fresh"]]),
        whole=np.array([known["whole"]]),
        lit=np.array([known["lit"]]),
        urgent=np.array([known["urgent"]]),
        rank=np.array([known["rank"]], np.int8),
        brightest_us=np.array([ago], np.int64),
        level_pct=np.array([np.nan if known["level_pct"] is None else known["level_pct"]]),
        now_us=0,
    )
    level, _, why = settle(plan, inputs, judge(plan, inputs), np.array([known["beside"]], np.int8))
    return None if np.isnan(level[0]) else float(level[0]), _WORD + CAUSES[int(why[0])]
