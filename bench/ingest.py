"""Measures readings a second from an MQTT publisher to a committed transaction."""

# Three loads in one run, each with columns evolved and predicates run before the commit and the PUBACK after it:
# packs of about 50 lights at `--rate` readings/s, the same at 10,000 readings/s, and single-record messages at
# `--singles` a second. A load that the post cannot keep up with shows as fewer readings/s and a growing p99. The
# limit is PostgreSQL alone: the same rows by prebuilt binary COPY at the same rows a transaction.

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np

from bench.ingest_load import GatewayNames, LoadPlan, LoadReport, command_line
from bench.stage import Stage, open_stage, publish
from ondijon.drivers.mqtt.connection import MqttDriver
from ondijon.infra.ids import UuidSource
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.infra.postgres.telemetry import ReadingHistory
from ondijon.kernel.arrays import Floats
from ondijon.kernel.city import City
from ondijon.kernel.field import Intake
from ondijon.runtime.field_role import FieldRole

LIGHT = "Streetlight"
PROPERTIES = ("level", "power")
NOMINAL_READINGS_S = 10_000
SLICES = 20


class Meter:
    """Stands between driver and projector: how many readings each commit held, how old they were, what it cost."""

    def __init__(self, role: FieldRole) -> None:
        self._role = role
        self.ages_ms: list[Floats] = []
        self.rows: list[int] = []
        self.commit_s: list[float] = []
        self.messages = 0
        self.first_s = 0.0

    async def take(self, intake: Intake) -> None:
        """The sink: commit as the field role does, then note; copies that go past the line are not counted."""
        if intake.is_early:
            await self._role.projector.commit(intake)
            return
        started = time.perf_counter()
        self.first_s = self.first_s or started
        await self._role.projector.commit(intake)
        self.commit_s.append(time.perf_counter() - started)
        now_us = time.time_ns() // 1000
        self.rows.append(sum(len(batch) for batch in intake.batches))
        self.messages += intake.messages
        self.ages_ms += [(now_us - batch.observed_us) / 1000 for batch in intake.batches if batch.twin_type == LIGHT]


def light_names(city: City) -> list[GatewayNames]:
    """The city's real gateways and their lights."""
    of_gateway: dict[str, list[str]] = {}
    for record in city.twins[LIGHT].records:
        if record.gateway is not None and record.device is not None:
            of_gateway.setdefault(record.gateway, []).append(record.device)
    return [GatewayNames(gateway, devices) for gateway, devices in of_gateway.items()]


async def run_phase(stage: Stage, name: str, plan: LoadPlan) -> dict[str, Any]:
    """One load against a fresh field role; returns figures over the readings it committed."""
    report_file = stage.home / f"{name}.json"
    plan_file = stage.home / f"{name}.plan.json"
    plan_file.write_bytes(msgspec.json.encode(msgspec.structs.replace(plan, report=str(report_file))))
    async with (
        await PostgresRows.open(stage.postgres.dsn) as rows,
        await NatsBus.open(stage.nats.nats_url("post.gateway"), "bench") as bus,
    ):
        city = await stage.load_city(rows)
        driver = MqttDriver(city, stage.clock, stage.broker("post.gateway", f"bench-{name}"))
        role = FieldRole(city, rows, bus, stage.clock, UuidSource(), driver)
        meter = Meter(role)
        running = asyncio.create_task(driver.run(meter.take))
        await asyncio.sleep(1.0)
        cpu = time.process_time()
        began = time.perf_counter()
        load = await asyncio.create_subprocess_exec(*command_line(plan_file), stdout=asyncio.subprocess.DEVNULL)
        code = await load.wait()
        report = msgspec.json.decode(report_file.read_bytes(), type=LoadReport)
        while sum(meter.rows) < report.records and time.perf_counter() - began < plan.seconds * 3 + 30:
            await asyncio.sleep(0.05)
        # From the first intake on: the publisher's own start is not the post's.
        seconds = time.perf_counter() - meter.first_s
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    if code != 0 or sum(meter.rows) < report.records:
        raise SystemExit(f"{name}: sent {report.records}, committed {sum(meter.rows)}, load ended with {code}")
    return _figures(meter, report, seconds, time.process_time() - cpu)


def _figures(meter: Meter, report: LoadReport, seconds: float, cpu_s: float) -> dict[str, Any]:
    ages = np.concatenate(meter.ages_ms)
    count = sum(meter.rows)
    return {
        "readings": count,
        "messages": meter.messages,
        "seconds": seconds,
        "readings_per_s": count / seconds,
        "messages_per_s": meter.messages / seconds,
        "rows_a_transaction": count / len(meter.rows),
        "p50_ms": float(np.percentile(ages, 50)),
        "p99_ms": float(np.percentile(ages, 99)),
        "commit_p50_ms": 1000 * statistics.median(meter.commit_s),
        "process_cpu_s": cpu_s,
        "load_cpu_s": report.cpu_s,
        "sent_late_s": report.latest_s,
    }


async def copy_limit(stage: Stage, rows_a_transaction: int, seconds: float) -> float:
    """Rows a second of prebuilt binary COPY into one fresh leaf, a transaction each."""
    async with await PostgresRows.open(stage.postgres.dsn, connections=2) as rows, rows.connection() as connection:
        city = await stage.load_city(rows)
        await connection.execute("TRUNCATE readings")
        history = ReadingHistory()
        streams = [_stream(history, city, rows_a_transaction, place) for place in range(SLICES)]
        day = datetime.now(UTC)
        leaf = f"readings_{day:%Y%m%d}"
        columns = ("twin_no", "property_no", "observed_at", "received_at", "value", "quality")
        written, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            async with connection.transaction():
                stream = streams[written % SLICES]
                await connection.copy_to_table(leaf, source=stream, columns=columns, format="binary")
            written += 1
        return written * rows_a_transaction / (time.perf_counter() - started)


def _stream(history: ReadingHistory, city: City, count: int, place: int) -> bytearray:
    twins = city.twins[LIGHT]
    at = (np.arange(count) + place * count) // len(PROPERTIES) % len(twins)
    now_us = np.full(count, time.time_ns() // 1000 + place * 1000, np.int64)
    number = np.tile(np.array([city.property_nos[LIGHT, "level_pct"], city.property_nos[LIGHT, "power_w"]]), count)
    values = np.linspace(0, 100, count)
    return history.pack(twins.twin_no[at], number[:count], now_us, now_us, values, np.zeros(count, np.int16))


async def main(options: argparse.Namespace) -> None:
    """Run the phases `rounds` times and print medians."""
    started = time.perf_counter()
    rounds: dict[str, list[dict[str, Any]]] = {"steady": [], "nominal": [], "single": []}
    limits: list[float] = []
    async with open_stage() as stage:
        async with await PostgresRows.open(stage.postgres.dsn, connections=1) as rows:
            names = light_names(await stage.load_city(rows))
        broker = stage.broker("post.simulator", "load")
        per_pack = sum(len(one.devices) for one in names) / len(names) * len(PROPERTIES)
        plan = LoadPlan(
            broker.port,
            names,
            options.seconds,
            properties=PROPERTIES,
            username=broker.username,
            password=broker.password,
        )
        phases = {
            "steady": (options.rate / per_pack, False, options.seconds),
            "nominal": (NOMINAL_READINGS_S / per_pack, False, options.seconds / 2),
            "single": (options.singles, True, options.seconds / 2),
        }
        seq = 1
        for each in range(options.rounds):
            for name, (rate, single, seconds) in phases.items():
                phase = msgspec.structs.replace(
                    plan, messages_per_s=rate, single=single, seconds=seconds, first_seq=seq
                )
                figures = await run_phase(stage, f"{name}{each}", phase)
                seq += 100_000
                rounds[name].append(figures)
                print(name, msgspec.json.encode(figures).decode(), file=sys.stderr)
            limits.append(await copy_limit(stage, int(rounds["steady"][-1]["rows_a_transaction"]), options.seconds / 6))
            print("copy limit", limits[-1], file=sys.stderr)
    _publish(rounds, limits, time.perf_counter() - started)


def _median(figures: Sequence[dict[str, Any]], key: str) -> float:
    return float(statistics.median(one[key] for one in figures))


def _publish(rounds: dict[str, list[dict[str, Any]]], limits: list[float], seconds: float) -> None:
    value = _median(rounds["steady"], "readings_per_s")
    limit = statistics.median(limits)
    singles = _median(rounds["single"], "messages_per_s")
    print(f"steady p99 {_median(rounds['steady'], 'p99_ms'):.0f} ms, singles {singles:.0f}/s")
    print(f"at {NOMINAL_READINGS_S} readings/s p99 {_median(rounds['nominal'], 'p99_ms'):.1f} ms")
    line = {
        "value": round(value),
        "unit": "readings/s",
        "limit": round(limit),
        "ratio": round(value / limit, 3),
        "seconds": round(seconds, 1),
    }
    publish("ingest", line, {"rounds": rounds, "limits": limits})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", type=float, default=168_000.0)
    parser.add_argument("--singles", type=float, default=11_000.0)
    asyncio.run(main(parser.parse_args()))
