"""Milliseconds from a device's sending to sixty consoles' receiving, at 10,000 readings a second."""

# A whole post without the simulated field, a load of real gateways' names over MQTT, and sixty people of different
# rights in one other process. A reading's value and time name the pack that carried it, so its age on arrival is the
# receiving process's clock minus the sender's, on one machine. The value is the 95th percentile over every reading on
# every screen.

import argparse
import asyncio
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bench.ingest import light_names
from bench.ingest_load import GatewayNames, LoadPlan, LoadReport, command_line
from bench.rig.companion import start_companion
from bench.rig.heartbeats import hear_lags
from bench.rig.running_post import RunningPost, run_post, throwaway_home
from bench.rig.screens import LIGHT, Account, ScreenReport, ScreensPlan, ScreensReport
from bench.stage import CITY, publish
from ondijon.cli.engines import read_city_card
from ondijon.infra.ids import UuidSource
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.city import City
from ondijon.kernel.identity import Grant
from ondijon.runtime.city_store import load_city
from ondijon.runtime.loader import load_trades
from ondijon.web.accounts import create_user

LIMIT_MS = 500.0
READINGS_S = 10_000
SCREENS = 60
SEE_ALL_EVERY = 4
PASSWORD = "sixty-screens-of-the-bench"
DRAIN_S = 3.0
GROUP_SIZES = (1, 2, 3, 5, 8)


def grants_of(number: int, communes: tuple[str, ...]) -> Grant:
    """Every fourth person sees the whole city; the others one to eight communes each, no two sets alike."""
    trades = ("*",) if number % 2 else ("lighting",)
    if number % SEE_ALL_EVERY == 0:
        return Grant("observer", ("*",), trades, ("see",))
    size = GROUP_SIZES[number % len(GROUP_SIZES)]
    chosen = tuple(sorted({communes[(number + each * (1 + number // 8)) % len(communes)] for each in range(size)}))
    return Grant("commune_agent", chosen, trades, ("see", "command"))


async def add_people(rows: PostgresRows, communes: tuple[str, ...]) -> tuple[list[Account], int]:
    """Sixty accounts in the post's own table; also how many different rights they have."""
    ids = UuidSource()
    accounts = []
    rights = set()
    for number in range(SCREENS):
        grant = grants_of(number, communes)
        rights.add((grant.communes, grant.trades))
        accounts.append(Account(f"screen{number:02d}", PASSWORD))
        await create_user(rows, ids, accounts[-1].username, f"Screen {number}", PASSWORD, [grant])
    return accounts, len(rights)


def save_places(city: City, names: list[GatewayNames], path: Path) -> None:
    """For each row of the lights: its gateway's place in the load, and its own in that gateway."""
    place_of = {
        device: (gateway, place) for gateway, one in enumerate(names) for place, device in enumerate(one.devices)
    }
    found = np.array([place_of.get(record.device or "", (-1, -1)) for record in city.twins[LIGHT].records], np.int64)
    np.savez(path, gateway=found[:, 0], device=found[:, 1])


async def the_city(post: RunningPost) -> City:
    """The post's city, as a role loads it."""
    async with await PostgresRows.open(post.card().database_url, connections=1) as rows:
        return await load_city(rows, read_city_card(CITY), load_trades()[0])


def load_of(post: RunningPost, city: City, readings_s: float, seconds: float) -> LoadPlan:
    """New levels for every light, evenly, in the names of the city's own gateways."""
    names = light_names(city)
    broker = post.card().mqtt_sign_in("simulator")
    return LoadPlan(
        broker["port"],
        names,
        seconds,
        messages_per_s=readings_s / (len(city.twins[LIGHT]) / len(names)),
        client_id="bench-load",
        username=broker["username"],
        password=broker["password"],
    )


async def measure_round(post: RunningPost, plan: LoadPlan, screens: ScreensPlan, name: str) -> dict[str, Any]:
    """One load, seen by all screens."""
    plan_file = post.home / f"{name}.plan.json"
    plan_file.write_bytes(msgspec.json.encode(plan))
    watching = await start_companion("bench.rig.screens", screens, post.home / f"{name}.screens.json")
    before, began = post.cpu_s(), time.perf_counter()
    async with hear_lags(post.card()) as lags:
        load = await asyncio.create_subprocess_exec(*command_line(plan_file), stdout=asyncio.subprocess.DEVNULL)
        code = await load.wait()
        after, seconds = post.cpu_s(), time.perf_counter() - began
        await asyncio.sleep(DRAIN_S)
    await watching.communicate(b"")
    if code or watching.returncode:
        raise SystemExit(f"{name}: the load ended with {code}, the screens with {watching.returncode}")
    sent = msgspec.json.decode(Path(plan.report or "").read_bytes(), type=LoadReport)
    seen = msgspec.json.decode(Path(screens.report).read_bytes(), type=ScreensReport)
    return {
        "sent": sent.records,
        "readings_per_s": sent.records_per_s,
        "sent_late_s": sent.latest_s,
        "seen": msgspec.to_builtins(seen),
        "cpu_share": {role: (cpu - before.get(role, 0.0)) / seconds for role, cpu in after.items()},
        "screens_cpu_share": seen.cpu_s / seen.seconds,
        "load_cpu_share": sent.cpu_s / sent.seconds,
        "loop_lag_ms": lags.worst(),
    }


async def main(rounds: int, seconds: float) -> None:
    """One post, one set of people, several loads."""
    started = time.perf_counter()
    done: list[dict[str, Any]] = []
    with throwaway_home() as home:
        async with run_post(home, ("--no-simulator",)) as post:
            city = await the_city(post)
            async with await PostgresRows.open(post.card().database_url, connections=1) as rows:
                accounts, rights = await add_people(rows, city.commune_codes)
            plan = load_of(post, city, READINGS_S, seconds)
            save_places(city, plan.gateways, home / "places.npz")
            for each in range(rounds):
                report, seen = home / f"load{each}.json", home / f"seen{each}.json"
                sent = str(report.with_suffix(".npz"))
                screens = ScreensPlan(post.url, accounts, sent, str(home / "places.npz"), str(seen))
                of_round = msgspec.structs.replace(plan, first_seq=1 + each * 1_000, report=str(report))
                done.append(await measure_round(post, of_round, screens, f"round{each}"))
                print(msgspec.json.encode(_brief(done[-1])).decode(), file=sys.stderr)
    publish_screen(done, rights, time.perf_counter() - started)


def _brief(figures: dict[str, Any]) -> dict[str, Any]:
    seen = {key: value for key, value in figures["seen"].items() if key not in ("screens", "histogram_10ms")}
    return {**figures, "seen": seen}


def publish_screen(rounds: list[dict[str, Any]], rights: int, seconds: float) -> None:
    value = statistics.median(one["seen"]["p95_ms"] for one in rounds)
    screens = [msgspec.convert(one, ScreenReport) for figures in rounds for one in figures["seen"]["screens"]]
    line = {
        "value": round(value, 1),
        "unit": "ms",
        "limit": LIMIT_MS,
        "ratio": round(value / LIMIT_MS, 3),
        "seconds": round(seconds, 1),
        "p99_ms": round(statistics.median(one["seen"]["p99_ms"] for one in rounds), 1),
        "slowest_screen_p95_ms": round(max(one.p95_ms for one in screens), 1),
        "readings_per_s": round(statistics.median(one["readings_per_s"] for one in rounds)),
        "screens": SCREENS,
        "different_rights": rights,
        "missing": sum(one["seen"]["expected"] - one["seen"]["readings"] for one in rounds),
        "web_cpu_share": round(statistics.median(one["cpu_share"]["web"] for one in rounds), 3),
        "screens_cpu_share": round(statistics.median(one["screens_cpu_share"] for one in rounds), 3),
    }
    publish("screen", line, {"rounds": rounds})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=40.0)
    options = parser.parse_args()
    asyncio.run(main(options.rounds, options.seconds))
