"""Addresses by what somebody said, and by a point of the map."""

from typing import Annotated

from litestar import get
from litestar.params import FromQuery, QueryParameter

from ondijon.apps.console.room import TheRoom
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.inventory import Position
from ondijon.web.addresses import AddressHit

MOST = 20


@get("/addresses")
async def find_addresses(
    room: TheRoom,
    q: FromQuery[str],
    near: FromQuery[str | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=MOST)] = 5,
) -> list[AddressHit]:
    """The likeliest addresses, crossings, streets and places, the same for everybody who is signed in."""
    return await room.search.addresses.find(q, limit, None if near is None else read_point(near))


@get("/addresses/reverse")
async def find_address_at(room: TheRoom, lon: FromQuery[float], lat: FromQuery[float]) -> AddressHit:
    """The house number at a point, or the street that passes nearest."""
    hit = await room.search.addresses.reverse(lon, lat)
    if hit is None:
        raise NotFound("error.not_found")
    return hit


def read_point(text: str) -> Position:
    """`lon,lat` in degrees; raises Refused."""
    lon, _, lat = text.partition(",")
    try:
        point = float(lon), float(lat)
    except ValueError as error:
        raise Refused("error.bad_request") from error
    if not (-180 <= point[0] <= 180 and -90 <= point[1] <= 90):
        raise Refused("error.bad_request")
    return point


ROUTES = [find_addresses, find_address_at]
