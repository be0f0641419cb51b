"""How fast each role's memory grows and how far the delay drifts, at twice the nominal load, over an hour."""

# A whole post without the simulated field, 20,000 readings a second in the names of the city's own gateways, three
# consoles that watch everything, a process that follows the frames. The first sixth is warm-up. The value is the
# steepest least-squares slope of proportional memory among our roles and the broker; PostgreSQL, which fills its shared
# buffers in that time, is told beside. The drift compares the medians of the 99th percentiles of the first and the last
# third.

import argparse
import asyncio
import statistics
import sys
import time
from contextlib import AsyncExitStack
from typing import Any

import httpx
import msgspec
import numpy as np

from bench.ingest import NOMINAL_READINGS_S
from bench.ingest_load import LoadReport, command_line
from bench.rig.fresh_frames import LIGHT, FramesPlan, FramesReport, end_follower, start_follower
from bench.rig.people import demo_password, open_live, session_of, sign_in
from bench.rig.running_post import RunningPost, run_post, throwaway_home
from bench.screen import load_of, the_city
from bench.stage import publish
from ondijon.testing.websocket_client import SocketClient, SocketClosed

LIMIT_MB_H = 1.0
DRIFT_LIMIT = 0.1
TIMES_NOMINAL = 2
SCREENS = 3
WARM_UP = 1 / 6
WINDOWS = 30
ROLES = ("core", "gateway", "web", "nats")


async def watch(socket: SocketClient) -> None:
    """A console that reads everything and keeps nothing."""
    await socket.send_text(msgspec.json.encode({"watch": {"types": [LIGHT], "twin": None}}).decode())
    try:
        while True:
            await socket.receive()
    except SocketClosed:
        return


async def open_consoles(post: RunningPost, stack: AsyncExitStack) -> None:
    """Consoles that listen until the stack is left."""
    client: httpx.AsyncClient = await sign_in(post.url, "claire", demo_password(post.home, "claire"))
    stack.push_async_callback(client.aclose)
    for _ in range(SCREENS):
        socket = await open_live(post.url, session_of(client))
        listening = asyncio.create_task(watch(socket))
        stack.callback(socket.abort)
        stack.callback(listening.cancel)


async def soak(post: RunningPost, seconds: float) -> dict[str, Any]:
    """The load for so long: memory by role each fiftieth of the time, and delays by window."""
    city = await the_city(post)
    plan = load_of(post, city, TIMES_NOMINAL * NOMINAL_READINGS_S, seconds)
    plan = msgspec.structs.replace(plan, report=str(post.home / "load.json"))
    (post.home / "plan.json").write_bytes(msgspec.json.encode(plan))
    columns = city.columns[LIGHT]
    follow = FramesPlan(
        post.card().bus_url["supervisor"],
        columns.properties,
        columns.rows,
        time.time_ns() // 1000,
        str(post.home / "seen.json"),
        seconds / WINDOWS,
    )
    follower = await start_follower(follow, post.home / "follow.json")
    memory: list[tuple[float, dict[str, float]]] = []
    async with AsyncExitStack() as stack:
        await open_consoles(post, stack)
        began = time.perf_counter()
        load = await asyncio.create_subprocess_exec(
            *command_line(post.home / "plan.json"), stdout=asyncio.subprocess.DEVNULL
        )
        while load.returncode is None and (elapsed := time.perf_counter() - began) < seconds:
            memory.append((elapsed, post.pss_mib()))
            await asyncio.sleep(seconds / 50)
        if await load.wait():
            raise SystemExit("the load failed")
    sent = msgspec.json.decode((post.home / "load.json").read_bytes(), type=LoadReport)
    return {"memory": memory, "seen": await end_follower(follower, follow), "sent": sent}


def slopes_mb_h(memory: list[tuple[float, dict[str, float]]], seconds: float) -> dict[str, float]:
    """Megabytes an hour by process, after the warm-up."""
    warm = [(at_s, of) for at_s, of in memory if at_s >= seconds * WARM_UP]
    hours = np.array([at_s for at_s, _ in warm]) / 3600.0
    return {
        name: float(np.polyfit(hours, [of.get(name, 0.0) * 1.048576 for _, of in warm], 1)[0]) for name in warm[-1][1]
    }


def drift_of(seen: FramesReport) -> float:
    """How much longer the last third's delay is than the first third's, both after the warm-up; 0.1 = 10 %."""
    p99_ms = [seen.p99_ms_by_window[window] for window in sorted(seen.p99_ms_by_window)]
    warm = p99_ms[round(WINDOWS * WARM_UP) : WINDOWS]
    third = max(1, len(warm) // 3)
    return statistics.median(warm[-third:]) / statistics.median(warm[:third]) - 1.0


async def main(minutes: float) -> None:
    """Fails when a limit is missed."""
    started, seconds = time.perf_counter(), minutes * 60.0
    with throwaway_home() as home:
        async with run_post(home, ("--no-simulator",)) as post:
            found = await soak(post, seconds)
    slopes, seen = slopes_mb_h(found["memory"], seconds), found["seen"]
    print(msgspec.json.encode(slopes).decode(), file=sys.stderr)
    worst = max(slopes[role] for role in ROLES)
    line = {
        "value": round(worst, 2),
        "unit": "MB/h",
        "limit": LIMIT_MB_H,
        "ratio": round(worst / LIMIT_MB_H, 2),
        "seconds": round(time.perf_counter() - started, 1),
        "minutes": minutes,
        "slopes_mb_h": {name: round(slope, 2) for name, slope in slopes.items()},
        "p99_ms": round(seen.p99_ms, 1),
        "p99_drift": round(drift_of(seen), 3),
        "p99_drift_limit": DRIFT_LIMIT,
        "readings_per_s": round(found["sent"].records_per_s),
    }
    publish("soak", line, {"memory": found["memory"], "seen": msgspec.to_builtins(seen)})
    if worst > LIMIT_MB_H or drift_of(seen) > DRIFT_LIMIT:
        raise SystemExit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    asyncio.run(main(parser.parse_args().minutes))
