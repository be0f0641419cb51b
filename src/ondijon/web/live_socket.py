"""One live socket, from its acceptance to its goodbye."""

import asyncio
import logging
from typing import Any
from uuid import UUID

import msgspec
from litestar import WebSocket
from litestar.exceptions import WebSocketException
from msgspec import Struct

from ondijon.web.hub import LiveHub
from ondijon.web.live_client import Farewell, LiveClient, message
from ondijon.web.mailbox import Send
from ondijon.web.sessions import Person

_LOG = logging.getLogger(__name__)

AnySocket = WebSocket[Any, Any, Any]
_LARGEST_MESSAGE = 16_384
_GOODBYE_S = 1.0


class Watch(Struct, frozen=True):
    """What a client wants to follow."""

    types: list[str]
    twin: str | None = None
    incident: UUID | None = None


class FromClient(Struct, frozen=True):
    """What a client may say."""

    watch: Watch


async def converse(socket: AnySocket, hub: LiveHub, person: Person) -> None:
    """Serve a socket until either side ends it."""
    client = hub.join(person)
    await socket.accept()
    tasks = [
        asyncio.create_task(_listen(socket, hub, client)),
        asyncio.create_task(client.mailbox.send_all(_sender(socket))),
        asyncio.create_task(client.ended.wait()),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # The server closes a socket only when nobody waits for it any more: the tasks end before the goodbye.
        for task in tasks:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        await _say_goodbye(socket, client)
        hub.leave(client)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            _LOG.info("a live socket broke off: %r", outcome)


def _sender(socket: AnySocket) -> Send:
    async def send(item: str | bytes) -> None:
        await socket.send_data(item, mode="text" if isinstance(item, str) else "binary")

    return send


async def _listen(socket: AnySocket, hub: LiveHub, client: LiveClient) -> None:
    """Take the client's messages until it goes; raises nothing that a client can cause."""
    while True:
        received = await socket.receive()
        if received["type"] == "websocket.disconnect":
            return
        text = received.get("text")
        if not isinstance(text, str) or len(text) > _LARGEST_MESSAGE:
            client.end(Farewell.BAD_MESSAGE)
            return
        try:
            wanted = msgspec.json.decode(text, type=FromClient).watch
        except msgspec.MsgspecError:
            client.end(Farewell.BAD_MESSAGE)
            return
        hub.watch(client, wanted.types, wanted.twin, wanted.incident)


async def _say_goodbye(socket: AnySocket, client: LiveClient) -> None:
    if client.farewell is None:
        return
    try:
        async with asyncio.timeout(_GOODBYE_S):
            if client.farewell is Farewell.SIGNED_OUT:
                await socket.send_data(message("signed_out"), mode="text")
            await socket.close(int(client.farewell))
    except (TimeoutError, OSError, RuntimeError, WebSocketException) as error:
        _LOG.info("a live socket was gone before the goodbye: %r", error)
