"""What the supervisor of a host says of its services, disks and clock, and what it hears of its roles."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import msgspec

from ondijon.cli.clock_watch import watch_clock
from ondijon.cli.disk_forecast import DiskForecast, watched_disks
from ondijon.cli.disk_watch import watch_disks
from ondijon.cli.health import PLAIN_NAMES, HealthReport
from ondijon.cli.post_word import PostWord
from ondijon.infra.clocks import SystemClock
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.nats.refusals import Refusal
from ondijon.infra.nats.server import EmbeddedNats
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.runtime.field_role import REFUSED_SUBJECT
from ondijon.runtime.supervisor import ServiceState


class HostVoice:
    """Silent until it is given a bus; `host` is the address of this one of several hosts."""

    def __init__(self, home: Path, clock: SystemClock, host: str = "") -> None:
        self._clock = clock
        self._host = host
        self._disks = DiskForecast(home / "disk-history.json", watched_disks(home))
        self._bus: NatsBus | None = None
        self._health: HealthReport | None = None
        self._word: PostWord | None = None
        self._watching: list[asyncio.Task[None]] = []
        self._loop = asyncio.get_running_loop()

    async def open(
        self, bus: NatsBus, mqtt_url: str, engines: Sequence[object], names: Mapping[str, str] = PLAIN_NAMES
    ) -> None:
        """Speak from now on; of the engines our own are watched, an outside one's disk is its owner's to watch.

        names: of several hosts, the twin of each service (cli.health).
        """
        self._bus = bus
        self._health = HealthReport(mqtt_url, self._clock, names)
        self._health.start()
        await bus.subscribe("ondijon.role.*", self._on_heartbeat)
        self._word = PostWord(bus, self._clock, self._disks, self._host)
        folders = [one.place.data_dir for one in engines if isinstance(one, EmbeddedPostgres)]
        folders += [one.streams_dir for one in engines if isinstance(one, EmbeddedNats)]
        watches = (watch_disks(folders, bus), self._disks.run(), watch_clock(self._clock, bus))
        self._watching = [asyncio.create_task(watch) for watch in watches]

    async def close(self) -> None:
        """Say nothing more, and close the bus."""
        for task in self._watching:
            task.cancel()
        if self._health is not None:
            self._health.stop()
        if self._bus is not None:
            await self._bus.close()

    def tell(self, states: Sequence[ServiceState]) -> None:
        """How the services are now; never waits."""
        if self._health is not None:
            self._health.hear("post", self._disks.figures())
            self._health.tell(states)
        if self._word is not None:
            self._word.tell(states)

    def tell_refusal(self, refusal: Refusal) -> None:
        """What our broker has refused; never waits."""
        if self._bus is not None:
            self._loop.create_task(self._bus.publish(REFUSED_SUBJECT, msgspec.json.encode(asdict(refusal))))

    async def _on_heartbeat(self, subject: str, payload: bytes) -> None:
        word = msgspec.json.decode(payload)
        if self._health is not None and word.get("node", "") == self._host:
            self._health.hear(subject.rpartition(".")[2], word["detail"])
