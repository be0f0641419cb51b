"""The Bus port over nats-py: what moves between our own roles, at most once, reconnecting for ever."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Self, cast

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ports import Handler

_LOG = logging.getLogger(__name__)

# What a request gets; None leaves it without an answer.
Answer = Callable[[bytes], Awaitable[bytes | None]]
_Take = Callable[[Msg], Awaitable[None]]

_PENDING_BYTES = 8 << 20
_PING_S = 5
_OPEN_WITHIN_S = 30.0
# nats-py says int and takes any number of seconds.
_RETRY_S = cast("int", 0.1)


class BusAway(EngineAway, ConnectionError):
    """The bus is not there, or nobody answered."""


class NatsBus:
    """The Bus port, and requests.

    While the server is away, up to 8 MB of messages wait and go out at its return; more raise BusAway.
    Each subscription's messages are handled one after another, in order; requests are answered side by side.
    """

    def __init__(self, url: str, name: str) -> None:
        # Several nodes of one cluster, the nearest first.
        self._urls = url.split(",")
        self._name = name
        self._client = Client()
        self._subscriptions: list[tuple[str, str, _Take]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._away = asyncio.Event()
        self._leaving = False

    @classmethod
    async def open(cls, url: str, name: str, limit_s: float = _OPEN_WITHIN_S) -> Self:
        """Connect as `name`; raises BusAway when the server does not take us in within `limit_s`."""
        bus = cls(url, name)
        try:
            async with asyncio.timeout(limit_s):
                await bus._connect()
        except (OSError, TimeoutError, nats.errors.Error) as error:
            await bus.close()
            raise BusAway("error.bus_away", detail=str(error) or url.rpartition("@")[2]) from error
        return bus

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def is_connected(self) -> bool:
        return self._client.is_connected

    async def wait_away(self) -> None:
        """Wait until the connection is lost."""
        await self._away.wait()

    async def close(self) -> None:
        """Leave the bus; what was published is sent first if the server is there."""
        self._leaving = True
        for task in self._tasks:
            task.cancel()
        if self._client.is_connected:
            try:
                await self._client.flush(timeout=1)
            except (nats.errors.Error, TimeoutError):
                _LOG.info("the bus went before the last messages were sent")
        # The server may have gone with words of ours on their way.
        with suppress(OSError):
            await self._client.close()

    async def publish(self, subject: str, payload: bytes) -> None:
        try:
            await self._client.publish(subject, payload)
        except nats.errors.Error as error:
            raise BusAway("error.bus_away", detail=str(error)) from error

    async def subscribe(self, subject: str, handler: Handler) -> None:
        async def take(message: Msg) -> None:
            # nats-py reports what a handler raises to `error_cb` and goes on with the next message.
            await handler(message.subject, message.data)

        await self._subscribe(subject, "", take)

    async def answer(self, subject: str, answer: Answer) -> None:
        """Answer requests on `subject`; with several answering processes one of them gets each request."""

        async def reply(message: Msg) -> None:
            try:
                content = await answer(message.data)
                if content is not None:
                    await message.respond(content)
            except nats.errors.Error as error:
                _LOG.info("an answer on %s was not sent: %s", subject, error)

        async def take(message: Msg) -> None:
            self._spawn(reply(message))

        await self._subscribe(subject, subject, take)

    async def request(self, subject: str, payload: bytes, timeout_s: float) -> bytes:
        """Ask one answering process; raises BusAway when none answers within `timeout_s`."""
        try:
            message = await self._client.request(subject, payload, timeout=timeout_s)
        except (nats.errors.Error, TimeoutError) as error:
            raise BusAway("error.bus_away", detail=str(error)) from error
        return message.data

    async def request_all(self, subject: str, payload: bytes, silence_s: float) -> list[bytes]:
        """Ask everybody; returns the answers that came before a silence of `silence_s`."""
        answers: list[bytes] = []
        inbox = self._client.new_inbox()
        try:
            subscription = await self._client.subscribe(inbox)
            await self._client.publish(subject, payload, reply=inbox)
        except nats.errors.Error as error:
            raise BusAway("error.bus_away", detail=str(error)) from error
        try:
            while True:
                answers.append((await subscription.next_msg(timeout=silence_s)).data)
        except nats.errors.Error:
            return answers
        finally:
            if not self._client.is_closed:
                await subscription.unsubscribe()

    async def _subscribe(self, subject: str, queue: str, take: _Take) -> None:
        """Return when the server knows the subscription, or when it will be told at its return."""
        self._subscriptions.append((subject, queue, take))
        try:
            await self._client.subscribe(subject, queue=queue, cb=take)
            if self._client.is_connected:
                await self._client.flush()
        except (nats.errors.Error, TimeoutError) as error:
            raise BusAway("error.bus_away", detail=str(error)) from error

    async def _connect(self) -> None:
        self._away.clear()
        await self._client.connect(
            self._urls,
            dont_randomize=True,
            name=self._name,
            max_reconnect_attempts=-1,
            reconnect_time_wait=_RETRY_S,
            ping_interval=_PING_S,
            max_outstanding_pings=2,
            pending_size=_PENDING_BYTES,
            error_cb=_log_error,
            disconnected_cb=self._on_disconnected,
            reconnected_cb=self._on_reconnected,
            closed_cb=self._on_closed,
        )

    async def _on_disconnected(self) -> None:
        self._away.set()

    async def _on_reconnected(self) -> None:
        self._away.clear()

    async def _on_closed(self) -> None:
        """nats-py gives up on some words of the server; we do not."""
        if not self._leaving:
            self._away.set()
            self._spawn(self._begin_anew())

    async def _begin_anew(self) -> None:
        self._client = Client()
        await self._connect()
        for subject, queue, take in self._subscriptions:
            await self._client.subscribe(subject, queue=queue, cb=take)

    def _spawn(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _log_error(error: Exception) -> None:
    """What nats-py meets on its own: lost connections, and whatever a handler raised."""
    if isinstance(error, OSError | nats.errors.Error):
        _LOG.info("bus: %s", str(error) or type(error).__name__)
    else:
        _LOG.error("a handler of the bus failed", exc_info=error)
