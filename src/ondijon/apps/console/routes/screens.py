"""The built console and the health of the post, for whoever asks."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct

from ondijon.apps.console.room import Room, TheRoom
from ondijon.apps.console.screens import REVALIDATE, cache_control
from ondijon.kernel.errors import NotFound
from ondijon.web.documents import answer_document
from ondijon.web.roles import RoleHealth

AnyRequest = Request[Any, Any, Any]


class Health(Struct, frozen=True):
    """Whether the post is whole."""

    status: str
    roles: dict[str, RoleHealth]


@get("/healthz", opt={"public": True})
async def healthz(room: TheRoom) -> Response[Health]:
    """200 when every expected role is ready, else 503."""
    is_ready = room.roles.is_ready()
    health = Health("ready" if is_ready else "not_ready", room.roles.report())
    return Response(health, status_code=200 if is_ready else 503)


@get("/", opt={"public": True})
async def index(request: AnyRequest, room: TheRoom) -> Response[bytes]:
    """The console's page."""
    return _page(request, room)


@get("/{path:path}", opt={"public": True})
async def file(request: AnyRequest, room: TheRoom, path: FromPath[str]) -> Response[bytes]:
    """A file of the console; a path without an extension is one of its own addresses."""
    name = path.lstrip("/")
    document = room.screens.find(name)
    if document is not None:
        return answer_document(request, document, cache_control(name))
    if name.startswith("api/") or "." in name.rpartition("/")[2]:
        raise NotFound("error.not_found")
    return _page(request, room)


def _page(request: AnyRequest, room: Room) -> Response[bytes]:
    answer = answer_document(request, room.screens.index(), REVALIDATE)
    if not room.screens.is_built:
        answer.status_code = 503
    return answer


ROUTES = [healthz, index, file]
