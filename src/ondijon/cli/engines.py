"""What every role holds: home, rows, bus, clock, ids, and its city in memory."""

import asyncio
import gc
import logging
import os
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from ondijon.cli.places import PostCard, city_folder
from ondijon.infra.clocks import SystemClock
from ondijon.infra.ids import UuidSource
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.city import City, CityCard
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.room import RoomManifest
from ondijon.runtime.city_store import CityVersion, load_city, read_version
from ondijon.runtime.loader import Catalogues, load_room, load_trades

log = logging.getLogger(__name__)

CITY_SUBJECT = "ondijon.city.changed"
REVOKED_SUBJECT = "ondijon.gateway.revoked"
HEARTBEAT_S = 1.0
LAG_EVERY_S = 0.01
Ready = Callable[[], None]


@dataclass(frozen=True)
class Engines:
    """What every role holds.

    `figures` are what a body counts, told with each heartbeat and kept as the values of the role's twin; `details`
    (structs of kernel.health) are told with it too and not kept. While one of `troubles` is true the role says that it
    cannot do its work; `on_renewed` is called after attributes were edited.
    """

    home: Path
    card: PostCard
    rows: PostgresRows
    bus: NatsBus
    clock: SystemClock
    ids: UuidSource
    city: City
    catalogues: Catalogues
    parts: tuple[RoomManifest, ...]
    city_version: CityVersion = CityVersion(0, 0)
    figures: dict[str, Callable[[], float | None]] = field(default_factory=dict)
    details: dict[str, Callable[[], Any]] = field(default_factory=dict)
    troubles: list[Callable[[], bool]] = field(default_factory=list)
    on_renewed: list[Callable[[], Awaitable[None]]] = field(default_factory=list)

    async def tell_renewed(self) -> None:
        """What the city's twins are was edited: whoever keeps something of it is told."""
        for told in self.on_renewed:
            await told()


def read_city_card(city: str) -> CityCard:
    """The city's card from its data folder."""
    return msgspec.convert(tomllib.loads((city_folder(city) / "city.toml").read_text("utf-8")), CityCard)


@asynccontextmanager
async def open_engines(home: Path, card: PostCard, role: str) -> AsyncIterator[Engines]:
    """Connect to the rows and the bus, load trades and city."""
    manifests, catalogues = load_trades()
    async with (
        await PostgresRows.open(card.database_url) as rows,
        await NatsBus.open(card.bus_url[role], f"post.{role}") as bus,
    ):
        # Read first: what changes while the city is loaded is seen as a change.
        version = await read_version(rows)
        city = await load_city(rows, read_city_card(card.city), manifests)
        # A city's tens of thousands of records live as long as the process: keep the collector from walking them.
        gc.freeze()
        gc.enable()
        parts = load_room(catalogues["fr"])
        yield Engines(home, card, rows, bus, card.clock(), UuidSource(), city, catalogues, parts, version)


class LoopLag:
    """The longest that this process's event loop kept a task waiting beyond its time, since it was last asked."""

    def __init__(self) -> None:
        self._worst_s = 0.0

    async def watch(self) -> None:
        """Wake again and again until cancelled, and note how late that was; what lasts less may stay unseen."""
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            self._worst_s = max(self._worst_s, loop.time() - due_s)

    def take_ms(self) -> float:
        """The worst so far in milliseconds; the next look starts anew."""
        worst_s, self._worst_s = self._worst_s, 0.0
        return round(worst_s * 1000, 1)


async def beat(engines: Engines, role: str) -> None:
    """Say each second that this role lives, and how long its event loop was held up at worst."""
    lag = LoopLag()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(lag.watch())
        while True:
            detail = {"loop_lag_ms": lag.take_ms()}
            detail |= {key: tell() for key, tell in (engines.figures | engines.details).items()}
            state = "failed" if any(is_true() for is_true in engines.troubles) else "ready"
            word = {"role": role, "state": state, "pid": os.getpid(), "at": engines.clock.now(), "detail": detail}
            word["node"] = engines.card.node
            try:
                await engines.bus.publish(f"ondijon.role.{role}", msgspec.json.encode(word))
            except EngineAway as error:
                log.debug("heartbeat not sent: %s", error)
            await asyncio.sleep(HEARTBEAT_S)
