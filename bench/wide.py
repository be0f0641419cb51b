"""Seconds from a second person's approval until 99 % of all the city's lights are confirmed dimmed by their reports."""

# A whole post at 23:00 with the simulated field: one person asks to dim every light, another approves, and the
# command's own live messages tell when 99 % are confirmed. The time that the lights themselves take to ramp is
# subtracted (`RAMP_FULL_S` of the simulator times the change of level); its latency (median 0.2 s, up to 0.8 s), its
# reports at most once a second and the post's share all count. The raw samples keep the unsubtracted times, a single
# light dimmed by the same amount in the same run, and the longest time that each role's event loop was held up.

import argparse
import asyncio
import statistics
import sys
import time
from typing import Any

import msgspec

from bench.rig.heartbeats import MACHINE, hear_lags
from bench.rig.people import Desk, sit_down
from bench.rig.running_post import RunningPost, run_post, throwaway_home
from bench.stage import publish
from ondijon.simulator.field.physics import RAMP_FULL_S

LIGHT = "Streetlight"
LEVELS_PCT = (70.0, 30.0)
RAMP_S = RAMP_FULL_S * (LEVELS_PCT[0] - LEVELS_PCT[1]) / 100
SHARE = 0.99
LIMIT_S, ACCEPTED_LIMIT_S, LAG_LIMIT_MS = 10.0, 2.0, 100.0
GIVE_UP_S = 90.0
SETTLE_S = 5.0
# Soon after the gateways joined, so that their reconciliation, 8 s after that, meets the order under way.
JOINED_S = 3.0
REASON = "bench"
LIGHTS_ALONE = 3


def count(name: str, counts: dict[str, int]) -> int:
    return counts.get(name, 0)


async def dim_everything(asker: Desk, second: Desk, level_pct: float, lights: int) -> dict[str, Any]:
    """One order to all, from asking to the last confirmation that comes within reason."""
    enough = int(SHARE * lights + 0.999)
    asked = time.perf_counter()
    command = await asker.ask({"kind": "all"}, level_pct, REASON)
    submitted = time.perf_counter()
    heard = second.about(command["id"])
    approving = time.perf_counter()
    await second.approve(command["id"])
    approved = time.perf_counter()

    def is_understood(counts: dict[str, int]) -> bool:
        return count("accepted", counts) + count("confirmed", counts) >= enough

    at = await heard.wait(lambda counts: count("confirmed", counts) >= enough, GIVE_UP_S)
    await asyncio.sleep(SETTLE_S)
    final = (await second.get(f"/api/commands/{command['id']}"))["counts"]
    understood = heard.first(is_understood)
    return {
        "submit_s": submitted - asked,
        "approve_s": approved - approving,
        "confirmed_99_s": at - approving,
        "confirmed_99_less_ramp_s": at - approving - RAMP_S,
        "accepted_99_s": None if understood is None else understood - approving,
        "news": [(moment - approving, state, counts) for moment, state, counts in heard.news],
        "final": final,
    }


async def dim_alone(asker: Desk, urn: str, level_pct: float) -> float:
    """Seconds for one light by itself: its ramp, its latency, its report, the post."""
    started = time.perf_counter()
    command = await asker.ask({"kind": "twins", "ids": [urn]}, level_pct, REASON)
    return await asker.about(command["id"]).wait(lambda counts: count("confirmed", counts) == 1, GIVE_UP_S) - started


async def measure_round(post: RunningPost, asker: Desk, second: Desk, urns: list[str], level: float) -> dict[str, Any]:
    """Some lights alone, then all of them."""
    alone = [await dim_alone(asker, urn, level) for urn in urns[:LIGHTS_ALONE]]
    cpu = post.cpu_s()
    async with hear_lags(post.card()) as lags:
        # The first heartbeat heard tells of the time before.
        await asyncio.sleep(1.5)
        figures = await dim_everything(asker, second, level, len(urns))
    spent = {name: seconds - cpu.get(name, 0.0) for name, seconds in post.cpu_s().items()}
    return {"level_pct": level, "alone_s": alone, **figures, "loop_lag_ms": lags.worst(), "cpu_s": spent}


async def wait_reported(desk: Desk, urns: list[str]) -> None:
    """Until the field has told of its lights, the last ones included."""
    for urn in (urns[0], urns[len(urns) // 2], urns[-1]):
        async with asyncio.timeout(GIVE_UP_S):
            while (await desk.get(f"/api/twin/{urn}"))["state"]["level_pct"]["observed_at"] is None:
                await asyncio.sleep(0.5)


async def main(rounds: int) -> None:
    """A first order brings every light to one level; then the measured ones go back and forth."""
    started = time.perf_counter()
    done: list[dict[str, Any]] = []
    with throwaway_home() as home:
        async with (
            run_post(home, ("--at", "23:00")) as post,
            sit_down(post.url, home, "amine") as asker,
            sit_down(post.url, home, "claire") as second,
        ):
            urns: list[str] = (await asker.get(f"/api/twins/{LIGHT}/table"))["id"]
            await wait_reported(asker, urns)
            await asyncio.sleep(JOINED_S)
            first = await dim_everything(asker, second, LEVELS_PCT[0], len(urns))
            for each in range(rounds):
                figures = await measure_round(post, asker, second, urns, LEVELS_PCT[(each + 1) % 2])
                done.append(figures)
                brief = {key: value for key, value in figures.items() if key != "news"}
                print(msgspec.json.encode(brief).decode(), file=sys.stderr)
    publish_wide(done, first, len(urns), time.perf_counter() - started)


def publish_wide(rounds: list[dict[str, Any]], first: dict[str, Any], lights: int, seconds: float) -> None:
    value = statistics.median(one["confirmed_99_less_ramp_s"] for one in rounds)
    submit = statistics.median(one["submit_s"] for one in rounds)
    lag = statistics.median(one["loop_lag_ms"]["gateway"] for one in rounds)
    worst = {role: max(one["loop_lag_ms"].get(role, 0.0) for one in rounds) for role in rounds[0]["loop_lag_ms"]}
    line = {
        "value": round(value, 2),
        "unit": "s",
        "limit": LIMIT_S,
        "ratio": round(value / LIMIT_S, 3),
        "seconds": round(seconds, 1),
        "lights": lights,
        "accepted_s": round(submit, 3),
        "accepted_ratio": round(submit / ACCEPTED_LIMIT_S, 3),
        "gateway_loop_lag_ms": lag,
        "gateway_loop_lag_ratio": round(lag / LAG_LIMIT_MS, 3),
        "worst_gateway_loop_lag_ms": worst["gateway"],
        "worst_machine_lag_ms": worst[MACHINE],
    }
    publish("wide", line, {"rounds": rounds, "first": first, "ramp_s": RAMP_S, "worst_loop_lag_ms": worst})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(main(parser.parse_args().rounds))
