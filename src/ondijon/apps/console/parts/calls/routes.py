"""Calls to read, their figures, and the telephone system's door; what is done with a call is an act."""

import hashlib
from typing import Annotated, Any
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import structs

from ondijon.apps.console.parts.calls import queries
from ondijon.apps.console.parts.calls.figures import figures_of
from ondijon.apps.console.parts.calls.shapes import Call, CallFigures, ListOf, TryShape
from ondijon.apps.console.parts.calls.view import call_of, calls_of, reach_of
from ondijon.apps.console.room import Room, TheRoom, TheSeat
from ondijon.control_room.calls.commands import HearCall
from ondijon.control_room.calls.model import UNSEEN
from ondijon.kernel.errors import NotFound
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.room import Act
from ondijon.web.errors import NotSignedIn

AnyRequest = Request[Any, Any, Any]
MOST_CALLS = 200
_BEARER = "bearer "


@get("/calls")
async def list_calls(
    room: TheRoom, seat: TheSeat, wanted: Annotated[ListOf, QueryParameter(name="list")] = "open"
) -> list[Call]:
    """The calls of one list, at most 200; who asks will look for addresses soon."""
    room.search.addresses.warm()
    found = await queries.list_calls(room.rows, reach_of(room, seat), wanted, MOST_CALLS)
    return calls_of(found, room.clock.now())


@get("/calls/figures")
async def show_figures(room: TheRoom, seat: TheSeat) -> CallFigures:
    """The queue of today, and how many it takes to answer it."""
    return await figures_of(room, reach_of(room, seat).seen)


@get("/calls/{call:uuid}")
async def get_call(room: TheRoom, seat: TheSeat, call: FromPath[UUID]) -> Call:
    """One call, with the attempts to call back."""
    row = await queries.find_call(room.rows, reach_of(room, seat), call)
    if row is None:
        raise NotFound(UNSEEN)
    tries = await queries.list_tries(room.rows, call) if row["may_answer"] else ()
    return structs.replace(call_of(row, room.clock.now()), tries=msgspec.convert(tries, list[TryShape]))


@post("/cti/events", status_code=204, opt={"public": True, "token": True}, request_max_body_size=8_192)
async def hear_telephone(request: AnyRequest, room: TheRoom, data: JSONBody[HearCall]) -> None:
    """Take note of what a telephone system tells; the same event again has no second effect."""
    await _must_be_known(room, request.headers.get("authorization", ""))
    payload = msgspec.to_builtins(data)
    key = uuid5(NAMESPACE_URL, "cti:" + msgspec.json.encode(payload, order="deterministic").decode())
    await room.door.perform(THE_POST, Act("calls.hear", payload, key))


async def _must_be_known(room: Room, header: str) -> None:
    """Raise NotSignedIn unless the header carries a telephone system's token."""
    token = header[len(_BEARER) :].strip() if header.lower().startswith(_BEARER) else ""
    if not token or await queries.find_token(room.rows, hashlib.sha256(token.encode()).digest()) is None:
        raise NotSignedIn("error.bad_cti_token")


ROUTES = [list_calls, show_figures, get_call, hear_telephone]
