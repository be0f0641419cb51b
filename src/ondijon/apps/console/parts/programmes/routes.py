"""Programmes: the list, versions, previews and differences, gateways, the calendar, and why a light is as it is."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from ondijon.apps.console.parts.programmes import calendar, trials, view, why
from ondijon.apps.console.parts.programmes.shapes import (
    DifferenceShape,
    GatewaysShape,
    NightShape,
    PreviewAsked,
    ProgrammeDetail,
    ProgrammeList,
    VersionShape,
    WhyShape,
)
from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.domains.lighting.desk.programmes.situation import read_content
from ondijon.domains.lighting.model import TRADE
from ondijon.domains.lighting.rules.programmes.local_times import night_of
from ondijon.domains.lighting.rules.programmes.preview import Preview
from ondijon.kernel.errors import NotFound

MOST_NIGHTS = 400


@get("/lighting/programmes")
async def list_programmes(room: TheRoom, seat: TheSeat) -> ProgrammeList:
    """Every programme, lowest layer first."""
    return ProgrammeList(await view.list_programmes(room, seat))


@get("/lighting/programmes/{key:str}")
async def read_programme(room: TheRoom, seat: TheSeat, key: FromPath[str]) -> ProgrammeDetail:
    """One programme with its versions."""
    return await view.read_programme(room, seat, key)


@get("/lighting/programme-versions/{version:uuid}")
async def read_version(room: TheRoom, seat: TheSeat, version: FromPath[UUID]) -> VersionShape:
    """One version whole."""
    return view.show_version(await view.get_version(room, seat, version), seat.person.actor)


@get("/lighting/programme-versions/{version:uuid}/gateways")
async def list_gateways(room: TheRoom, seat: TheSeat, version: FromPath[UUID]) -> GatewaysShape:
    """Wanted against stored."""
    row = await view.get_version(room, seat, version)
    gateways = await view.read_gateways(room, [row["id"]])
    return gateways.list_behind(row["id"], room.rights.communes_of(seat.scope, TRADE))


@get("/lighting/programme-versions/{version:uuid}/preview")
async def preview_version(
    room: TheRoom,
    seat: TheSeat,
    version: FromPath[UUID],
    night: FromQuery[date | None] = None,
    against: FromQuery[UUID | None] = None,
) -> Preview:
    """What a version would do in the place of what is in force, or of another one."""
    row = await view.get_version(room, seat, version)
    former = None if against is None else read_content(await view.get_version(room, seat, against))
    return await trials.preview_content(room, seat, read_content(row), night, former)


@get("/lighting/programme-versions/{version:uuid}/diff")
async def read_difference(
    room: TheRoom, seat: TheSeat, version: FromPath[UUID], against: FromQuery[UUID | None] = None
) -> DifferenceShape:
    """What a version changes."""
    return await trials.difference(room, seat, await view.get_version(room, seat, version), against)


@post("/lighting/programme-preview", status_code=200)
async def preview_content(room: TheRoom, seat: TheSeat, data: JSONBody[PreviewAsked]) -> Preview:
    """What a content would do that is not stored yet."""
    return await trials.preview_content(room, seat, data.content, data.night)


@get("/lighting/why")
async def explain(
    room: TheRoom, seat: TheSeat, twin: FromQuery[str], lang: FromQuery[Literal["fr", "en"]] = "fr"
) -> WhyShape:
    """Why a light is as it is now."""
    return await why.explain(room, seat, twin, lang)


@get("/lighting/nights")
async def list_nights(
    room: TheRoom,
    seat: TheSeat,
    commune: FromQuery[str],
    first: Annotated[date | None, QueryParameter(name="from")] = None,
    nights: Annotated[int, QueryParameter(ge=1, le=MOST_NIGHTS)] = 42,
) -> list[NightShape]:
    """The calendar of a commune."""
    if commune not in room.rights.communes_of(seat.scope, TRADE):
        raise NotFound("error.commune_not_found", commune=commune[:5])
    since = first or night_of(room.clock.now(), room.city.card.timezone)
    return await calendar.list_nights(room, commune, since, nights)


ROUTES = [
    list_programmes,
    read_programme,
    read_version,
    list_gateways,
    preview_version,
    read_difference,
    preview_content,
    explain,
    list_nights,
]
