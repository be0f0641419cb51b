"""The lighting layer: modes of the map, cabinets as trees."""

import asyncio
import gzip
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from ondijon.apps.console.parts.lighting import cabinets, modes
from ondijon.apps.console.parts.lighting.shapes import CabinetRow, CabinetShape
from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.web.documents import accepts_gzip

AnyRequest = Request[Any, Any, Any]
# A column of equal numbers shrinks to a hundredth already at level 1.
_LEVEL = 1


@get("/lighting/modes/{mode:str}")
async def read_mode(request: AnyRequest, room: TheRoom, seat: TheSeat, mode: FromPath[modes.Mode]) -> Response[bytes]:
    """What a mode of the map colours each visible light by, in binary (ODM1)."""
    content = await modes.read_mode(room, seat.scope, mode)
    headers = {"Vary": "Accept-Encoding"}
    if accepts_gzip(request.headers):
        content = await asyncio.to_thread(gzip.compress, content, _LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return Response(content, media_type="application/octet-stream", headers=headers)


@get("/lighting/cabinets")
async def list_cabinets(room: TheRoom, seat: TheSeat) -> list[CabinetRow]:
    """Every cabinet with the sums of its lights."""
    return await cabinets.list_cabinets(room, seat.scope)


@get("/lighting/cabinets/{urn:str}")
async def read_cabinet(room: TheRoom, seat: TheSeat, urn: FromPath[str]) -> CabinetShape:
    """One cabinet: circuits, phases, lights."""
    return await cabinets.read_cabinet(room, seat.scope, urn)


ROUTES = [read_mode, list_cabinets, read_cabinet]
