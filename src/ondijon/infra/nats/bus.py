"""The Bus port over nats-py: what moves between our own roles, at most once, reconnecting for ever."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, cast

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg

from ondijon.kernel.errors import EngineAway
from ondijon.kernel.ports import Handler

_LOG = logging.getLogger(__name__)

Answer = Callable[[bytes], Awaitable[bytes]]

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
    Each subscription's messages are handled one after another, in order.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    @classmethod
    async def open(cls, url: str, name: str, limit_s: float = _OPEN_WITHIN_S) -> Self:
        """Connect as `name`; raises BusAway when the server does not take us in within `limit_s`."""
        client = await connect(url, name, limit_s)
        return cls(client)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def is_connected(self) -> bool:
        return self._client.is_connected

    async def close(self) -> None:
        """Leave the bus; what was published is sent first if the server is there."""
        if self._client.is_connected:
            try:
                await self._client.flush(timeout=1)
            except (nats.errors.Error, TimeoutError):
                _LOG.info("the bus went before the last messages were sent")
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

        await self._client.subscribe(subject, cb=take)
        await self._flush()

    async def answer(self, subject: str, answer: Answer) -> None:
        """Answer requests on `subject`; with several answering processes one of them gets each request."""

        async def take(message: Msg) -> None:
            await message.respond(await answer(message.data))

        await self._client.subscribe(subject, queue=subject, cb=take)
        await self._flush()

    async def request(self, subject: str, payload: bytes, timeout_s: float) -> bytes:
        """Ask one answering process; raises BusAway when none answers within `timeout_s`."""
        try:
            message = await self._client.request(subject, payload, timeout=timeout_s)
        except (nats.errors.Error, TimeoutError) as error:
            raise BusAway("error.bus_away", detail=str(error)) from error
        return message.data

    async def _flush(self) -> None:
        """Return when the server knows the subscription; while it is away nats-py repeats it at the return."""
        if self._client.is_connected:
            try:
                await self._client.flush()
            except (nats.errors.Error, TimeoutError) as error:
                raise BusAway("error.bus_away", detail=str(error)) from error


async def connect(url: str, name: str, limit_s: float = _OPEN_WITHIN_S) -> Client:
    """A client that reconnects for ever; raises BusAway when the first connection takes over `limit_s`."""
    client = Client()
    try:
        async with asyncio.timeout(limit_s):
            await client.connect(
                url,
                name=name,
                max_reconnect_attempts=-1,
                reconnect_time_wait=_RETRY_S,
                ping_interval=_PING_S,
                max_outstanding_pings=2,
                pending_size=_PENDING_BYTES,
                error_cb=_log_error,
            )
    except (OSError, TimeoutError, nats.errors.Error) as error:
        await client.close()
        raise BusAway("error.bus_away", detail=str(error) or url.rpartition("@")[2]) from error
    return client


async def _log_error(error: Exception) -> None:
    """What nats-py meets on its own: lost connections, and whatever a handler raised."""
    if isinstance(error, OSError | nats.errors.Error):
        _LOG.info("bus: %s", str(error) or type(error).__name__)
    else:
        _LOG.error("a handler of the bus failed", exc_info=error)
