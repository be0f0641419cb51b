"""How long the event loops of the roles were held up, as their heartbeats say, and the machine's own share of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from ondijon.cli.engines import HEARTBEAT_S, LoopLag
from ondijon.cli.places import PostCard
from ondijon.infra.nats.bus import NatsBus
from ondijon.web.roles import SUBJECTS, Heartbeat

# This process does next to nothing: what its own loop waits, every process on this machine waits.
MACHINE = "machine"


@dataclass
class Lags:
    """Milliseconds by role, one value a heartbeat."""

    by_role: dict[str, list[float]] = field(default_factory=dict)

    def worst(self) -> dict[str, float]:
        return {role: max(values) for role, values in sorted(self.by_role.items())}

    def take(self, role: str, lag_ms: float) -> None:
        self.by_role.setdefault(role, []).append(lag_ms)


@asynccontextmanager
async def hear_lags(card: PostCard) -> AsyncIterator[Lags]:
    """Collect what every role says while the body runs; the first second, which began before, is left out."""
    lags = Lags()
    own = LoopLag()
    seen: set[str] = set()

    async def hear(subject: str, payload: bytes) -> None:
        word = msgspec.json.decode(payload, type=Heartbeat)
        if word.role in seen:
            lags.take(word.role, float(word.detail["loop_lag_ms"]))
        seen.add(word.role)

    async def note_own() -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            lags.take(MACHINE, own.take_ms())

    async with await NatsBus.open(card.bus_url["supervisor"], "ondijon-bench") as bus:
        await bus.subscribe(SUBJECTS, hear)
        tasks = [asyncio.create_task(own.watch()), asyncio.create_task(note_own())]
        try:
            yield lags
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
