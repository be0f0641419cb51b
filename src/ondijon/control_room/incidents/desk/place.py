"""Finds out where an incident is: from a point, an object of the city, or an alarm card."""

from uuid import UUID

from msgspec import Struct

from ondijon.control_room.incidents.commands import PlaceAsked
from ondijon.control_room.incidents.model import CardFacts
from ondijon.control_room.incidents.queries import city as queries
from ondijon.control_room.incidents.rules.place import lies_within
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.room import ActDesk

_ADDRESS_REACH_DEG = 0.0008  # about 60 m east, 90 m north at our latitudes


class Located(Struct, frozen=True):
    """Where an incident is, with what the city knows of the place."""

    lon: float
    lat: float
    commune: str
    street: str | None
    address: str | None
    twin: str | None


async def locate(desk: ActDesk, place: PlaceAsked | None, twin: str | None, card: CardFacts | None) -> Located:
    """The place: as asked, else the object's, else the card's; raises Refused when nothing says where."""
    urn = twin or (place.twin if place is not None else None)
    if urn is not None:
        must_see_twin(desk, urn)
    elif card is not None:
        urn = card.twin
    if place is not None:
        return await _locate_point(desk, place, urn)
    if urn is not None:
        twins, row = desk.city.get_twin(urn)
        record = twins.records[row]
        street = await queries.find_street_of_twin(desk.tx, urn)
        named = street["street"] if street is not None else None
        return Located(*record.position, record.commune, named, None, urn)
    if card is not None:
        return await _locate_point(desk, PlaceAsked(card.lon, card.lat), None)
    raise Refused("error.place_needed")


async def _locate_point(desk: ActDesk, place: PlaceAsked, urn: str | None) -> Located:
    commune = await find_commune(desk, place.lon, place.lat)
    street, address = place.street or None, place.address or None
    if street is None:
        found = await queries.find_address(desk.tx, place.lon, place.lat, _ADDRESS_REACH_DEG)
        if found is not None and found["commune"] == commune:
            street = found["street"]
            address = address or f"{found['number']} {found['street']}"
    return Located(place.lon, place.lat, commune, street, address, urn)


async def find_commune(desk: ActDesk, lon: float, lat: float) -> str:
    """The commune whose boundary holds a point; raises Refused outside of all.

    Where the import brought no boundaries, the nearest centre decides.
    """
    nearest_without: str | None = None
    for row in await queries.list_communes_near(desk.tx, lon, lat):
        boundary = await queries.get_boundary(desk.tx, row["insee"])
        if lies_within(boundary, lon, lat):
            return str(row["insee"])
        if not boundary and nearest_without is None:
            nearest_without = str(row["insee"])
    if nearest_without is None:
        raise Refused("error.place_outside")
    return nearest_without


def must_see_twin(desk: ActDesk, urn: str) -> None:
    """Raise NotFound for an object that is not there or that the actor may not see."""
    twins, row = desk.city.get_twin(urn)
    trade, commune = desk.city.trade_of[twins.twin_type], twins.records[row].commune
    if not desk.actor.may("see", trade, commune):
        raise NotFound("error.twin_not_found", id=urn)


async def find_card(desk: ActDesk, card: UUID) -> CardFacts:
    """An alarm card, locked; raises NotFound also when the actor sees none of its communes."""
    row = await queries.lock_card(desk.tx, card)
    communes = tuple(row["by_commune"]) if row is not None else ()
    if row is None or not any(desk.actor.may("see", row["trade"], insee) for insee in communes):
        raise NotFound("error.card_not_found")
    return CardFacts(
        row["id"],
        row["kind"],
        row["type"],
        row["trade"],
        row["lon"],
        row["lat"],
        communes,
        row["twin"],
        row["incident"],
    )
