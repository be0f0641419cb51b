"""Twins: all of a type, or one with its state, its past and what was done to it."""

from datetime import datetime
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.apps.console.shapes import Act, RollUpsOverTime, TwinDetail, ValuesOverTime
from ondijon.apps.console.twin_view import MOST_POINTS
from ondijon.kernel.history import GrainKey
from ondijon.web.documents import answer_document
from ondijon.web.frames import encode_positions

AnyRequest = Request[Any, Any, Any]
PropertyKey = Annotated[str, QueryParameter(name="property")]
Since = Annotated[datetime, QueryParameter(name="from")]
Until = Annotated[datetime, QueryParameter(name="to")]


@get("/twins/{twin_type:str}/positions")
async def positions(room: TheRoom, seat: TheSeat, twin_type: FromPath[str]) -> Response[bytes]:
    """Where the visible twins of a type stand, in binary (ODP1)."""
    twins = room.rights.get_visible_type(seat.scope, twin_type)
    content = encode_positions(twins, room.rights.mask(seat.scope, twin_type))
    return Response(content, media_type="application/octet-stream")


@get("/twins/{twin_type:str}/table")
async def table(request: AnyRequest, room: TheRoom, seat: TheSeat, twin_type: FromPath[str]) -> Response[bytes]:
    """The visible twins of a type, in columns."""
    return answer_document(request, await room.tables.get(seat.scope, twin_type), "private, no-cache")


@get("/twin/{urn:str}")
async def twin(room: TheRoom, seat: TheSeat, urn: FromPath[str]) -> TwinDetail:
    """Everything about one twin."""
    return await room.twins.get(seat.scope, urn)


@get("/twin/{urn:str}/history")
async def history(
    room: TheRoom,
    seat: TheSeat,
    urn: FromPath[str],
    key: PropertyKey,
    since: Since,
    until: Until,
    max_points: Annotated[int, QueryParameter(ge=2, le=MOST_POINTS)] = 2_000,
) -> ValuesOverTime:
    """One property over time."""
    return await room.twins.get_history(seat.scope, urn, key, since, until, max_points)


@get("/twin/{urn:str}/rollups")
async def rollups(
    room: TheRoom,
    seat: TheSeat,
    urn: FromPath[str],
    key: PropertyKey,
    since: Since,
    until: Until,
    by: FromQuery[GrainKey] = "day",
    of: FromQuery[str | None] = None,
) -> RollUpsOverTime:
    """One property by hour or local day; `of`: the type of the twin's parts, all of them together."""
    return await room.twins.get_rollups(seat.scope, urn, of, key, by, since, until)


@get("/twin/{urn:str}/acts")
async def acts(room: TheRoom, seat: TheSeat, urn: FromPath[str]) -> list[Act]:
    """The last commands on a twin."""
    return await room.commands.list_acts(seat.scope, room.twins.get_number(seat.scope, urn))


ROUTES = [positions, table, twin, history, rollups, acts]
