"""How somebody is seated: the cookie, from where, and what the screen is told of the person."""

from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from ondijon.apps.console.room import Room
from ondijon.apps.console.shapes import Me
from ondijon.web.sessions import COOKIE, Person
from ondijon.web.whence import Whence, whence

AnyRequest = Request[Any, Any, Any]


def describe(person: Person, room: Room, language: str) -> Me:
    """Who it is, in the reader's language."""
    actor = person.actor
    words = room.strings.get(language, {})
    labels = dict.fromkeys(words.get(f"role.{grant.role}", grant.role) for grant in actor.grants)
    return Me(actor.name, actor.username, tuple(labels), actor.grants, person.idle_lock_s, person.glass_until)


def session_cookie(request: AnyRequest, token: str, max_age: int) -> Cookie:
    # Browsers refuse Secure cookies over plain HTTP, which only loopback may use.
    secure = request.url.scheme == "https"
    return Cookie(COOKIE, value=token, max_age=max_age, path="/", httponly=True, samesite="strict", secure=secure)


def address_of(request: AnyRequest) -> str:
    return request.client.host if request.client else ""


def whence_of(request: AnyRequest) -> Whence:
    return whence(request.headers.get("user-agent", ""), address_of(request))
