"""The health of the post: for who sees the post's own trade, and for who holds the collector's token."""

import asyncio
import hmac
from importlib import import_module
from typing import Any

from litestar import Request, Response, get

from ondijon.apps.console.parts.status.gathering import gather
from ondijon.apps.console.parts.status.shapes import StatusShape
from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.kernel.errors import NotFound
from ondijon.web.errors import NotSignedIn

AnyRequest = Request[Any, Any, Any]
TRADE = "platform"
_BEARER = "bearer "


@get("/status")
async def read_status(room: TheRoom, seat: TheSeat) -> StatusShape:
    """The post's own health, for whoever sees its trade somewhere."""
    actor = seat.person.actor
    if not any(actor.may("see", TRADE, insee) for insee in room.city.commune_codes):
        raise NotFound("error.not_found")
    return await gather(room)


@get("/metrics", opt={"public": True})
async def read_metrics(request: AnyRequest, room: TheRoom) -> Response[bytes]:
    """The same figures for a collector, which shows the token of the home's file; never without (ADR 21)."""
    told = request.headers.get("authorization", "")
    token: bytes = getattr(request.app.state, "metrics_token", b"")
    shown = told[len(_BEARER) :].encode() if told.lower().startswith(_BEARER) else b""
    if not token or not hmac.compare_digest(shown, token):
        raise NotSignedIn("error.not_signed_in")
    # Its library takes a tenth of a second to load, which a post that nobody collects from does without.
    metrics = await asyncio.to_thread(import_module, "ondijon.apps.console.parts.status.metrics")
    content: bytes = metrics.expose(await gather(room), request.app.state.request_times)
    return Response(content, media_type=metrics.CONTENT_TYPE)


ROUTES = [read_status]
METRICS_ROUTES = [read_metrics]
