"""Messages that are here and not yet acknowledged: taken in chunks, bounded in number and bytes."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from ondijon.drivers.mqtt.connection.limits import Counters, IngestLimits
from ondijon.drivers.mqtt.mapping.intake import Message

# The broker delivers again each 5 s; what it sent before our PUBACK may wait for long in the sockets behind a backlog.
CROSSING_S = 30.0


class Chunk(NamedTuple):
    """Some messages in their order, and how to acknowledge them on the link they came by."""

    link_no: int
    packet_ids: list[int]
    messages: list[Message]
    bytes: int


class Inbox:
    """What one link has delivered; a new link starts with an empty one, for the broker delivers again."""

    def __init__(
        self, limits: IngestLimits, counters: Counters, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._limits = limits
        self._counters = counters
        self._waiting: deque[tuple[int, Message]] = deque()
        self._held: set[int] = set()
        self._released: dict[int, float] = {}
        self.link_no = 0
        self._arrived = asyncio.Event()

    def reset(self) -> None:
        """Forget everything, also what was being mapped or committed."""
        self._waiting.clear()
        self._held.clear()
        self._released.clear()
        self._arrived.clear()
        self.link_no = 0
        self._counters.held_messages = self._counters.held_bytes = 0

    def start_link(self, link_no: int) -> None:
        """Forget what a lost link delivered and nobody has begun to map."""
        for _, message in self._waiting:
            self._count(-1, -len(message.payload))
        self._waiting.clear()
        self._held.clear()
        self._released.clear()
        self.link_no = link_no

    def put(self, packet_id: int, message: Message, *, is_repeat: bool = False) -> None:
        """Take one message (packet id 0: never acknowledged).

        A redelivery of one we still hold is dropped. So is one that crossed our PUBACK on the way: behind a long
        backlog it would be too late to be told from a new pack. Neither is acknowledged here: should the broker
        insist, it is taken in after a while.
        """
        if packet_id:
            if packet_id in self._held or (is_repeat and self._has_just_released(packet_id)):
                self._counters.redelivered += 1
                return
            self._held.add(packet_id)
            self._released.pop(packet_id, None)
        self._waiting.append((packet_id, message))
        self._count(1, len(message.payload))
        self._arrived.set()

    def _has_just_released(self, packet_id: int) -> bool:
        released_s = self._released.get(packet_id)
        return released_s is not None and self._monotonic() - released_s < CROSSING_S

    async def wait(self) -> None:
        """Until at least one message is here."""
        await self._arrived.wait()

    @property
    def is_full_chunk(self) -> bool:
        """Whether waiting longer would not make the next chunk bigger."""
        return len(self._waiting) >= self._limits.chunk_messages

    def take(self) -> Chunk:
        """The oldest messages, as many as one chunk holds, without more of one gateway than it may hold."""
        packet_ids: list[int] = []
        messages: list[Message] = []
        size = 0
        limits = self._limits
        of_gateway: dict[str, int] = {}
        while self._waiting and len(messages) < limits.chunk_messages and size < limits.chunk_bytes:
            gateway = _gateway_of(self._waiting[0][1].topic)
            count = of_gateway.get(gateway, 0)
            if count >= limits.messages_a_gateway:
                break
            of_gateway[gateway] = count + 1
            packet_id, message = self._waiting.popleft()
            packet_ids.append(packet_id)
            messages.append(message)
            size += len(message.payload)
        if not self._waiting:
            self._arrived.clear()
        return Chunk(self.link_no, packet_ids, messages, size)

    def release(self, chunk: Chunk) -> list[int]:
        """The chunk is committed: the packet ids to acknowledge now (none when their link is gone)."""
        self._count(-len(chunk.messages), -chunk.bytes)
        if chunk.link_no != self.link_no:
            return []
        self._held.difference_update(chunk.packet_ids)
        self._released.update(dict.fromkeys(chunk.packet_ids, self._monotonic()))
        return [packet_id for packet_id in chunk.packet_ids if packet_id]

    @property
    def is_too_full(self) -> bool:
        """Whether to stop reading."""
        counters, limits = self._counters, self._limits
        return counters.held_messages > limits.held_messages or counters.held_bytes > limits.held_bytes

    @property
    def is_behind(self) -> bool:
        """Whether so much waits that what was just said would be old when its turn comes."""
        return self._counters.held_messages >= self._limits.behind_messages

    @property
    def has_caught_up(self) -> bool:
        """Whether what was just said is next."""
        return self._counters.held_messages < self._limits.behind_messages // 8

    @property
    def is_half_empty(self) -> bool:
        """Whether to go on reading."""
        counters, limits = self._counters, self._limits
        return counters.held_messages <= limits.held_messages // 2 and counters.held_bytes <= limits.held_bytes // 2

    def _count(self, messages: int, size: int) -> None:
        self._counters.held_messages += messages
        self._counters.held_bytes += size


def _gateway_of(topic: str) -> str:
    """What stands between `ondijon/1/up/` and the kind; two kinds of one gateway count together."""
    return "/".join(topic.split("/", 4)[:4])
