"""What every answer carries and every request must show, so that no other site can act in a person's name."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.types import Message, Scope

from ondijon.web.errors import BadOrigin

OUR_HEADER = "x-ondijon"
LARGEST_BODY = 4 << 20
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# MapLibre builds its worker from a blob; style attributes (not sheets) are what Svelte templates may carry.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "worker-src 'self' blob:",
        "child-src 'self' blob:",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_NO_STORE = (b"cache-control", b"no-store")

AnyConnection = ASGIConnection[Any, Any, Any, Any]
Guard = Callable[[AnyConnection, BaseRouteHandler], Awaitable[None]]


async def add_headers(message: Message, _: Scope) -> None:
    """Put the security headers on every answer, errors included; what says nothing about caching is not kept."""
    if message["type"] != "http.response.start":
        return
    headers = [*message["headers"], *HEADERS]
    if not any(name == b"cache-control" for name, _ in headers):
        headers.append(_NO_STORE)
    message["headers"] = headers


def is_own_origin(connection: AnyConnection, origins: Sequence[str]) -> bool:
    """Whether the Origin header names one of `origins`, or without those the host that was asked."""
    origin = connection.headers.get("origin")
    if origin is None:
        return False
    if origins:
        return origin in origins
    return urlsplit(origin).netloc == connection.headers.get("host")


def own_origin_guard(origins: Sequence[str]) -> Guard:
    """A guard for the whole application: unsafe methods need our header and our Origin, WebSockets our Origin.

    A route with `opt={"token": True}` is asked by machines that show a token of their own and never uses the cookie:
    no other site can make a browser show that token, so its Origin says nothing.
    """

    async def require_own_origin(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        method = connection.scope.get("method")
        if method in SAFE_METHODS or handler.opt.get("token", False):
            return
        if not is_own_origin(connection, origins):
            raise BadOrigin("error.bad_origin")
        if method is not None and connection.headers.get(OUR_HEADER) != "1":
            raise BadOrigin("error.bad_origin")

    return require_own_origin
