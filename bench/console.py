"""What 34,000 live lights cost the console in a real Chromium, with WebGL drawn in software."""

# `value`: main-thread milliseconds of one full update (decode, columns, packing, upload), as the console measures
# itself, median over full pictures in which every light's level is a new one: a load of gateways changes them all
# while the page looks away, then its own live socket asks again. Beside it: CPU of all of Chromium's processes from
# the address to a ready map with live lights, divided by the same for a city whose positions and table of lights are
# empty; and the gzipped kilobytes of JavaScript beyond MapLibre, as `npm run size` counts them.

import argparse
import asyncio
import json
import signal
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import Browser

from bench.ingest_load import command_line
from bench.rig.browser import chromium_cpu_ms, hide_lights, main_thread_ms, open_browser, open_console
from bench.rig.running_post import RunningPost, run_post, throwaway_home
from bench.screen import load_of, the_city
from bench.stage import publish

LIGHT = "Streetlight"
UPDATE_LIMIT_MS, CPU_LIMIT, SIZE_LIMIT_KB = 5.0, 1.3, 80.0
READY_WITHIN_MS = 60_000
SETTLE_S = 15.0
UPDATES = 30
# Every light gets a new level within a second, and the page looks away for longer than that.
CHANGES_S = 40_000
AWAY_MS = 1_100
LOAD_S = 900.0
SIZE_SCRIPT = Path("frontend/console/scripts/size.mjs")
IS_READY = "() => { const m = window.__ondijon?.metrics; return m && m.mapReadyMs !== null && m.liveMs !== null }"
HAS_LIGHTS = "() => window.__ondijon.metrics.points >= 30000 && window.__ondijon.metrics.fullUpdates > 0"
METRICS = "() => structuredClone(window.__ondijon.metrics)"
WATCH = "(types) => window.__sockets.at(-1).send(JSON.stringify({watch: {types, twin: null}}))"
UPDATED = "(count) => window.__ondijon.metrics.fullUpdates > count"
TWICE_PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


async def load_once(browser: Browser, post: RunningPost, *, empty: bool) -> dict[str, Any]:
    """Open the console and wait until it is ready; CPU by process, main thread and wall."""
    async with open_console(browser, post) as page:
        if empty:
            await hide_lights(page, LIGHT)
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable")
        before, started = chromium_cpu_ms(), time.perf_counter()
        await page.goto(post.url)
        await page.wait_for_function(IS_READY, timeout=READY_WITHIN_MS)
        if not empty:
            await page.wait_for_function(HAS_LIGHTS, timeout=READY_WITHIN_MS)
        await page.evaluate(TWICE_PAINTED)
        spent = {kind: ms - before.get(kind, 0.0) for kind, ms in chromium_cpu_ms().items()}
        return {
            "cpu_ms": sum(spent.values()),
            "cpu_ms_by_process": spent,
            "main_thread": await main_thread_ms(session),
            "wall_ms": 1000 * (time.perf_counter() - started),
            "metrics": await page.evaluate(METRICS),
        }


async def full_updates(browser: Browser, post: RunningPost) -> dict[str, Any]:
    """Look away while every light changes, look again, and read what the picture cost."""
    async with open_console(browser, post) as page:
        session = await page.context.new_cdp_session(page)
        await session.send("Performance.enable")
        await page.goto(post.url)
        await page.wait_for_function(IS_READY, timeout=READY_WITHIN_MS)
        await page.wait_for_function(HAS_LIGHTS, timeout=READY_WITHIN_MS)
        known = int((await page.evaluate(METRICS))["fullUpdates"])
        spent = []
        for each in range(UPDATES):
            await page.evaluate(WATCH, [])
            await page.wait_for_timeout(AWAY_MS)
            before = await main_thread_ms(session)
            await page.evaluate(WATCH, [LIGHT])
            await page.wait_for_function(UPDATED, arg=known + each, timeout=READY_WITHIN_MS)
            after = await main_thread_ms(session)
            spent.append({key: after[key] - before[key] for key in after})
        metrics = await page.evaluate(METRICS)
        return {"ms": metrics["fullUpdateMs"][known:], "main_thread": spent}


async def measure_updates(browser: Browser, rounds: int) -> list[dict[str, Any]]:
    """A post whose lights all change within a second, on fresh pages."""
    with throwaway_home() as home:
        async with run_post(home, ("--no-simulator",)) as post:
            plan = load_of(post, await the_city(post), CHANGES_S, LOAD_S)
            plan_file = home / "load.plan.json"
            plan_file.write_bytes(msgspec.json.encode(plan))
            load = await asyncio.create_subprocess_exec(*command_line(plan_file), stdout=asyncio.subprocess.DEVNULL)
            try:
                await asyncio.sleep(SETTLE_S)
                done = [await full_updates(browser, post) for _ in range(rounds)]
            finally:
                if load.returncode is None:
                    load.terminate()
                early = await load.wait() != -signal.SIGTERM
            if early:
                raise SystemExit("the load ended before the last picture was drawn")
            return done


async def measure_opening(browser: Browser, rounds: int) -> list[dict[str, Any]]:
    """Pairs of an empty and a full city, one after the other in the same browser, on a post with its field."""
    done = []
    with throwaway_home() as home:
        async with run_post(home, ("--at", "23:00")) as post:
            await asyncio.sleep(SETTLE_S)
            # The first page of a browser pays for what all later ones find ready: shader and code caches.
            await load_once(browser, post, empty=True)
            for _ in range(rounds):
                pair = {
                    "empty": await load_once(browser, post, empty=True),
                    "full": await load_once(browser, post, empty=False),
                }
                done.append(pair)
                print(msgspec.json.encode(pair).decode(), file=sys.stderr)
    return done


async def own_js_kb() -> dict[str, Any]:
    """The built console's sizes, by the console's own script."""
    node = Path(sys.executable).with_name("node")
    process = await asyncio.create_subprocess_exec(str(node), str(SIZE_SCRIPT), stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    sizes: dict[str, Any] = json.loads(out)
    return sizes


async def main(rounds: int) -> None:
    """Size, opening, updates."""
    started = time.perf_counter()
    sizes = await own_js_kb()
    async with open_browser() as browser:
        opening = await measure_opening(browser, rounds)
        updates = await measure_updates(browser, rounds)
    publish_console(opening, updates, sizes, time.perf_counter() - started)


def publish_console(
    opening: list[dict[str, Any]], updates: list[dict[str, Any]], sizes: dict[str, Any], seconds: float
) -> None:
    value = statistics.median(statistics.median(one["ms"]) for one in updates)
    scripts = statistics.median(each["script_ms"] for one in updates for each in one["main_thread"])
    cpu = statistics.median(one["full"]["cpu_ms"] / one["empty"]["cpu_ms"] for one in opening)
    main_thread = statistics.median(
        one["full"]["main_thread"]["task_ms"] / one["empty"]["main_thread"]["task_ms"] for one in opening
    )
    line = {
        "value": round(value, 2),
        "unit": "ms",
        "limit": UPDATE_LIMIT_MS,
        "ratio": round(value / UPDATE_LIMIT_MS, 3),
        "seconds": round(seconds, 1),
        "full_updates": sum(len(one["ms"]) for one in updates),
        "all_scripts_ms": round(scripts, 2),
        "js_kb": sizes["own_js_kb"],
        "js_ratio": round(sizes["own_js_kb"] / SIZE_LIMIT_KB, 4),
        "cpu_to_ready_over_empty": round(cpu, 3),
        "cpu_ratio": round(cpu / CPU_LIMIT, 3),
        "main_thread_to_ready_over_empty": round(main_thread, 3),
        "cpu_ms_to_ready": round(statistics.median(one["full"]["cpu_ms"] for one in opening)),
        "ready_ms": round(statistics.median(one["full"]["wall_ms"] for one in opening)),
    }
    publish("console", line, {"opening": opening, "updates": updates, "sizes": sizes})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(main(parser.parse_args().rounds))
