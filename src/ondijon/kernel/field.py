"""What crosses between a driver and the post: intakes come up, orders go down."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from msgspec import Struct

from ondijon.kernel.arrays import Ints64
from ondijon.kernel.readings import ReadingBatch


class DeadLetter(Struct, frozen=True):
    """A message, or the part of one, that could not be understood: kept whole with its reason."""

    topic: str
    gateway: str
    payload: bytes
    reason: str
    detail: str


class Acknowledgement(Struct, frozen=True):
    """A gateway's word on a command; no rows means every target the gateway has in that command."""

    command_id: UUID
    gateway: str
    status: Literal["accepted", "refused", "expired"]
    reason: str
    twin_type: str | None
    rows: tuple[int, ...]


class Presence(Struct, frozen=True):
    """A gateway came or went."""

    gateway: str
    online: bool


class Cursor(Struct, frozen=True, eq=False):
    """Which packs of each gateway were taken in: newest number, bitmap of the 64 before, packs missing."""

    driver: str
    gateways: tuple[str, ...]
    newest: Ints64
    window_bits: Ints64
    gaps: Ints64


class Intake(Struct, frozen=True, eq=False):
    """Everything some messages said, to be committed in one transaction before any of them is acknowledged.

    is_early: copies of messages that still wait in line behind a backlog. They change the live state now; the
    history, the cursor and dead letters have them when their turn comes.
    """

    batches: Sequence[ReadingBatch]
    acknowledgements: Sequence[Acknowledgement]
    presences: Sequence[Presence]
    dead_letters: Sequence[DeadLetter]
    cursor: Cursor | None
    messages: int
    duplicates: int
    is_early: bool = False


class DeviceOrder(Struct, frozen=True):
    """The wanted state of one device, in the post's own property keys and units."""

    device: str
    twin_type: str
    wanted: dict[str, float]


class FieldOrder(Struct, frozen=True):
    """What one gateway is asked, under one command."""

    command_id: UUID
    gateway: str
    expires_at: datetime
    devices: Sequence[DeviceOrder]


class StoredProgramme(Struct, frozen=True):
    """A programme for a gateway to store."""

    gateway: str
    version: int
    content: dict[str, object]


Sink = Callable[[Intake], Awaitable[None]]


class FieldDriver(Protocol):
    """A driver takes in until cancelled, and sends; `send` returns, for each order, whether the broker has it."""

    async def run(self, sink: Sink) -> None: ...

    async def send(self, orders: Sequence[FieldOrder]) -> Sequence[bool]: ...

    async def store_programmes(self, programmes: Sequence[StoredProgramme]) -> None: ...

    def map_letters(self, dead_letters: Sequence[DeadLetter]) -> Intake: ...
