"""Alarms: cards and their members, what is put aside or silenced, the figures, the rationalisation record."""

from typing import Annotated
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery, QueryParameter

from ondijon.apps.console.parts.alarms.figures import measure
from ondijon.apps.console.parts.alarms.queries import Which
from ondijon.apps.console.parts.alarms.shapes import (
    Card,
    Cards,
    Figures,
    Members,
    Rationalisation,
    ShelvingShape,
    SilenceShape,
)
from ondijon.apps.console.room import TheRoom, TheSeat


@get("/alarms")
async def cards(room: TheRoom, seat: TheSeat, which: Annotated[Which, QueryParameter(name="list")] = "shown") -> Cards:
    """One list of cards, with the counts of all."""
    return await room.alarms.list_cards(seat.scope, which)


@get("/alarms/cards/{card:uuid}")
async def card(room: TheRoom, seat: TheSeat, card: FromPath[UUID]) -> Card:
    """One card."""
    return await room.alarms.get_card(seat.scope, card)


@get("/alarms/cards/{card:uuid}/members")
async def members(
    room: TheRoom,
    seat: TheSeat,
    card: FromPath[UUID],
    after: FromQuery[UUID | None] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 200,
) -> Members:
    """The alarms of a card, the oldest first."""
    return await room.alarms.list_members(seat.scope, card, after, limit)


@get("/alarms/shelvings")
async def shelvings(room: TheRoom, seat: TheSeat) -> list[ShelvingShape]:
    """What is put aside."""
    return await room.alarms.list_shelvings(seat.scope)


@get("/alarms/silences")
async def silences(room: TheRoom, seat: TheSeat) -> list[SilenceShape]:
    """Works and what is out of service."""
    return await room.alarms.list_silences(seat.scope)


@get("/alarms/figures")
async def figures(room: TheRoom, seat: TheSeat) -> Figures:
    """The load on the people in the room."""
    return await measure(room.rows, room.clock, room.rights.trade_pairs(seat.scope))


@get("/alarms/rationalisation", sync_to_thread=False)
def rationalisation(room: TheRoom, seat: TheSeat) -> list[Rationalisation]:
    """Why each kind of alarm exists, and what is to be done about it."""
    return room.alarms.list_rationalisation(seat.scope)


ROUTES = [cards, card, members, shelvings, silences, figures, rationalisation]
