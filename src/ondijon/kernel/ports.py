"""Ports are what the pure world asks of engines: each has a real one in infra and a fake in testing."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol
from uuid import UUID

from ondijon.kernel.arrays import Bytes8, Floats, Ints16, Ints32, Ints64
from ondijon.kernel.commands import Command, CommandRequest, DryRun
from ondijon.kernel.identity import Actor

Row = Mapping[str, Any]
Handler = Callable[[str, bytes], Awaitable[None]]


class Transaction(Protocol):
    """Statements that happen all or not at all."""

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]: ...

    async def fetch_one(self, sql: str, *arguments: object) -> Row | None: ...

    async def execute(self, sql: str, *arguments: object) -> str: ...

    async def copy_rows(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None: ...

    async def copy_readings(
        self,
        twin_no: Ints32,
        property_no: Ints16,
        observed_us: Ints64,
        received_us: Ints64,
        value: Floats,
        quality: Bytes8,
    ) -> None: ...


class Rows(Protocol):
    """The truth, PostgreSQL; jsonb comes and goes as Python values, timestamps as aware datetimes."""

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]: ...

    async def fetch_one(self, sql: str, *arguments: object) -> Row | None: ...

    async def execute(self, sql: str, *arguments: object) -> str: ...

    def transaction(self) -> AbstractAsyncContextManager[Transaction]: ...


class Bus(Protocol):
    """What moves between the post's own processes; at most once, nothing that must last."""

    async def publish(self, subject: str, payload: bytes) -> None: ...

    async def subscribe(self, subject: str, handler: Handler) -> None: ...


class Post(Protocol):
    """The one door: every act goes through it, is authorised, recorded, and only then done."""

    async def dry_run(self, actor: Actor, request: CommandRequest) -> DryRun: ...

    async def submit(self, actor: Actor, request: CommandRequest) -> Command: ...

    async def approve(self, actor: Actor, command_id: UUID) -> Command: ...

    async def reject(self, actor: Actor, command_id: UUID, reason: str) -> Command: ...

    async def undo(self, actor: Actor, command_id: UUID, reason: str, idempotency_key: UUID) -> Command: ...

    async def record_act(self, actor: Actor, act: str, subject: str, detail: dict[str, Any]) -> None: ...


class Door(Protocol):
    """The one door for what the room itself does; `act` is a kernel.room.Act."""

    @property
    def act_keys(self) -> tuple[str, ...]: ...

    async def perform(self, actor: Actor, act: Any) -> Any: ...


class Messenger(Protocol):
    """A way to reach somebody outside the room: mail, web hook, text message."""

    @property
    def confirms(self) -> bool:
        """Whether a receipt is the receiver's own word, and not only a carrier's."""
        ...

    async def send(self, address: str, subject: str, text: str, key: UUID) -> str:
        """Returns the receipt the other side gave; raises EngineAway when it may be tried again, Refused when not.

        The same key again is the same message: a receiver that knows keys takes it once.
        """
        ...
