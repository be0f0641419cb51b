"""Signing in and out."""

from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody

from ondijon.apps.console.room import Room, TheRoom, TheSeat, find_seat, language_of
from ondijon.apps.console.shapes import Me
from ondijon.kernel.identity import Actor
from ondijon.web.accounts import PasswordProof
from ondijon.web.errors import NotSignedIn, error_body
from ondijon.web.sessions import COOKIE, LENGTH

AnyRequest = Request[Any, Any, Any]
_LARGEST_PROOF = 4_096


def _describe(actor: Actor, room: Room, language: str) -> Me:
    words = room.strings.get(language, {})
    labels = dict.fromkeys(words.get(f"role.{grant.role}", grant.role) for grant in actor.grants)
    return Me(actor.name, actor.username, tuple(labels), actor.grants)


def _cookie(request: AnyRequest, token: str, max_age: int) -> Cookie:
    # Browsers refuse Secure cookies over plain HTTP, which only loopback may use.
    secure = request.url.scheme == "https"
    return Cookie(COOKIE, value=token, max_age=max_age, path="/", httponly=True, samesite="strict", secure=secure)


@post("/session", status_code=200, opt={"public": True}, request_max_body_size=_LARGEST_PROOF)
async def sign_in(request: AnyRequest, data: JSONBody[PasswordProof], room: TheRoom) -> Response[Me]:
    """Open a session; raises NotSignedIn or TooOften."""
    address = request.client.host if request.client else ""
    actor = await room.accounts.identify(data, address)
    await room.post.record_act(actor, "session.opened", str(actor.pseudonym), {})
    token = await room.sessions.open(actor.user_id)
    cookie = _cookie(request, token, int(LENGTH.total_seconds()))
    return Response(_describe(actor, room, language_of(request)), cookies=[cookie])


@get("/session", opt={"public": True})
async def who_am_i(request: AnyRequest, room: TheRoom) -> Response[Any]:
    """The person, or 401 with the accounts that a demonstration offers."""
    seat = await find_seat(room, request)
    if seat is not None:
        return Response(_describe(seat.person.actor, room, language_of(request)))
    body = error_body(NotSignedIn("error.not_signed_in"))
    if room.demo_accounts:
        body["demo_accounts"] = list(room.demo_accounts)
    return Response(body, status_code=401)


@delete("/session")
async def sign_out(request: AnyRequest, room: TheRoom, seat: TheSeat) -> Response[None]:
    """End this session."""
    await room.sessions.close(seat.person)
    return _signed_out(request)


@delete("/sessions")
async def sign_out_everywhere(request: AnyRequest, room: TheRoom, seat: TheSeat) -> Response[None]:
    """End all sessions of the person."""
    actor = seat.person.actor
    await room.post.record_act(actor, "session.closed_everywhere", str(actor.pseudonym), {})
    await room.sessions.close_all(actor.user_id)
    return _signed_out(request)


def _signed_out(request: AnyRequest) -> Response[None]:
    return Response(None, status_code=204, cookies=[_cookie(request, "", 0)])


ROUTES = [sign_in, who_am_i, sign_out, sign_out_everywhere]
