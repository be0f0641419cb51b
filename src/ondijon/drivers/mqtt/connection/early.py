"""While much waits in line, copies of what the field says now go past it and into the live state."""

import asyncio
import logging
from collections.abc import Sequence

from msgspec.structs import replace

from ondijon.drivers.mqtt.connection.inbox import Inbox
from ondijon.drivers.mqtt.connection.limits import Broker, Counters, IngestLimits
from ondijon.drivers.mqtt.connection.link import BrokerLink
from ondijon.drivers.mqtt.manifest import DRIVER_KEY
from ondijon.drivers.mqtt.mapping.intake import IntakeMapper
from ondijon.drivers.mqtt.mapping.wire_table import WireTable
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.field import Intake, Sink
from ondijon.kernel.sharing import Share

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.1
CAUGHT_UP_FOR_S = 2.0


class EarlyLine:
    """A second subscription, at most once and without a session, after each beginning and while `line` is behind.

    The broker keeps the order of a session: after ten minutes without us, what is said now would be taken in a minute
    later. A copy heard here changes columns, alarms and targets only; it is not counted, not acknowledged and not in
    the history, where the message itself comes in its turn. What is missed here is only late.
    """

    def __init__(
        self,
        line: Inbox,
        wire: WireTable,
        clock: Clock,
        broker: Broker,
        filters: Sequence[str],
        limits: IngestLimits,
        share: Share,
    ) -> None:
        self._line = line
        self._wire = wire
        self._clock = clock
        self._broker = replace(broker, client_id=f"{broker.client_id}-early")
        self._filters = filters
        self._limits = limits
        self._share = share

    async def run(self, sink: Sink) -> None:
        """Open and close by need, until cancelled."""
        links = -1
        while True:
            # Whoever was away has to expect a backlog; what is said before we hear it would wait behind that.
            if self._line.is_behind or self._line.link_no != links:
                links = self._line.link_no
                await self._pass(sink)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _pass(self, sink: Sink) -> None:
        counters = Counters()
        inbox = Inbox(self._limits, counters)
        link = BrokerLink(self._broker, self._filters, inbox, counters, self._limits, self._share, is_passing=True)
        passing = [asyncio.create_task(link.run()), asyncio.create_task(self._take(inbox, sink))]
        try:
            await self._until_caught_up()
        finally:
            for task in passing:
                task.cancel()
            await asyncio.gather(*passing, return_exceptions=True)

    async def _until_caught_up(self) -> None:
        looks = 0
        while looks * LOOK_EVERY_S < CAUGHT_UP_FOR_S:
            await asyncio.sleep(LOOK_EVERY_S)
            looks = looks + 1 if self._line.has_caught_up else 0

    async def _take(self, inbox: Inbox, sink: Sink) -> None:
        mapper = IntakeMapper(self._wire, DRIVER_KEY)
        while True:
            await inbox.wait()
            chunk = inbox.take()
            intake = mapper.map_messages(chunk.messages, self._clock.now_us())
            inbox.release(chunk)
            # Never given up half way when this line closes: an alarm that was judged would not be written any more.
            await asyncio.shield(asyncio.create_task(_hand_over(intake, sink)))


async def _hand_over(intake: Intake, sink: Sink) -> None:
    try:
        await sink(_early(intake))
    except EngineAway as error:
        log.warning("%d early messages come later: %s", intake.messages, error)
    except Exception:  # the edge of a task loop: the messages themselves wait in line
        log.exception("%d early messages come later", intake.messages)


def _early(intake: Intake) -> Intake:
    """What of it may be done now and once more in its turn."""
    return replace(intake, presences=(), dead_letters=(), cursor=None, duplicates=0, is_early=True)
