"""To the provider and back: plain navigations, bound to a cookie, that lead nowhere but to our own pages."""

import logging
from typing import Annotated, Any, Literal

from litestar import Request, Response, get
from litestar.datastructures import Cookie
from litestar.params import QueryParameter
from litestar.response import Redirect

from ondijon.apps.console.parts.people.shapes import OidcWay, SignInWays
from ondijon.apps.console.room import Room, TheRoom, find_seat, language_of
from ondijon.apps.console.seating import address_of, session_cookie, whence_of
from ondijon.kernel.errors import EngineAway, NotFound, OndijonError
from ondijon.web.errors import NotSignedIn, TooOften
from ondijon.web.oidc import Came, OidcDoor
from ondijon.web.oidc.door import FLOW_COOKIE, FLOW_LENGTH
from ondijon.web.sessions import LENGTH

_LOG = logging.getLogger(__name__)

AnyRequest = Request[Any, Any, Any]
_PATH = "/api/oidc"
_HOME, _DONE = "/", "/api/oidc/done"


@get("/sign-in-ways", opt={"public": True})
async def sign_in_ways(room: TheRoom) -> SignInWays:
    """How one may sign in here; public, because the sign-in page asks."""
    oidc = room.people.oidc
    return SignInWays(True, None if oidc is None else OidcWay(oidc.label))


@get("/oidc/start", opt={"public": True})
async def start(
    request: AnyRequest, room: TheRoom, unlock: Annotated[Literal["0", "1"], QueryParameter()] = "0"
) -> Response[Any]:
    """Leave for the provider; with `unlock`, to prove again who sits before a locked screen."""
    oidc = _get_oidc(room)
    try:
        seat = await find_seat(room, request) if unlock == "1" else None
        gone = await oidc.leave(address_of(request), None if seat is None else seat.person.session)
    except (EngineAway, NotSignedIn, TooOften) as error:
        return _refused(request, error)
    cookies = [_flow_cookie(request, gone.binder, int(FLOW_LENGTH.total_seconds()))]
    return Redirect(gone.url, status_code=303, cookies=cookies)


@get("/oidc/back", opt={"public": True})
async def back(request: AnyRequest, room: TheRoom) -> Response[Any]:
    """Come back from the provider with a code: a session opens, or the one that left for a proof unlocks."""
    oidc = _get_oidc(room)
    try:
        came = await oidc.come_back(request.cookies.get(FLOW_COOKIE, ""), dict(request.query_params))
        if came.unlocks is not None:
            await _unlock(room, came, came.unlocks)
            return Redirect(_DONE, status_code=303, cookies=[_flow_cookie(request, "", 0)])
    except (EngineAway, NotSignedIn) as error:
        return _refused(request, error)
    actor = came.actor
    await room.sessions.look_again(actor.user_id)
    await room.post.record_act(actor, "session.opened", str(actor.pseudonym), {"way": "oidc"})
    token = await room.sessions.open(actor.user_id, whence_of(request), room.people.idle_lock_s(actor.grants))
    cookies = [
        session_cookie(request, token, int(LENGTH.total_seconds())),
        _flow_cookie(request, "", 0),
    ]
    return Redirect(_HOME, status_code=303, cookies=cookies)


@get("/oidc/done", opt={"public": True}, media_type="text/html; charset=utf-8")
async def done(request: AnyRequest, room: TheRoom) -> str:
    """What the window of an unlocking says when it is done."""
    language = language_of(request)
    words = room.strings[language]
    title, text = words["console.unlocked.title"], words["console.unlocked.text"]
    return f'<!doctype html><html lang="{language}"><title>{title}</title><h1>{title}</h1><p>{text}</p></html>'


async def _unlock(room: Room, came: Came, session: bytes) -> None:
    """Open the session that left, if it is this person's; raises NotSignedIn."""
    person = await room.sessions.find_by_digest(session)
    if person is None or person.actor.user_id != came.actor.user_id:
        raise NotSignedIn("error.oidc_other_person")
    await room.post.record_act(person.actor, "session.unlocked", str(person.actor.pseudonym), {"way": "oidc"})
    await room.sessions.unlock(person)


def _get_oidc(room: Room) -> OidcDoor:
    if room.people.oidc is None:
        raise NotFound("error.not_found")
    return room.people.oidc


def _refused(request: AnyRequest, error: OndijonError) -> Response[Any]:
    """Back to the sign-in page, which says why; the details are for the log alone."""
    _LOG.info("no sign-in by OpenID Connect: %s", error)
    name = error.key.removeprefix("error.")
    return Redirect(f"{_HOME}?refused={name}", status_code=303, cookies=[_flow_cookie(request, "", 0)])


def _flow_cookie(request: AnyRequest, binder: str, max_age: int) -> Cookie:
    # Lax, because the provider's page sends the browser back here: a strict cookie would stay behind.
    secure = request.url.scheme == "https"
    return Cookie(FLOW_COOKIE, value=binder, path=_PATH, max_age=max_age, httponly=True, samesite="lax", secure=secure)


ROUTES = [sign_in_ways, start, back, done]
