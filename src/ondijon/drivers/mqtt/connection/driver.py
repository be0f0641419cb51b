"""Takes in from the broker, hands intakes to the sink, acknowledges after it, and sends orders."""

import asyncio
import logging
import time
from collections.abc import Sequence

from ondijon.drivers.mqtt.connection.early import EarlyLine
from ondijon.drivers.mqtt.connection.inbox import Chunk, Inbox
from ondijon.drivers.mqtt.connection.limits import BackOff, Broker, Counters, IngestLimits
from ondijon.drivers.mqtt.connection.link import BrokerLink
from ondijon.drivers.mqtt.manifest import cursor_key
from ondijon.drivers.mqtt.mapping.intake import IntakeMapper
from ondijon.drivers.mqtt.mapping.orders import OrderMapper
from ondijon.drivers.mqtt.mapping.wire_table import WireTable
from ondijon.drivers.mqtt.protocol.topics import ALL_UP, filters_of_share
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import EngineAway, FieldFault, LocalProtocolError
from ondijon.kernel.field import Cursor, DeadLetter, FieldOrder, Intake, Sink, StoredProgramme
from ondijon.kernel.sharing import WHOLE, Share

log = logging.getLogger(__name__)

CHUNKS_AT_ONCE = 2
MESSAGES_A_SLICE = 32
_BUSY_FROM_A_SECOND = 1_000.0
_BUSIEST_A_SECOND = 5_000.0


class MqttDriver:
    """The field driver of MQTT, for the whole field or a share; `cursor` is where the last commit left off."""

    def __init__(
        self,
        city: City,
        clock: Clock,
        broker: Broker,
        cursor: Cursor | None = None,
        filters: Sequence[str] = (ALL_UP,),
        limits: IngestLimits | None = None,
        share: Share = WHOLE,
    ) -> None:
        if not share.is_whole:
            filters = filters_of_share(share.number)
        self._clock = clock
        self._limits = limits or IngestLimits()
        self._wire = WireTable(city)
        self._orders = OrderMapper(city)
        self._committed = cursor
        self.counters = Counters()
        self._inbox = Inbox(self._limits, self.counters)
        self._link = BrokerLink(broker, filters, self._inbox, self.counters, self._limits, share)
        self._early = EarlyLine(self._inbox, self._wire, clock, broker, filters, self._limits, share)
        self._key = cursor_key(share)
        self._mapper = IntakeMapper(self._wire, self._key, cursor)

    async def run(self, sink: Sink) -> None:
        """Take in until cancelled; a message is acknowledged to the broker only after `sink` returned."""
        # What an earlier run mapped and did not commit, the broker delivers again.
        self._mapper = IntakeMapper(self._wire, self._key, self._committed)
        self._inbox.reset()
        mapped: asyncio.Queue[tuple[Chunk, Intake]] = asyncio.Queue()
        room = asyncio.Semaphore(CHUNKS_AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._link.run())
            tasks.create_task(self._map_chunks(mapped, room))
            tasks.create_task(self._commit_chunks(mapped, room, sink))
            tasks.create_task(self._early.run(sink))

    async def _map_chunks(self, mapped: asyncio.Queue[tuple[Chunk, Intake]], room: asyncio.Semaphore) -> None:
        """Map the next chunk while the one before commits."""
        rate, since = 0.0, time.perf_counter()
        while True:
            await room.acquire()
            await self._inbox.wait()
            linger_s = self._linger_s(rate)
            if linger_s > 0.0:
                await asyncio.sleep(linger_s)
            chunk = self._inbox.take()
            now = time.perf_counter()
            rate, since = len(chunk.messages) / max(now - since, 1e-6), now
            intake = self._mapper.map_messages(chunk.messages, self._clock.now_us())
            mapped.put_nowait((chunk, intake))

    def _linger_s(self, rate: float) -> float:
        """Under load, wait a little so that a transaction carries more (`rate` in messages a second)."""
        if self._inbox.is_full_chunk:
            return 0.0
        busy = (rate - _BUSY_FROM_A_SECOND) / (_BUSIEST_A_SECOND - _BUSY_FROM_A_SECOND)
        return self._limits.longest_linger_s * min(1.0, max(0.0, busy))

    async def _commit_chunks(
        self, mapped: asyncio.Queue[tuple[Chunk, Intake]], room: asyncio.Semaphore, sink: Sink
    ) -> None:
        """Commit in order, then acknowledge."""
        while True:
            chunk, intake = await mapped.get()
            await self._commit(intake, sink)
            self._link.acknowledge(self._inbox.release(chunk))
            self._count(chunk, intake)
            room.release()

    async def _commit(self, intake: Intake, sink: Sink) -> None:
        """Try until the sink has it: nothing is acknowledged before, so nothing can be lost."""
        back_off = BackOff(self._limits)
        while True:
            try:
                await sink(intake)
            except EngineAway as error:
                log.warning("intake of %d messages waits: %s", intake.messages, error)
            except Exception:  # the edge of a task loop: whatever failed, the messages stay with the broker
                log.exception("intake of %d messages not committed", intake.messages)
            else:
                if intake.cursor is not None:
                    self._committed = intake.cursor
                return
            self.counters.sink_failures += 1
            await asyncio.sleep(back_off.next_s())

    def _count(self, chunk: Chunk, intake: Intake) -> None:
        counters = self.counters
        counters.messages += intake.messages
        counters.bytes += chunk.bytes
        counters.readings += sum(len(batch) for batch in intake.batches)
        counters.duplicates += intake.duplicates
        counters.dead_letters += len(intake.dead_letters)
        counters.gaps = self._mapper.gaps
        counters.last_at = self._clock.now()

    def map_letters(self, dead_letters: Sequence[DeadLetter]) -> Intake:
        """What dead letters would say now (after the inventory was put right); the caller commits it."""
        return self._mapper.map_letters(dead_letters, self._clock.now_us())

    async def send(self, orders: Sequence[FieldOrder]) -> Sequence[bool]:
        """One message an order; for each, whether the broker has it within the time limit."""
        outcomes = [False] * len(orders)
        promises: dict[int, asyncio.Future[bool]] = {}
        try:
            async with asyncio.timeout(self._limits.send_timeout_s):
                await self._link.wait_until_up()
                for place, order in enumerate(orders):
                    try:
                        topic, payload = self._orders.command(order)
                    except LocalProtocolError as error:
                        log.warning("order for %s not sent: %s", order.gateway, error)
                        continue
                    promises[place] = self._link.publish(topic, payload, retain=False)
                    if place % MESSAGES_A_SLICE == MESSAGES_A_SLICE - 1:
                        await asyncio.sleep(0)
                if promises:
                    await asyncio.wait(promises.values())
        except TimeoutError:
            log.warning("broker took %d of %d orders in time", _kept(promises), len(orders))
        for place, promise in promises.items():
            outcomes[place] = promise.done() and promise.result()
        return outcomes

    async def store_programmes(self, programmes: Sequence[StoredProgramme]) -> None:
        """Leave each programme retained for its gateway; raises FieldFault when the broker does not take them."""
        promises: list[asyncio.Future[bool]] = []
        try:
            async with asyncio.timeout(self._limits.send_timeout_s):
                await self._link.wait_until_up()
                for place, programme in enumerate(programmes):
                    topic, payload = self._orders.programme(programme)
                    promises.append(self._link.publish(topic, payload, retain=True))
                    if place % MESSAGES_A_SLICE == MESSAGES_A_SLICE - 1:
                        await asyncio.sleep(0)
                taken = await asyncio.gather(*promises)
        except TimeoutError as error:
            raise FieldFault("error.programme_not_stored", count=len(programmes)) from error
        if not all(taken):
            raise FieldFault("error.programme_not_stored", count=taken.count(False))


def _kept(promises: dict[int, asyncio.Future[bool]]) -> int:
    return sum(promise.done() and promise.result() for promise in promises.values())
