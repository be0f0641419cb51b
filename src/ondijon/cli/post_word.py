"""The supervisor's own heartbeat: how its engines and roles are, and what is free on the disks."""

import asyncio
import logging
import os
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from ondijon.cli.disk_forecast import DiskForecast
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.health import ServiceHealth
from ondijon.kernel.ports import Bus
from ondijon.runtime.supervisor import ServiceState, Working

log = logging.getLogger(__name__)

ROLE = "supervisor"


class PostWord:
    """Tells over the bus alone: a status page must not depend on the intake, which is what may be late."""

    def __init__(self, bus: Bus, clock: Clock, disks: DiskForecast, host: str = "") -> None:
        """host: the address of this one of several hosts."""
        self._host = host
        self._bus = bus
        self._clock = clock
        self._disks = disks
        self._sending: set[asyncio.Task[None]] = set()

    def tell(self, states: Sequence[ServiceState]) -> None:
        """Send the states and the disks; never waits. A post that is being stopped has nobody left to tell."""
        if any(one.state in (Working.STOPPING, Working.STOPPED) for one in states):
            return
        services = [
            ServiceHealth(one.name, one.state, one.since, one.restarts, one.rss_bytes, one.cpu_s, self._host)
            for one in states
        ]
        disks = [replace(one, host=self._host) for one in self._disks.disks]
        word = {"role": ROLE, "state": "ready", "pid": os.getpid(), "at": self._clock.now(), "node": self._host}
        word["detail"] = {"services": services, "disks": disks}
        task = asyncio.get_running_loop().create_task(self._send(msgspec.json.encode(word)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, payload: bytes) -> None:
        try:
            await self._bus.publish(f"ondijon.role.{ROLE}", payload)
        except EngineAway as error:
            log.debug("the post's state was not told: %s", error)
