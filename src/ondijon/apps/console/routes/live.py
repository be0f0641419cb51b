"""The live socket."""

from litestar import WebSocket, websocket
from litestar.datastructures import State

from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.web.live_socket import converse


@websocket("/live")
async def live(socket: WebSocket[object, object, State], room: TheRoom, seat: TheSeat) -> None:
    """Everything that changes, as it changes."""
    await converse(socket, room.hub, seat.person)


ROUTES = [live]
