"""What each setting that keeps data through a power cut costs: the broker's syncs, and PostgreSQL's."""

# Broker: packs of real gateways' names flat out over MQTT QoS 1, read and acknowledged by the post's own driver.
# PostgreSQL: eight connections committing one small row each, and one that copies 20,000 rows a transaction. Every
# setting has a fresh home on the disk of the machine, and is measured in turn with the others in each round.

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import msgspec

from bench.ingest import NOMINAL_READINGS_S, light_names
from bench.ingest_load import LoadPlan, LoadReport, command_line
from bench.stage import CITY, publish
from ondijon.drivers.mqtt.connection import Broker, MqttDriver
from ondijon.infra.clocks import SystemClock
from ondijon.infra.nats.server import EmbeddedNats
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.city import City
from ondijon.kernel.field import Intake
from ondijon.testing.generated import generate_city

SYNCS = ("2m", "1s", "always")
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "as set": {},
    "synchronous_commit=off": {"synchronous_commit": "off"},
    "full_page_writes=off": {"full_page_writes": "off"},
    "wal_compression=off": {"wal_compression": "off"},
    "fsync=off": {"fsync": "off"},
}
CONNECTIONS, COPY_ROWS = 8, 20_000
TABLE = "CREATE TABLE IF NOT EXISTS lines (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text)"


async def take(_: Intake) -> None:
    """Keep nothing: only the broker is measured."""


async def measure_broker(sync: str, city: City, seconds: float) -> dict[str, float]:
    """Messages a second that were stored, delivered and acknowledged on both sides."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="ondijon-bench-") as home:
        folder = Path(home)
        async with EmbeddedNats(folder, clock=clock, on_refusal=lambda _: None, sync_interval=sync) as nats:
            driver = MqttDriver(city, clock, _broker(nats, "post.gateway", "bench-driver"))
            running = asyncio.create_task(driver.run(take))
            await asyncio.sleep(1.0)
            report = await _load(nats, city, seconds, folder)
            await _until_taken(driver, report.messages)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    return {"messages_per_s": report.acked / report.seconds, "messages": report.messages}


def _broker(nats: EmbeddedNats, user: str, client_id: str) -> Broker:
    parts = urlsplit(nats.mqtt_url(user))
    return Broker(parts.hostname or "", parts.port or 0, client_id, parts.username, parts.password)


async def _load(nats: EmbeddedNats, city: City, seconds: float, folder: Path) -> LoadReport:
    broker = _broker(nats, "post.simulator", "load")
    report, plan_file = folder / "load.json", folder / "plan.json"
    plan = LoadPlan(
        broker.port,
        light_names(city),
        seconds,
        username=broker.username,
        password=broker.password,
        report=str(report),
    )
    plan_file.write_bytes(msgspec.json.encode(plan))
    load = await asyncio.create_subprocess_exec(*command_line(plan_file), stdout=asyncio.subprocess.DEVNULL)
    if await load.wait():
        raise SystemExit("the load failed")
    return msgspec.json.decode(report.read_bytes(), type=LoadReport)


async def _until_taken(driver: MqttDriver, messages: int) -> None:
    async with asyncio.timeout(60.0):
        while driver.counters.messages < messages:
            await asyncio.sleep(0.05)


async def measure_database(settings: Mapping[str, str], seconds: float) -> dict[str, float]:
    """Small commits a second over all connections, and copied rows a second."""
    with tempfile.TemporaryDirectory(prefix="ondijon-bench-") as home:
        Path(home).chmod(0o711)
        async with EmbeddedPostgres(Path(home), settings=settings) as server:
            connection = await asyncpg.connect(server.dsn)
            await connection.execute(TABLE)
            began = time.perf_counter()
            counts = await asyncio.gather(*(_commit_for(server.dsn, seconds / 2) for _ in range(CONNECTIONS)))
            commits = sum(counts) / (time.perf_counter() - began)
            rows = await _copy_for(connection, seconds / 2)
            await connection.close()
    return {"commits_per_s": commits, "rows_per_s": rows}


async def _commit_for(dsn: str, seconds: float) -> int:
    connection = await asyncpg.connect(dsn)
    done, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        await connection.execute("INSERT INTO lines (text) VALUES ('one line of the audit log, or of the logbook')")
        done += 1
    await connection.close()
    return done


async def _copy_for(connection: asyncpg.Connection, seconds: float) -> float:
    records = [(f"reading {number}",) for number in range(COPY_ROWS)]
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        await connection.copy_records_to_table("lines", records=records, columns=("text",))
        done += 1
    return done * COPY_ROWS / (time.perf_counter() - began)


def medians(rounds: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """By setting and figure."""
    return {
        name: {key: statistics.median(one[name][key] for one in rounds) for key in rounds[0][name]}
        for name in rounds[0]
    }


def ratios(found: dict[str, dict[str, float]], to: str) -> dict[str, dict[str, float]]:
    """Each figure over that of the setting it is compared with."""
    return {
        name: {key: round(value / found[to][key], 2) for key, value in figures.items() if key.endswith("_per_s")}
        for name, figures in found.items()
    }


async def main(rounds: int, seconds: float) -> None:
    """Fails when the broker, syncing always, would not carry twice the nominal load."""
    started = time.perf_counter()
    city = generate_city(CITY)
    names = light_names(city)
    nominal = NOMINAL_READINGS_S / (sum(len(one.devices) for one in names) / len(names))
    brokers: list[dict[str, dict[str, float]]] = []
    databases: list[dict[str, dict[str, float]]] = []
    for _ in range(rounds):
        brokers.append({sync: await measure_broker(sync, city, seconds) for sync in SYNCS})
        databases.append({name: await measure_database(settings, seconds) for name, settings in SETTINGS.items()})
        print(msgspec.json.encode((brokers[-1], databases[-1])).decode(), file=sys.stderr)
    broker, database = medians(brokers), medians(databases)
    value = broker["always"]["messages_per_s"]
    line: dict[str, Any] = {
        "value": round(value),
        "unit": "messages/s",
        "limit": round(2 * nominal),
        "ratio": round(value / (2 * nominal), 2),
        "seconds": round(time.perf_counter() - started, 1),
        "broker": ratios(broker, "2m"),
        "database": ratios(database, "as set"),
    }
    publish("durability", line, {"broker": brokers, "database": databases})
    if value < 2 * nominal:
        raise SystemExit(1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    asyncio.run(main(options.rounds, options.seconds))
