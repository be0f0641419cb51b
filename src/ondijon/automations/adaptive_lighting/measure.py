"""What counters say, and whether it can be believed: flows of the last quarter and hour, stale and frozen ones out."""

from collections.abc import Mapping

import numpy as np
from msgspec import Struct, structs

from ondijon.automations.adaptive_lighting.plan import Plan
from ondijon.kernel.arrays import Bools, Floats, Ints32, Ints64
from ondijon.kernel.steering import Seen

MINUTE_US = 60_000_000
CADENCE_S = 60.0
STALE_S = 2.5 * CADENCE_S  # two reports missed, and half a cadence for the way
FROZEN_REPORTS = 5  # reports in a row that equal each other to the last digit, temperature included
FROZEN_FLOW_S = 2 * 3_600.0  # a flow above zero that stays the same this long is none, even without a temperature
QUARTERS = (0, 15, 30, 45)  # minutes ago; a counter reports the flow of its last quarter of an hour
GAP_S = 300.0  # after a longer time without a report that is believed, the last hour is not known any more
VEHICLES, PEOPLE, TEMPERATURE = "vehicles_per_h", "pedestrians_per_h", "temperature_c"


class Counters(Struct, frozen=True, eq=False):
    """Memory by counter: its last report, how often it came alike, since when its flow is the same.

    believed_us: when it was last believed; whole_since_us: since when without a gap; history: flows (vehicles, people)
    that were believed, by minute, of those minutes of the last hour that will be asked for again.
    """

    observed_us: Ints64
    vehicles: Floats
    people: Floats
    temperature: Floats
    alike: Ints32
    same_since_us: Ints64
    believed_us: Ints64
    whole_since_us: Ints64
    minute: int
    history: Mapping[int, Floats]


class Measured(Struct, frozen=True, eq=False):
    """By zone: users an hour of the last quarter and of the last hour.

    fresh: whether any counter can be believed now; whole: whether one of them can for all of the last hour.
    """

    quarter_per_h: Floats
    hour_per_h: Floats
    fresh: Bools
    whole: Bools


def no_counters(count: int) -> Counters:
    """The memory before the first report."""
    nothing, never = np.full(count, np.nan), np.zeros(count, np.int64)
    alike = np.zeros(count, np.int32)
    return Counters(never, nothing, nothing, nothing, alike, never, never, never, 0, {})


def remember(memory: Counters, seen: Seen) -> Counters:
    """The memory after what is seen now; called once a minute."""
    vehicles, people = seen.value[VEHICLES], seen.value[PEOPLE]
    temperature = seen.value[TEMPERATURE]
    news = seen.observed_us > memory.observed_us
    same_flow = _equal(vehicles, memory.vehicles) & _equal(people, memory.people)
    alike = same_flow & (temperature == memory.temperature)
    counters = structs.replace(
        memory,
        observed_us=seen.observed_us.copy(),
        vehicles=vehicles.copy(),
        people=people.copy(),
        temperature=temperature.copy(),
        alike=np.where(news, np.where(alike, memory.alike + 1, 0), memory.alike).astype(np.int32),
        same_since_us=np.where(news & ~same_flow, seen.observed_us, memory.same_since_us),
    )
    return _note(counters, is_believed(counters, seen.now_us), seen.now_us)


def _note(counters: Counters, believed: Bools, now_us: int) -> Counters:
    """With this minute's flows: a short gap is bridged by what was believed before it, a long one ends the hour."""
    minute = now_us // MINUTE_US
    before = counters.history.get(counters.minute, np.full((2, len(believed)), np.nan))
    flows = np.where(believed, np.stack((counters.vehicles, counters.people)), before)
    kept = {at: known for at, known in counters.history.items() if minute - at <= QUARTERS[-1]}
    after_gap = believed & (now_us - counters.believed_us > GAP_S * 1e6)
    return structs.replace(
        counters,
        believed_us=np.where(believed, now_us, counters.believed_us),
        whole_since_us=np.where(after_gap, now_us, counters.whole_since_us),
        minute=minute,
        history=kept | {minute: flows},
    )


def _equal(one: Floats, other: Floats) -> Bools:
    same: Bools = (one == other) | (np.isnan(one) & np.isnan(other))
    return same


def is_believed(counters: Counters, now_us: int) -> Bools:
    """Which counters report in time, and something that lives."""
    stale = now_us - counters.observed_us > STALE_S * 1e6
    flows = np.fmax(counters.vehicles, counters.people)
    stuck = (flows > 0.0) & (now_us - counters.same_since_us > FROZEN_FLOW_S * 1e6)
    believed: Bools = ~stale & ~stuck & (counters.alike < FROZEN_REPORTS) & ~np.isnan(flows)
    return believed


def measure(plan: Plan, counters: Counters, now_us: int) -> Measured:
    """The flow that each zone is judged by: that of its busiest counter, of those that can be believed."""
    believed = is_believed(counters, now_us)
    whole = believed & (now_us - counters.whole_since_us >= QUARTERS[-1] * MINUTE_US)
    nothing = np.full((2, plan.counters), np.nan)
    asked = [counters.history.get(counters.minute - ago, nothing) for ago in QUARTERS]
    flows = np.where(believed, np.stack(asked), np.nan)
    known = np.isfinite(flows)
    hour = np.where(known, flows, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    quarter = np.nan_to_num(flows[0])
    return Measured(
        quarter_per_h=_by_zone(plan, quarter, believed),
        hour_per_h=_by_zone(plan, hour, believed),
        fresh=np.bincount(plan.counted_zone, believed[plan.counter], len(plan)) > 0,
        whole=np.bincount(plan.counted_zone, whole[plan.counter], len(plan)) > 0,
    )


def _by_zone(plan: Plan, flows: Floats, believed: Bools) -> Floats:
    people = np.where(plan.counts_people[plan.counted_zone], flows[1, plan.counter], 0.0)
    users = np.where(believed[plan.counter], flows[0, plan.counter] + people, 0.0)
    most = np.zeros(len(plan))
    np.maximum.at(most, plan.counted_zone, users)
    return most
