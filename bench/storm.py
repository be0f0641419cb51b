"""Seconds from the last of 5,000 lights that fail within 10 s until the last root cause stands whole on a console."""

# A whole post with the simulated field, which reports 10,000 readings/s all the while. The simulator breaks 5,000
# lights of neighbouring cabinets and keeps the list of what it broke. One operator sits at a console: a live socket,
# and clicks (acknowledge a card, load the list) one after the other. Whole: every card of a cause has come over the
# socket with all its members; the clock runs through the lamps' own reports, the time that a lamp must be dark before
# it counts, grouping and commit.

import argparse
import asyncio
import math
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec

from bench.rig.heartbeats import hear_lags
from bench.rig.people import demo_password, open_live, session_of, sign_in
from bench.rig.running_post import RunningPost, run_post, throwaway_home
from bench.stage import publish
from ondijon.cli.field_orders import SIM_SUBJECT
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.simulator.field.truth import TruthLine
from ondijon.testing.websocket_client import SocketClosed

LIGHTS, WITHIN_S = 5_000, 10.0
READINGS_S = 10_000
LIMIT_S, MOST_ANNUNCIATIONS, CLICK_LIMIT_MS = 5.0, 10, 500.0
SETTLE_S, BACKGROUND_S, GIVE_UP_S = 20.0, 20.0, 60.0
SINGLE = "single"


@dataclass
class Console:
    """What one operator hears and does; instants are the post's own clock."""

    post: RunningPost
    client: httpx.AsyncClient
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    heard_at: dict[str, datetime] = field(default_factory=dict)
    clicks_ms: dict[str, list[float]] = field(default_factory=lambda: {"acknowledge": [], "list": []})

    def take(self, card: dict[str, Any], at: datetime) -> None:
        """Keep the latest word on a card, and when its number of members last changed."""
        former = self.cards.get(card["id"])
        self.cards[card["id"]] = card
        if former is None or former["members"] != card["members"]:
            self.heard_at[card["id"]] = at

    async def listen(self) -> None:
        """Take the live cards until cancelled."""
        clock = self.post.card().clock()
        socket = await open_live(self.post.url, session_of(self.client))
        try:
            while True:
                message = await socket.receive()
                if isinstance(message, str) and message.startswith('{"kind":"card"'):
                    self.take(msgspec.json.decode(message)["card"], clock.now())
        except SocketClosed:
            return
        finally:
            socket.abort()

    async def click(self) -> None:
        """Acknowledge the newest unacknowledged card and load the list, five times a second."""
        while True:
            waiting = [card for card in self.cards.values() if card["unacknowledged"] and card["over_at"] is None]
            if waiting:
                newest = max(waiting, key=lambda card: str(card["raised_at"]))
                body = {"cards": [newest["id"]]}
                await self._time("acknowledge", "POST", "/api/acts", _act("alarms.acknowledge", body))
            await self._time("list", "GET", "/api/alarms", None)
            await asyncio.sleep(0.2)

    async def _time(self, name: str, method: str, path: str, body: Any) -> None:
        started = time.perf_counter()
        answer = await self.client.request(method, path, json=body)
        self.clicks_ms[name].append((time.perf_counter() - started) * 1000)
        if answer.status_code != httpx.codes.NOT_FOUND:
            answer.raise_for_status()

    def causes(self, since: datetime) -> list[dict[str, Any]]:
        """Root causes that were raised since, and stand."""
        return [
            card
            for card in self.cards.values()
            if card["kind"] != SINGLE
            and card["merged_into"] is None
            and datetime.fromisoformat(card["annunciated_at"] or card["raised_at"]) >= since
        ]


def _act(key: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "payload": payload, "idempotency_key": str(uuid4())}


@asynccontextmanager
async def sit_down(post: RunningPost, username: str) -> AsyncIterator[Console]:
    """One operator, listening."""
    client = await sign_in(post.url, username, demo_password(post.home, username))
    console = Console(post, client)
    listening = asyncio.create_task(console.listen())
    try:
        yield console
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await client.aclose()


async def order(post: RunningPost, **words: Any) -> None:
    """An order to the simulator."""
    async with await NatsBus.open(post.card().bus_url["supervisor"], "ondijon-bench") as bus:
        await bus.publish(SIM_SUBJECT, msgspec.json.encode(words))


async def count_readings(rows: PostgresRows, since: datetime, until: datetime) -> int:
    row = await rows.fetch_one(
        "SELECT count(*) AS n FROM readings WHERE received_at >= $1 AND received_at < $2", since, until
    )
    return int(row["n"]) if row is not None else 0


async def set_background(post: RunningPost, rows: PostgresRows) -> float:
    """Let the field report 10,000 readings a second; returns seconds between two reports of a light."""
    clock = post.card().clock()
    began = clock.now()
    await order(post, order="report")
    await asyncio.sleep(8.0)
    every_s = await count_readings(rows, began, clock.now()) / READINGS_S
    await order(post, order="cadence", every_s=every_s)
    return every_s


def struck(truth: Path, since: datetime) -> dict[str, float]:
    """Which lights the storm broke, and when (seconds since 1970)."""
    lines = (msgspec.json.decode(line, type=TruthLine) for line in truth.read_bytes().splitlines(keepends=True))
    return {
        line.fault.target: line.at_s
        for line in lines
        if line.event == "broken" and line.fault.cause == "storm" and line.at_s >= since.timestamp() - 1.0
    }


async def list_raised(rows: PostgresRows, since: datetime) -> dict[str, datetime]:
    """When each light's alarm was first raised since then, by device; every one of them as a fact of its own."""
    found = await rows.fetch(
        """SELECT t.device, min(a.raised_at) AS at FROM alarms a JOIN twins t USING (twin_no)
           JOIN events e ON e.key = 'alarm.raised' AND e.twin = t.urn AND e.at >= $1
           WHERE a.type = 'lighting.lamp_out' AND a.raised_at >= $1 AND a.card_id IS NOT NULL GROUP BY 1""",
        since,
    )
    return {row["device"]: row["at"] for row in found}


async def count_annunciations(rows: PostgresRows, since: datetime) -> dict[str, int]:
    """Times that a card rang, by the kind of card."""
    found = await rows.fetch(
        """SELECT payload ->> 'kind' AS kind, count(*) AS n FROM events
           WHERE key ^@ 'card.raised' AND at >= $1 GROUP BY 1""",
        since,
    )
    return {row["kind"]: row["n"] for row in found}


async def storm(post: RunningPost, rows: PostgresRows, console: Console) -> dict[str, Any]:
    """Let it strike, wait until every alarm stands in a card, and measure."""
    clock, truth = post.card().clock(), post.home / "field" / "truth.jsonl"
    began = clock.now()
    await order(post, order="storm", count=LIGHTS, within_s=WITHIN_S)
    clicking = asyncio.create_task(console.click())
    async with hear_lags(post.card()) as lags:
        await asyncio.sleep(WITHIN_S + 1.0)
        broken = struck(truth, began)
        async with asyncio.timeout(GIVE_UP_S):
            while not set(broken) <= set(raised := await list_raised(rows, began)):
                await asyncio.sleep(1.0)
        await asyncio.sleep(5.0)
    if clicking.done():
        clicking.result()
    clicking.cancel()
    await asyncio.gather(clicking, return_exceptions=True)
    ended = clock.now()
    last = datetime.fromtimestamp(max(broken.values()), UTC)
    causes = console.causes(began)
    return {
        "struck": len(broken),
        "kept": len(set(broken) & set(raised)),
        "whole_s": (max(console.heard_at[card["id"]] for card in causes) - last).total_seconds(),
        "raised_s": (max(raised[device] for device in broken) - last).total_seconds(),
        "first_shown_s": [
            (datetime.fromisoformat(card["annunciated_at"]) - last).total_seconds()
            for card in causes
            if card["annunciated_at"] is not None
        ],
        "causes": [[card["kind"], card["twin_name"], card["members"]] for card in causes],
        "annunciations": await count_annunciations(rows, began),
        "clicks_ms": console.clicks_ms,
        "readings_per_s": await count_readings(rows, began, ended) / (ended - began).total_seconds(),
        "loop_lag_ms": lags.worst(),
    }


async def main(at: str) -> None:
    """One storm over a fresh post."""
    started = time.perf_counter()
    with throwaway_home() as home:
        async with (
            run_post(home, ("--at", at)) as post,
            sit_down(post, "amine") as console,
            await PostgresRows.open(post.card().database_url, connections=2) as rows,
        ):
            await asyncio.sleep(SETTLE_S)
            every_s = await set_background(post, rows)
            await asyncio.sleep(BACKGROUND_S)
            figures = await storm(post, rows, console)
    figures["cadence_s"] = every_s
    print(msgspec.json.encode({k: v for k, v in figures.items() if k != "clicks_ms"}).decode(), file=sys.stderr)
    publish_storm(figures, time.perf_counter() - started)


def percentile(values: list[float], share: float) -> float:
    """The smallest value that `share` of them do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else 0.0


def publish_storm(figures: dict[str, Any], seconds: float) -> None:
    clicks = [one for each in figures["clicks_ms"].values() for one in each]
    line = {
        "value": round(figures["whole_s"], 2),
        "unit": "s",
        "limit": LIMIT_S,
        "ratio": round(figures["whole_s"] / LIMIT_S, 3),
        "seconds": round(seconds, 1),
        "raw_kept": figures["kept"],
        "raw_struck": figures["struck"],
        "annunciations": sum(figures["annunciations"].values()),
        "annunciations_limit": MOST_ANNUNCIATIONS,
        "clicks": len(clicks),
        "clicks_p99_ms": round(percentile(clicks, 0.99), 1),
        "clicks_limit_ms": CLICK_LIMIT_MS,
        "readings_per_s": round(figures["readings_per_s"]),
    }
    publish("storm", line, figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at", default="22:00")
    asyncio.run(main(parser.parse_args().at))
