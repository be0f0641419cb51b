"""One evaluation of adaptive light over 34,000 lights, minute by minute through an hour of the evening."""

import time

import numpy as np

from bench.stage import CITY, publish
from bench.streets_of_city import Ground, read_ground
from ondijon.automations.adaptive_lighting.steer import AdaptiveSteerer
from ondijon.kernel.arrays import Floats
from ondijon.kernel.steering import Seen

LIMIT_MS = 200.0
MINUTES = 60
START_US = 1_795_284_000_000_000


def drawn(rng: np.random.Generator, per_day: Floats) -> Floats:
    """Flows an hour of an evening's quarters."""
    flows: Floats = rng.poisson(per_day / 100.0).astype(np.float64) * 4.0
    return flows


def sight(ground: Ground, rng: np.random.Generator, now_us: int) -> Seen:
    """Counters that all report, a few urgent places."""
    streets = len(ground.streets.x_m)
    value: dict[str, Floats] = {
        "vehicles_per_h": drawn(rng, ground.streets.vehicles_per_day),
        "pedestrians_per_h": drawn(rng, ground.streets.people_per_day),
        "temperature_c": rng.normal(12.0, 0.1, streets),
    }
    zones = len(ground.zones)
    observed_us = np.full(streets, now_us - 20_000_000, np.int64)
    return Seen(
        now_us, value, observed_us, np.ones(zones, np.bool_), rng.random(zones) < 0.01, rng.uniform(40, 100, zones)
    )


def main() -> None:
    """p95 over an hour of steps, with the levels of every light laid out and compared; fails above the limit."""
    ground, rng = read_ground(CITY), np.random.default_rng(1)
    steerer = AdaptiveSteerer(ground.plan)
    memory = steerer.begin()
    before = np.full(len(ground.light_zone), np.nan)
    taken_ms = []
    for minute in range(MINUTES):
        seen = sight(ground, rng, START_US + minute * 60_000_000)
        began = time.perf_counter()
        steered = steerer.steer(seen, memory)
        by_light = steered.level_pct[ground.light_zone]
        np.flatnonzero(by_light != before)
        taken_ms.append((time.perf_counter() - began) * 1e3)
        memory, before = steered.memory, by_light
    p95 = float(np.percentile(taken_ms, 95))
    print(f"{len(ground.zones)} zones, {len(before)} lights")
    print(f"median {np.median(taken_ms):.2f} ms, worst {max(taken_ms):.2f} ms")
    line = {
        "value": round(p95, 2),
        "unit": "ms an evaluation of 34,000 lights, p95 of an hour",
        "limit": LIMIT_MS,
        "ratio": round(p95 / LIMIT_MS, 4),
        "seconds": round(sum(taken_ms) / 1e3, 2),
    }
    publish("adaptive", line, {})
    if p95 > LIMIT_MS:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
