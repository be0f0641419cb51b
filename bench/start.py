"""Seconds from `ondijon run` to /healthz 200 with 34,000 lights: warm on a home that has run, cold on an empty one."""

# Cold includes making the database, the migrations, generating the city, saving it, accounts and credentials; never
# the installation. The file cache is as the run before left it. Some seconds after each warm start the proportional
# memory (PSS) of every role and engine is read, while the whole simulated field reports.

import argparse
import asyncio
import statistics
import sys
import time
from typing import Any

import msgspec

from bench.rig.running_post import run_post, throwaway_home
from bench.stage import publish

WARM_LIMIT_S, COLD_LIMIT_S = 5.0, 20.0
SETTLE_S = 20.0


async def measure_round() -> dict[str, Any]:
    """A first start and a second one of the same home."""
    with throwaway_home() as home:
        async with run_post(home) as post:
            cold_s = post.ready_s
            # A second start finds what a field that has reported leaves.
            await asyncio.sleep(SETTLE_S)
        async with run_post(home) as post:
            cpu_s = post.cpu_s()
            await asyncio.sleep(SETTLE_S)
            return {"cold_s": cold_s, "warm_s": post.ready_s, "warm_cpu_s": cpu_s, "pss_mib": post.pss_mib()}


async def main(rounds: int) -> None:
    """Several homes, one after the other."""
    started = time.perf_counter()
    done = []
    for _ in range(rounds):
        done.append(await measure_round())
        print(msgspec.json.encode(done[-1]).decode(), file=sys.stderr)
    memory = {
        name: round(statistics.median(one["pss_mib"].get(name, 0.0) for one in done)) for name in done[0]["pss_mib"]
    }
    warm, cold = (statistics.median(one[key] for one in done) for key in ("warm_s", "cold_s"))
    line = {
        "value": round(warm, 2),
        "unit": "s",
        "limit": WARM_LIMIT_S,
        "ratio": round(warm / WARM_LIMIT_S, 3),
        "seconds": round(time.perf_counter() - started, 1),
        "cold_s": round(cold, 2),
        "cold_ratio": round(cold / COLD_LIMIT_S, 3),
        "memory_mib": memory,
        "memory_sum_mib": sum(memory.values()),
    }
    publish("start", line, {"rounds": done})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(main(parser.parse_args().rounds))
