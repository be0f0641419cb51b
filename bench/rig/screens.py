"""Many consoles in one lean process of their own: each signed in, each noting when which frame came."""

# Started with a plan file; says `ready` on its standard output when every screen has its first full picture, listens
# until its standard input closes, then decodes what it heard and writes how old every reading was when it arrived.

import argparse
import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from bench.rig.people import open_live, session_of, sign_in
from ondijon.kernel.arrays import Floats, Ints64
from ondijon.testing.websocket_client import SocketClient, SocketClosed
from ondijon.web.frames import FrameHead, Slice, decode_frame

LIGHT, LEVEL = "Streetlight", "level_pct"
READY_WITHIN_S = 60.0
US_A_SECOND = 1_000_000
# How bench.ingest_load makes the level of device d of gateway g in pack seq: (7 d + 13 (g + seq % 16)) % 101.
DEVICE_STEP, GATEWAY_STEP, VALUES, VARIANTS = 7, 13, 101, 16


class Account(Struct, frozen=True):
    """Who sits at a screen."""

    username: str
    password: str


class ScreensPlan(Struct, frozen=True):
    """Who watches which post.

    sent: the load's send times (`bench.ingest_load.save_times`); places: for each light's row its gateway's place in
    the load's plan and its own among the gateway's devices. Both files must exist when the input closes.
    """

    url: str
    accounts: list[Account]
    sent: str
    places: str
    report: str


class ScreenReport(Struct, frozen=True):
    """What one screen saw; `expected` readings were sent of the lights that it may see."""

    username: str
    lights: int
    expected: int
    frames: int
    megabytes: float
    readings: int
    unread: int
    p50_ms: float
    p95_ms: float
    worst_ms: float


class ScreensReport(Struct, frozen=True):
    """All screens together; `unread` readings carry a time or value that nobody sent; `cpu_s` while listening."""

    screens: list[ScreenReport]
    expected: int
    readings: int
    unread: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    worst_ms: float
    histogram_10ms: list[int]
    cpu_s: float
    seconds: float


class Screen:
    """One console's socket and everything that came over it."""

    def __init__(self, username: str, socket: SocketClient, level: tuple[int, int]) -> None:
        self.username = username
        self.level = level
        self.rows: Ints64 = np.zeros(0, np.int64)
        self.pictured = asyncio.Event()
        self.frames: list[tuple[int, bytes]] = []
        self._socket = socket

    async def listen(self) -> None:
        """Keep each frame with its time of arrival; nothing is decoded meanwhile but the first picture."""
        try:
            while True:
                message = await self._socket.receive()
                if isinstance(message, bytes):
                    self.frames.append((time.time_ns(), message))
                    if not self.pictured.is_set():
                        self._look(message)
        except SocketClosed as closed:
            print(f"{self.username}: closed with {closed.code}", file=sys.stderr)

    def _look(self, message: bytes) -> None:
        head, part = decode_frame(message)
        if head.full and (head.type_index, head.property_index) == self.level:
            self.rows = part.row.astype(np.int64)
            self.pictured.set()

    def level_frames(self) -> list[tuple[int, FrameHead, Slice]]:
        """The frames of changed levels."""
        found = [(at, *decode_frame(frame)) for at, frame in self.frames]
        return [
            (at, head, part)
            for at, head, part in found
            if not head.full and (head.type_index, head.property_index) == self.level
        ]

    async def close(self) -> None:
        await self._socket.close()


class SentTimes:
    """When a level was sent: its value tells which pack of its gateway carried it."""

    def __init__(self, plan: ScreensPlan) -> None:
        places = np.load(plan.places)
        self._gateway, self._device = places["gateway"], places["device"]
        sent = np.load(plan.sent)
        self._first_seq = int(sent["seq"].min())
        self._packs = int(sent["seq"].max()) - self._first_seq + 1
        if self._packs > VARIANTS:
            raise SystemExit(f"{self._packs} packs a gateway cannot be told apart by {VARIANTS} variants")
        self._sent_us = np.zeros((int(sent["gateway"].max()) + 1, VARIANTS), np.int64)
        self._sent_us[sent["gateway"], sent["seq"] % VARIANTS] = sent["sent_us"]

    def count(self, rows: Ints64) -> int:
        """How many readings were sent of these lights."""
        return int(np.count_nonzero(self._sent_us[self._gateway[rows]]))

    def find(self, part: Slice) -> Ints64:
        """Send times in microseconds, 0 where nobody sent that value in that second."""
        row = part.row.astype(np.int64)
        gateway, device = self._gateway[row], self._device[row]
        value = np.rint(part.value).astype(np.int64)
        variant = (pow(GATEWAY_STEP, -1, VALUES) * (value - DEVICE_STEP * device) - gateway) % VALUES
        sent_us = self._sent_us[gateway, np.minimum(variant, VARIANTS - 1)]
        fits = (variant < VARIANTS) & (sent_us // US_A_SECOND == part.observed_s)
        found: Ints64 = np.where(fits, sent_us, 0)
        return found


def judge(screen: Screen, sent: SentTimes) -> tuple[ScreenReport, Floats]:
    """How old each reading was at this screen, in ms."""
    ages: list[Floats] = [np.zeros(0)]
    unread = 0
    for at_ns, _, part in screen.level_frames():
        sent_us = sent.find(part)
        ages.append(at_ns / 1e6 - sent_us[sent_us > 0] / 1e3)
        unread += int(np.count_nonzero(sent_us == 0))
    all_ages = np.concatenate(ages)
    p50, p95, worst = np.percentile(all_ages, (50, 95, 100)).tolist() if len(all_ages) else (0.0, 0.0, 0.0)
    size = sum(len(frame) for _, frame in screen.frames) / 1e6
    report = ScreenReport(
        screen.username,
        len(screen.rows),
        sent.count(screen.rows),
        len(screen.frames),
        size,
        len(all_ages),
        unread,
        p50,
        p95,
        worst,
    )
    return report, all_ages


async def open_screen(plan: ScreensPlan, account: Account) -> Screen:
    """Sign in, learn the order of types and properties, watch."""
    client = await sign_in(plan.url, account.username, account.password)
    bootstrap = (await client.get("/api/bootstrap")).raise_for_status().json()
    socket = await open_live(plan.url, session_of(client))
    await client.aclose()
    types: list[dict[str, Any]] = [one for trade in bootstrap["trades"] for one in trade["twin_types"]]
    place = next(index for index, one in enumerate(types) if one["key"] == LIGHT)
    level = next(index for index, one in enumerate(types[place]["properties"]) if one["key"] == LEVEL)
    screen = Screen(account.username, socket, (place, level))
    watched = [one["key"] for one in types if any(spec["live"] for spec in one["properties"])]
    await socket.send_text(msgspec.json.encode({"watch": {"types": watched, "twin": None}}).decode())
    return screen


async def main(plan: ScreensPlan) -> None:
    """Open all screens, say so, listen until told, judge."""
    screens = [await open_screen(plan, account) for account in plan.accounts]
    listening = [asyncio.create_task(screen.listen()) for screen in screens]
    async with asyncio.timeout(READY_WITHIN_S):
        await asyncio.gather(*(screen.pictured.wait() for screen in screens))
    for screen in screens:
        screen.frames.clear()
    started, cpu = time.perf_counter(), time.process_time()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    await asyncio.gather(*(screen.close() for screen in screens), return_exceptions=True)
    sent = SentTimes(plan)
    judged = [judge(screen, sent) for screen in screens]
    ages = np.concatenate([found for _, found in judged])
    p50, p95, p99, worst = np.percentile(ages, (50, 95, 99, 100)).tolist()
    report = ScreensReport(
        screens=[one for one, _ in judged],
        expected=sum(one.expected for one, _ in judged),
        readings=len(ages),
        unread=sum(one.unread for one, _ in judged),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        worst_ms=worst,
        histogram_10ms=np.bincount(np.maximum(ages, 0).astype(np.int64) // 10).tolist(),
        cpu_s=cpu_s,
        seconds=seconds,
    )
    Path(plan.report).write_bytes(msgspec.json.encode(report))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path, help="a ScreensPlan as JSON")
    asyncio.run(main(msgspec.json.decode(parser.parse_args().plan.read_bytes(), type=ScreensPlan)))
