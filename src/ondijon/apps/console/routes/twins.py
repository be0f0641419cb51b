"""Twins: all of a type, or one with its state, its past and what was done to it."""

from datetime import datetime
from typing import Any

from litestar import Request, Response, get
from litestar.params import Parameter

from ondijon.apps.console.room import Room, Seat
from ondijon.apps.console.shapes import Act, History, TwinDetail
from ondijon.apps.console.twin_view import MOST_POINTS
from ondijon.web.documents import answer_document
from ondijon.web.frames import encode_positions

AnyRequest = Request[Any, Any, Any]


@get("/twins/{twin_type:str}/positions")
async def positions(room: Room, seat: Seat, twin_type: str) -> Response[bytes]:
    """Where the visible twins of a type stand, in binary (ODP1)."""
    twins = room.rights.get_visible_type(seat.scope, twin_type)
    content = encode_positions(twins, room.rights.mask(seat.scope, twin_type))
    return Response(content, media_type="application/octet-stream")


@get("/twins/{twin_type:str}/table")
async def table(request: AnyRequest, room: Room, seat: Seat, twin_type: str) -> Response[bytes]:
    """The visible twins of a type, in columns."""
    return answer_document(request, await room.tables.get(seat.scope, twin_type), "private, no-cache")


@get("/twin/{urn:str}")
async def twin(room: Room, seat: Seat, urn: str) -> TwinDetail:
    """Everything about one twin."""
    return await room.twins.get(seat.scope, urn)


@get("/twin/{urn:str}/history")
async def history(
    room: Room,
    seat: Seat,
    urn: str,
    key: str = Parameter(query="property"),
    since: datetime = Parameter(query="from"),
    until: datetime = Parameter(query="to"),
    max_points: int = Parameter(default=2_000, ge=2, le=MOST_POINTS),
) -> History:
    """One property over time."""
    return await room.twins.get_history(seat.scope, urn, key, since, until, max_points)


@get("/twin/{urn:str}/acts")
async def acts(room: Room, seat: Seat, urn: str) -> list[Act]:
    """The last commands on a twin."""
    return await room.commands.list_acts(seat.scope, room.twins.get_number(seat.scope, urn))


ROUTES = [positions, table, twin, history, acts]
