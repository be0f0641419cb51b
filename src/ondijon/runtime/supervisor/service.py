"""What the supervisor watches over: children, the services they make, and how those are doing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Child(Protocol):
    """Something that runs until it is stopped or ends by itself; it can be started again after either."""

    name: str

    @property
    def pid(self) -> int | None: ...

    async def start(self) -> None: ...

    async def ready(self) -> None: ...

    async def wait_exit(self) -> int: ...

    async def stop(self, grace_s: float) -> None: ...


class Working(StrEnum):
    """How a service is doing."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    BACKING_OFF = "backing_off"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True)
class ServiceState:
    """A service as it is now; memory and processor time of all its processes (0 when it has none).

    rss_bytes counts what its processes share only once.
    """

    name: str
    state: Working
    pid: int | None
    restarts: int
    rss_bytes: int
    cpu_s: float
    since: datetime


@dataclass(frozen=True)
class Service:
    """A child, and the names of the services that must be ready before its first start."""

    child: Child
    needs: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.child.name


@dataclass
class Step:
    """A child without a process: an action done once, such as migrations, that others wait for."""

    name: str
    action: Callable[[], Awaitable[None]]
    pid: int | None = None
    _done: asyncio.Event = field(default_factory=asyncio.Event)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        """Do the action, unless an earlier start did it."""
        self._stopped.clear()
        if not self._done.is_set():
            await self.action()
            self._done.set()

    async def ready(self) -> None:
        """Wait until the action is done."""
        await self._done.wait()

    async def wait_exit(self) -> int:
        """Wait for `stop`: what is done stays done."""
        await self._stopped.wait()
        return 0

    async def stop(self, grace_s: float) -> None:
        """Let `wait_exit` return."""
        self._stopped.set()
