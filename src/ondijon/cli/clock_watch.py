"""The machine's clock: who sets it under a running post is told that the post does not follow."""

import asyncio
import logging

import msgspec

from ondijon.infra.clocks import SystemClock
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ports import Bus
from ondijon.runtime.field_role import CLOCK_SUBJECT

log = logging.getLogger(__name__)

EVERY_S = 5.0


async def watch_clock(clock: SystemClock, bus: Bus, every_s: float = EVERY_S) -> None:
    """Say over the bus by how much the machine's clock was set, for as long as it is so, until cancelled."""
    while True:
        stepped_s = round(clock.stepped_us() / 1e6)
        if stepped_s:
            log.warning("the machine's clock was set by %+d s; the post goes on with its own time", stepped_s)
            try:
                await bus.publish(CLOCK_SUBJECT, msgspec.json.encode({"stepped_s": stepped_s}))
            except EngineAway as error:
                log.warning("the clock not told of: %s", error)
        await asyncio.sleep(every_s)
