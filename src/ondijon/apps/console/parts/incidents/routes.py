"""Incidents: lists, one of them, the catalogue, and the people who can be called by name."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, get
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from ondijon.apps.console.parts.incidents import queries
from ondijon.apps.console.parts.incidents.shapes import IncidentDetail, IncidentList, IncidentTypeShape, Named
from ondijon.apps.console.parts.incidents.view import Reader, find_row, get_incident, list_incidents, list_types
from ondijon.apps.console.room import Room, Seat, TheRoom, TheSeat, language_of
from ondijon.kernel.errors import Refused
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.identity import Verb
from ondijon.web.sessions import actor_of

AnyRequest = Request[Any, Any, Any]
NEARBY_M = 150.0
MOST_INCIDENTS = 1_000
MOST_WITHIN_M = 20_000


class ListAsked(Struct, frozen=True):
    """The filters of a list, as the address says them."""

    state: Literal["open", "closed", "all"] = "open"
    q: str = ""
    type: str = ""
    commune: str = ""
    owner: Literal["", "me"] = ""
    near: str = ""
    within_m: float = NEARBY_M


def reader_of(room: Room, seat: Seat, language: str) -> Reader:
    """What a view needs to know of the person."""
    words = room.strings.get(language, {})
    now = room.clock.now()
    return Reader(room.city, room.rows, room.rights, now, seat.person.actor, seat.scope, words, language)


@get("/incidents")
async def incidents(
    request: AnyRequest,
    room: TheRoom,
    seat: TheSeat,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST_INCIDENTS)] = 200,
) -> IncidentList:
    """Incidents that the person sees, filtered."""
    asked = _read_filters(dict(request.query_params.items()))
    reader = reader_of(room, seat, language_of(request))
    found, total = await list_incidents(reader, _wanted(asked, seat), limit)
    return IncidentList(found, total)


def _read_filters(given: dict[str, Any]) -> ListAsked:
    try:
        return msgspec.convert(given, ListAsked, strict=False)
    except msgspec.ValidationError as error:
        raise Refused("error.bad_request") from error


def _wanted(asked: ListAsked, seat: Seat) -> queries.Wanted:
    wanted = queries.Wanted(
        asked.state,
        asked.type or None,
        asked.commune or None,
        seat.person.actor.pseudonym if asked.owner == "me" else None,
        asked.q.strip()[:200] or None,
    )
    if not asked.near:
        return wanted
    lon, lat = _read_point(asked.near)
    if not 0 < asked.within_m <= MOST_WITHIN_M:
        raise Refused("error.bad_request")
    lon_m, lat_m = LocalMetres(lon, lat).scale()
    return msgspec.structs.replace(wanted, within_m=asked.within_m, lon=lon, lat=lat, lon_m=lon_m, lat_m=lat_m)


def _read_point(text: str) -> tuple[float, float]:
    try:
        lon, lat = (float(part) for part in text.split(","))
    except ValueError as error:
        raise Refused("error.bad_request") from error
    if not (-180 <= lon <= 180 and -85 <= lat <= 85):
        raise Refused("error.bad_request")
    return lon, lat


@get("/incidents/{incident_id:uuid}")
async def one_incident(
    request: AnyRequest, room: TheRoom, seat: TheSeat, incident_id: FromPath[UUID]
) -> IncidentDetail:
    """One incident with everything that hangs on it."""
    return await get_incident(reader_of(room, seat, language_of(request)), incident_id)


@get("/incident-types")
async def incident_types(request: AnyRequest, room: TheRoom, seat: TheSeat) -> list[IncidentTypeShape]:
    """The catalogue of the trades that the person sees."""
    return await list_types(reader_of(room, seat, language_of(request)))


@get("/people")
async def people(
    request: AnyRequest,
    room: TheRoom,
    seat: TheSeat,
    verb: Annotated[Literal["see", "handle"], QueryParameter(name="may")] = "handle",
    incident: Annotated[UUID | None, QueryParameter(name="incident")] = None,
) -> list[Named]:
    """Colleagues who may do something, with one incident or anywhere; for whoever may handle there."""
    reader = reader_of(room, seat, language_of(request))
    handled = room.rights.trade_pairs(room.rights.scope_of(seat.person.actor, "handle"))
    places = list(zip(handled.keys, handled.communes, strict=True))
    if incident is not None:
        row = await find_row(reader, incident)
        places = [place for place in places if place == (row["trade"], row["commune"])]
    found = [actor_of(row) for row in await queries.list_people(room.rows)]
    wanted: Verb = verb
    return [
        Named(person.username, person.name)
        for person in found
        if any(person.may("see", *place) and person.may(wanted, *place) for place in places)
    ]


ROUTES = [incidents, one_incident, incident_types, people]
