"""The city, its words, its map, and how to find something in it."""

from typing import Any, Literal

from litestar import Request, Response, get
from litestar.params import Parameter

from ondijon.apps.console.bootstrap import describe_city, describe_communes, describe_trades
from ondijon.apps.console.map_documents import Layer
from ondijon.apps.console.room import Room, Seat, language_of
from ondijon.apps.console.search import MOST_HITS
from ondijon.apps.console.shapes import Bootstrap, SearchHit
from ondijon.web.documents import answer_document

AnyRequest = Request[Any, Any, Any]
_KEPT = "private, no-cache"


@get("/bootstrap")
async def bootstrap(request: AnyRequest, room: Room, seat: Seat) -> Bootstrap:
    """The city and the trades that the person sees."""
    return Bootstrap(
        city=describe_city(room.city, await room.maps.box(), language_of(request)),
        communes=describe_communes(room.city),
        trades=describe_trades(room.city, seat.scope),
        now=room.clock.now(),
    )


@get("/strings/{language:str}", opt={"public": True})
async def strings(request: AnyRequest, room: Room, language: Literal["fr", "en"]) -> Response[bytes]:
    """The catalogue of one language; public, because the sign-in page speaks too."""
    return answer_document(request, room.catalogues[language], "no-cache")


@get("/map/{layer:str}")
async def map_layer(request: AnyRequest, room: Room, layer: Layer) -> Response[bytes]:
    """A still layer of the map, the same for everybody."""
    return answer_document(request, await room.maps.get(layer), _KEPT)


@get("/search")
async def search(
    room: Room, seat: Seat, q: str, limit: int = Parameter(default=20, ge=1, le=MOST_HITS)
) -> list[SearchHit]:
    """What has these words in its name."""
    return await room.search.find(seat.scope, q, limit)


ROUTES = [bootstrap, strings, map_layer, search]
