"""Signing in and out, locking and unlocking."""

from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.params import JSONBody
from msgspec import Struct

from ondijon.apps.console.room import Room, TheRoom, TheSeat, find_seat, language_of, locked
from ondijon.apps.console.seating import address_of, describe, session_cookie, whence_of
from ondijon.apps.console.shapes import Me
from ondijon.web.accounts import PasswordProof
from ondijon.web.errors import NotSignedIn, error_body
from ondijon.web.sessions import LENGTH

AnyRequest = Request[Any, Any, Any]
_LARGEST_PROOF = 4_096


class Password(Struct, frozen=True):
    """What a person types before a locked screen, which knows whose it is."""

    password: str


@post("/session", status_code=200, opt={"public": True}, request_max_body_size=_LARGEST_PROOF)
async def sign_in(request: AnyRequest, data: JSONBody[PasswordProof], room: TheRoom) -> Response[Me]:
    """Open a session; raises NotSignedIn or TooOften. What was open in this browser before is ended."""
    actor = await room.accounts.identify(data, address_of(request))
    former = await find_seat(room, request)
    if former is not None:
        await room.sessions.close(former.person)
    await room.post.record_act(actor, "session.opened", str(actor.pseudonym), {})
    token = await room.sessions.open(actor.user_id, whence_of(request), room.people.idle_lock_s(actor.grants))
    person = await room.sessions.find(token)
    if person is None:
        raise NotSignedIn("error.not_signed_in")
    cookie = session_cookie(request, token, int(LENGTH.total_seconds()))
    return Response(describe(person, room, language_of(request)), cookies=[cookie])


@get("/session", opt={"public": True})
async def who_am_i(request: AnyRequest, room: TheRoom) -> Response[Any]:
    """The person, or 401 with the accounts that a demonstration offers; raises Locked."""
    seat = await find_seat(room, request)
    if seat is not None and seat.person.is_locked:
        raise locked(seat)
    if seat is not None:
        return Response(describe(seat.person, room, language_of(request)))
    body = error_body(NotSignedIn("error.not_signed_in"))
    if room.demo_accounts:
        body["demo_accounts"] = list(room.demo_accounts)
    return Response(body, status_code=401)


@post("/session/input", status_code=204)
async def note_input(room: TheRoom, seat: TheSeat) -> None:
    """Somebody has typed or pointed at this screen lately: only that keeps a session from locking."""
    await room.sessions.note_input(seat.person)


@post("/session/lock", status_code=204)
async def lock(room: TheRoom, seat: TheSeat) -> None:
    """Lock every screen of this session now, as when one leaves the desk."""
    await room.sessions.lock(seat.person)


@post("/session/unlock", status_code=200, opt={"locked_too": True}, request_max_body_size=_LARGEST_PROOF)
async def unlock(request: AnyRequest, data: JSONBody[Password], room: TheRoom, seat: TheSeat) -> Me:
    """Open this session again; raises NotSignedIn or TooOften, as signing in does."""
    proof = PasswordProof(seat.person.actor.username, data.password)
    actor = await room.accounts.identify(proof, address_of(request))
    if actor.user_id != seat.person.actor.user_id:
        raise NotSignedIn("error.bad_credentials")
    return await _opened_again(request, room, seat.person.session)


async def _opened_again(request: AnyRequest, room: Room, session: bytes) -> Me:
    person = await room.sessions.find_by_digest(session)
    if person is None:
        raise NotSignedIn("error.not_signed_in")
    await room.post.record_act(person.actor, "session.unlocked", str(person.actor.pseudonym), {})
    await room.sessions.unlock(person)
    again = await room.sessions.find_by_digest(session)
    if again is None:
        raise NotSignedIn("error.not_signed_in")
    return describe(again, room, language_of(request))


@delete("/session", opt={"locked_too": True})
async def sign_out(request: AnyRequest, room: TheRoom, seat: TheSeat) -> Response[None]:
    """End this session."""
    await room.sessions.close(seat.person)
    return _signed_out(request)


@delete("/sessions", opt={"locked_too": True})
async def sign_out_everywhere(request: AnyRequest, room: TheRoom, seat: TheSeat) -> Response[None]:
    """End all sessions of the person."""
    actor = seat.person.actor
    await room.post.record_act(actor, "session.closed_everywhere", str(actor.pseudonym), {})
    await room.sessions.close_all(actor.user_id)
    return _signed_out(request)


def _signed_out(request: AnyRequest) -> Response[None]:
    return Response(None, status_code=204, cookies=[session_cookie(request, "", 0)])


ROUTES = [sign_in, who_am_i, note_input, lock, unlock, sign_out, sign_out_everywhere]
