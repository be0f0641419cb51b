"""Seconds to take in ten minutes of backlog, and how old what is shown of now is meanwhile."""

# The gateway role signs in once and leaves, as one that ended. The broker then collects what a metropolis says in
# `--backlog` seconds at the nominal load, faster than real time, each pack with the instant it would have had. Then the
# role comes back, while the field goes on at the nominal load. The value is the time from its coming until every
# reading of the backlog is in the rows; a process that follows the frames notes how old the readings of now are.

import argparse
import asyncio
import time
from typing import Any

import msgspec

from bench.ingest import NOMINAL_READINGS_S, light_names
from bench.ingest_load import LoadPlan, LoadReport, command_line
from bench.rig.fresh_frames import LIGHT, FramesPlan, FramesReport, end_follower, start_follower
from bench.stage import Stage, open_stage, publish
from ondijon.drivers.mqtt.connection import MqttDriver
from ondijon.infra.ids import UuidSource
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.city import City
from ondijon.runtime.field_role import FieldRole

LIMIT_S = 60.0
LIVE_LIMIT_MS = 1_000.0
GIVE_UP_S = 600.0
SETTLE_S = 3.0
CLIENT = "bench-gateway"


async def sign_in_once(stage: Stage, city: City) -> None:
    """Leave a session at the broker that keeps what the field sends."""
    driver = MqttDriver(city, stage.clock, stage.broker("post.gateway", CLIENT))
    running = asyncio.create_task(driver.run(_refuse))
    while not driver.counters.connected:
        await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def _refuse(_: object) -> None:
    raise RuntimeError("nothing was sent yet")


async def start_load(stage: Stage, name: str, plan: LoadPlan) -> asyncio.subprocess.Process:
    plan_file = stage.home / f"{name}.plan.json"
    plan_file.write_bytes(msgspec.json.encode(msgspec.structs.replace(plan, report=str(stage.home / f"{name}.json"))))
    return await asyncio.create_subprocess_exec(*command_line(plan_file), stdout=asyncio.subprocess.DEVNULL)


async def end_load(stage: Stage, name: str, load: asyncio.subprocess.Process) -> LoadReport:
    if await load.wait():
        raise SystemExit(f"the load {name} failed")
    report = msgspec.json.decode((stage.home / f"{name}.json").read_bytes(), type=LoadReport)
    if report.acked != report.messages:
        raise SystemExit(f"the broker took {report.acked} of {report.messages} messages of {name}")
    return report


async def count_rows(rows: PostgresRows, instant_us: int) -> tuple[int, int]:
    """Readings in the history that were observed before an instant, and from then on."""
    (row,) = await rows.fetch(
        """SELECT count(*) FILTER (WHERE observed_at < to_timestamp($1::float8)) AS before, count(*) AS n
           FROM readings""",
        instant_us / 1e6,
    )
    return int(row["before"]), int(row["n"]) - int(row["before"])


async def catch_up(stage: Stage, rows: PostgresRows, city: City, backlog_s: float, live_s: float) -> dict[str, Any]:
    broker = stage.broker("post.simulator", "load")
    names = light_names(city)
    pace = NOMINAL_READINGS_S / (sum(len(one.devices) for one in names) / len(names))
    plan = LoadPlan(broker.port, names, GIVE_UP_S, username=broker.username, password=broker.password)
    await sign_in_once(stage, city)
    waiting = msgspec.structs.replace(plan, count=round(backlog_s * pace), backlog_s=backlog_s)
    old = await end_load(stage, "backlog", await start_load(stage, "backlog", waiting))
    since_us = time.time_ns() // 1000
    columns = city.columns[LIGHT]
    follow = FramesPlan(
        stage.nats.nats_url("post.web"), columns.properties, columns.rows, since_us, str(stage.home / "seen.json")
    )
    follower = await start_follower(follow, stage.home / "follow.json")
    first_seq = max(old.next_seq)
    live = msgspec.structs.replace(plan, seconds=live_s, messages_per_s=pace, first_seq=first_seq, client_id="live")
    async with await NatsBus.open(stage.nats.nats_url("post.gateway"), "bench") as bus:
        driver = MqttDriver(city, stage.clock, stage.broker("post.gateway", CLIENT))
        role = FieldRole(city, rows, bus, stage.clock, UuidSource(), driver)
        await role.start()
        load = await start_load(stage, "live", live)
        began = time.perf_counter()
        running = asyncio.create_task(role.run())
        while role.projector.readings < old.records and time.perf_counter() - began < GIVE_UP_S:
            await asyncio.sleep(0.05)
        while (await count_rows(rows, since_us))[0] < old.records and time.perf_counter() - began < GIVE_UP_S:
            await asyncio.sleep(0.1)
        drained_s = time.perf_counter() - began
        load.terminate()
        await load.wait()
        await asyncio.sleep(SETTLE_S)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    seen = await end_follower(follower, follow)
    before, since = await count_rows(rows, since_us)
    return {
        "drained_s": drained_s,
        "backlog_readings": old.records,
        "rows": before,
        "live_rows": since,
        "late": role.projector.late,
        "early_readings": role.projector.early,
        "seen": seen,
    }


async def main(backlog_s: float) -> None:
    """Fails when a limit is missed, or a reading is missing or twice."""
    started = time.perf_counter()
    async with open_stage() as stage, await PostgresRows.open(stage.postgres.dsn, connections=4) as rows:
        found = await catch_up(stage, rows, await stage.load_city(rows), backlog_s, GIVE_UP_S)
    seen: FramesReport = found["seen"]
    line = {
        "value": round(found["drained_s"], 1),
        "unit": "s",
        "limit": round(LIMIT_S * backlog_s / 600.0, 1),
        "ratio": round(found["drained_s"] / (LIMIT_S * backlog_s / 600.0), 3),
        "seconds": round(time.perf_counter() - started, 1),
        "backlog_s": backlog_s,
        "readings": found["backlog_readings"],
        "missing": found["backlog_readings"] - found["rows"],
        "live_p99_ms": round(seen.p99_ms),
        "live_limit_ms": LIVE_LIMIT_MS,
        "live_shown": round(seen.readings / max(found["live_rows"], 1), 3),
    }
    publish("catchup", line, {**found, "seen": msgspec.to_builtins(seen)})
    if line["missing"] or found["drained_s"] > line["limit"] or seen.p99_ms > LIVE_LIMIT_MS:
        raise SystemExit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--backlog", type=float, default=600.0, help="seconds of the nominal load that wait")
    asyncio.run(main(parser.parse_args().backlog))
