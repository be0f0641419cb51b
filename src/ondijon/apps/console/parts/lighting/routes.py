"""The lighting layer: modes of the map, cabinets as trees, lists that leave, changes of equipment."""

import asyncio
import gzip
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody
from litestar.response import Stream
from msgspec import Struct

from ondijon.apps.console.parts.lighting import cabinets, export, modes, re_equipping
from ondijon.apps.console.parts.lighting.shapes import CabinetRow, CabinetShape
from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.kernel.commands import Selection
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


class ExportAsked(Struct, frozen=True):
    """Which lights leave; bom: a mark that some spreadsheets want before UTF-8."""

    targets: Selection
    bom: bool = False


@post("/lighting/lights.csv", status_code=200)
async def export_lights(room: TheRoom, seat: TheSeat, data: JSONBody[ExportAsked]) -> Stream:
    """The lights that are meant and that the person may take out, as CSV."""
    pieces = await export.export_lights(room, seat, data.targets, bom=data.bom)
    headers = {"Content-Disposition": 'attachment; filename="lights.csv"', "Cache-Control": "no-store"}
    return Stream(pieces, media_type=export.MEDIA_TYPE, headers=headers)


@post("/lighting/re-equipments/dry-run", status_code=200)
async def try_change(
    room: TheRoom, seat: TheSeat, data: JSONBody[re_equipping.ChangeAsked]
) -> re_equipping.ChangeDryRun:
    """What a change of equipment would do, before it is asked for."""
    return await re_equipping.dry_run(room, seat, data)


@get("/lighting/re-equipments")
async def list_changes(room: TheRoom, seat: TheSeat) -> list[re_equipping.ChangeShape]:
    """Changes of equipment: those that wait, then the newest."""
    return await re_equipping.list_changes(room, seat)


@get("/lighting/re-equipments/{re_equipment:uuid}")
async def read_change(room: TheRoom, seat: TheSeat, re_equipment: FromPath[UUID]) -> re_equipping.ChangeShape:
    """One change of equipment with its values before."""
    return await re_equipping.read_change(room, seat, re_equipment)


ROUTES = [
    read_mode,
    list_cabinets,
    read_cabinet,
    export_lights,
    try_change,
    list_changes,
    read_change,
]
