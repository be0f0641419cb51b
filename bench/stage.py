"""The stage of a benchmark: real engines in a throwaway home, with the generated city of Dijon."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ondijon.cli.engines import read_city_card
from ondijon.cli.places import city_folder
from ondijon.cli.prepare import prepare
from ondijon.drivers.mqtt.connection import Broker
from ondijon.infra.clocks import SystemClock
from ondijon.infra.nats.server import EmbeddedNats
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.city import City
from ondijon.kernel.ports import Rows
from ondijon.runtime.city_store import load_city
from ondijon.runtime.loader import load_trades

RESULTS = Path(__file__).parent / "results"
CITY = "dijon"


@dataclass(frozen=True)
class Stage:
    """Engines that run, and where."""

    home: Path
    postgres: EmbeddedPostgres
    nats: EmbeddedNats
    clock: SystemClock

    async def load_city(self, rows: Rows) -> City:
        """The city afresh, as a role loads it."""
        return await load_city(rows, read_city_card(CITY), load_trades()[0])

    def broker(self, user: str, client_id: str) -> Broker:
        """The broker as one of the post's own users."""
        parts = urlsplit(self.nats.mqtt_url(user))
        return Broker(parts.hostname or "", parts.port or 0, client_id, parts.username, parts.password)


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    """Start PostgreSQL and NATS on disk, prepare the city, and leave nothing behind."""
    city_folder(CITY)
    home = Path(tempfile.mkdtemp(prefix="ondijon-bench-"))
    home.chmod(0o711)
    clock = SystemClock()
    try:
        async with (
            EmbeddedPostgres(home) as postgres,
            EmbeddedNats(home, clock=clock, on_refusal=lambda refusal: None) as nats,
        ):
            await prepare(postgres, CITY, home, clock)
            yield Stage(home, postgres, nats, clock)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def publish(bench: str, line: dict[str, Any], raw: dict[str, Any]) -> None:
    """Keep the raw samples and counts beside, and end with the one line that others read."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{bench}.json").write_bytes(msgspec.json.format(msgspec.json.encode({**line, "raw": raw}), indent=1))
    print(msgspec.json.encode({"bench": bench, **line}).decode())
