"""The city, its words, its map, and how to find something in it."""

from typing import Annotated, Any, Literal

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from ondijon.apps.console.bootstrap import describe_city, describe_communes, describe_trades
from ondijon.apps.console.map_documents import Layer
from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.apps.console.search import MOST_HITS
from ondijon.apps.console.shapes import Bootstrap, SearchHit
from ondijon.web.documents import answer_document

AnyRequest = Request[Any, Any, Any]
_KEPT = "private, no-cache"


@get("/bootstrap")
async def bootstrap(room: TheRoom, seat: TheSeat) -> Bootstrap:
    """The city and the trades that the person sees."""
    return Bootstrap(
        city=describe_city(room.city, await room.maps.box()),
        communes=describe_communes(room.city),
        trades=describe_trades(room.city, seat.scope),
        now=room.clock.now(),
    )


@get("/strings/{language:str}", opt={"public": True})
async def strings(request: AnyRequest, room: TheRoom, language: FromPath[Literal["fr", "en"]]) -> Response[bytes]:
    """The catalogue of one language; public, because the sign-in page speaks too."""
    return answer_document(request, room.catalogues[language], "no-cache")


@get("/map/{layer:str}")
async def map_layer(request: AnyRequest, room: TheRoom, layer: FromPath[Layer]) -> Response[bytes]:
    """A still layer of the map, the same for everybody."""
    return answer_document(request, await room.maps.get(layer), _KEPT)


@get("/search")
async def search(
    room: TheRoom, seat: TheSeat, q: FromQuery[str], limit: Annotated[int, QueryParameter(ge=1, le=MOST_HITS)] = 20
) -> list[SearchHit]:
    """What has these words in its name."""
    return await room.search.find(seat.scope, q, limit)


ROUTES = [bootstrap, strings, map_layer, search]
