"""Savings proved from simulated counters against the simulator's truth: error, and how often the margin holds."""

import argparse
import secrets
import time

import numpy as np
from msgspec import to_builtins

from bench.stage import publish
from ondijon.testing.metering import ProvenTown, prove_town

LIMIT_POINTS = 3.0
LEAST_WITHIN = 0.88
SEEDS = 5
TOWNS = 24
SMALLEST, LARGEST = 8, 40


def main() -> None:
    """Five fresh seeds of 24 towns, or the seeds given; fails when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, action="append", help="repeat the towns of a seed (several times)")
    seeds: list[int] = parser.parse_args().seed or [secrets.randbelow(2**31) for _ in range(SEEDS)]
    began = time.perf_counter()
    found: list[ProvenTown] = []
    for seed in seeds:
        sizes = np.random.default_rng(seed).integers(SMALLEST, LARGEST + 1, TOWNS).tolist()
        towns = [prove_town(seed + place, size) for place, size in enumerate(sizes)]
        errors = np.array([town.error_points for town in towns])
        margins = np.array([town.proof.saving_pct_margin for town in towns])
        print(
            f"seed {seed}: worst {np.abs(errors).max():.2f} points, mean {errors.mean():+.2f}, margin "
            f"{margins.mean():.2f}, within {np.mean([town.is_within for town in towns]):.2f}"
        )
        found += towns
    errors = np.abs([town.error_points for town in found])
    within = float(np.mean([town.is_within for town in found]))
    p95 = float(np.percentile(errors, 95))
    line = {
        "value": round(p95, 2),
        "unit": "points of saving, 95th percentile of the absolute error",
        "limit": LIMIT_POINTS,
        "ratio": round(LIMIT_POINTS / max(p95, 1e-9), 2),
        "worst_points": round(float(errors.max()), 2),
        "share_within_limit": round(float(np.mean(errors <= LIMIT_POINTS)), 3),
        "within_margin": round(within, 3),
        "within_margin_limit": LEAST_WITHIN,
        "towns": len(found),
        "seeds": seeds,
        "seconds": round(time.perf_counter() - began, 1),
    }
    publish("energy", line, {"towns": [to_builtins(town) for town in found]})
    if p95 > LIMIT_POINTS or within < LEAST_WITHIN:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
