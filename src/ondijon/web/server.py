"""The web server, embedded in the running event loop."""

import asyncio

from granian.constants import Interfaces
from granian.server.embed import Server
from litestar import Litestar

from ondijon.web.hub import LiveHub

# Open sockets count against granian's backpressure; its default would stop at 128 consoles.
_BACKLOG = 1024
_MOST_CONNECTIONS = 4096


async def serve(app: Litestar, host: str, port: int) -> None:
    """Serve `app` until cancelled; open consoles are told first, requests under way are finished.

    `app.state.hub` is the LiveHub. Raises RuntimeError when the server ends by itself, OSError when the port is taken.
    """
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        backlog=_BACKLOG,
        backpressure=_MOST_CONNECTIONS,
        log_enabled=False,
    )
    serving = asyncio.create_task(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        hub: LiveHub = app.state.hub
        await hub.close()
        server.stop()  # type: ignore[no-untyped-call]  # granian leaves it without annotations
        await serving
        raise
    raise RuntimeError("the web server ended by itself")
