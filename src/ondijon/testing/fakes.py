"""Fakes of the kernel's ports that remember what they were asked."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any
from uuid import UUID

import numpy as np

from ondijon.kernel.clock import to_us
from ondijon.kernel.commands import Command, CommandRequest, DryRun, RiskClass
from ondijon.kernel.errors import OndijonError
from ondijon.kernel.history import GrainKey, Series, Total
from ondijon.kernel.identity import Actor
from ondijon.kernel.ports import Handler, Row, Transaction


class StillClock:
    """Time that goes on only when a test says so; `monotonic` counts the same seconds."""

    def __init__(self, at: datetime = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)) -> None:
        self.at = at
        self._start = at

    def now(self) -> datetime:
        return self.at

    def now_us(self) -> int:
        return to_us(self.at)

    def monotonic(self) -> float:
        return (self.at - self._start).total_seconds()

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class SequentialIds:
    """Ids in order, from 1."""

    def __init__(self, last: int = 0) -> None:
        self._last = last

    def new_id(self) -> UUID:
        self._last += 1
        return UUID(int=self._last)


class FakeBus:
    """The bus of one process; `*` in a subscription stands for one part of a subject."""

    def __init__(self) -> None:
        self.published: list[tuple[str, bytes]] = []
        self._handlers: list[tuple[str, Handler]] = []

    async def publish(self, subject: str, payload: bytes) -> None:
        self.published.append((subject, payload))
        for pattern, handler in list(self._handlers):
            if fnmatchcase(subject, pattern) and subject.count(".") == pattern.count("."):
                await handler(subject, payload)

    async def subscribe(self, subject: str, handler: Handler) -> None:
        self._handlers.append((subject, handler))

    def said_on(self, subject: str) -> list[bytes]:
        """What was published on one subject."""
        return [payload for name, payload in self.published if name == subject]


class RowsAway(OndijonError, ConnectionError):
    """The database is not there."""


class AbsentRows:
    """The Rows port of a database that is away."""

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Row]:
        raise RowsAway("error.engine_away")

    async def fetch_one(self, sql: str, *arguments: object) -> Row | None:
        raise RowsAway("error.engine_away")

    async def execute(self, sql: str, *arguments: object) -> str:
        raise RowsAway("error.engine_away")

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        raise RowsAway("error.engine_away")


class NoHistory:
    """The History port of a post where nothing was ever read."""

    async def get_series(self, twin_no: int, property_no: int, since: datetime, until: datetime, most: int) -> Series:
        return Series(np.empty(0, np.int64), np.empty(0), False)

    async def list_totals(
        self, grain: GrainKey, of_no: int, property_no: int, since: datetime, until: datetime
    ) -> list[Total]:
        return []


class FakePost:
    """A door that lets everything through without doing it, and remembers who asked what."""

    def __init__(self) -> None:
        self.acts: list[tuple[str, str, str]] = []

    async def dry_run(self, actor: Actor, request: CommandRequest) -> DryRun:
        self.acts.append((actor.username, "dry_run", request.key))
        return DryRun(1, {}, {}, RiskClass.REVERSIBLE, False, False, ())

    async def submit(self, actor: Actor, request: CommandRequest) -> Command:
        raise RowsAway("error.engine_away")

    async def approve(self, actor: Actor, command_id: UUID) -> Command:
        raise RowsAway("error.engine_away")

    async def reject(self, actor: Actor, command_id: UUID, reason: str) -> Command:
        raise RowsAway("error.engine_away")

    async def undo(self, actor: Actor, command_id: UUID, reason: str, idempotency_key: UUID) -> Command:
        raise RowsAway("error.engine_away")

    async def record_act(self, actor: Actor, act: str, subject: str, detail: dict[str, Any]) -> None:
        self.acts.append((actor.username, act, subject))
