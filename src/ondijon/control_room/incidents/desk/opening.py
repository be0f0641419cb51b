"""Opens an incident, by hand, from an alarm card or from a call."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from ondijon.control_room.incidents.commands import OpenIncident
from ondijon.control_room.incidents.desk.case import Case, look_up, tell
from ondijon.control_room.incidents.desk.catalogue import list_types
from ondijon.control_room.incidents.desk.place import Located, find_card, locate
from ondijon.control_room.incidents.model import OPEN, CardFacts, CurrentType, State
from ondijon.control_room.incidents.queries import city as city_queries
from ondijon.control_room.incidents.queries import incidents as queries
from ondijon.control_room.incidents.queries import parts
from ondijon.control_room.incidents.rules.catalogue import find_type_of_card
from ondijon.control_room.incidents.rules.course import open_course
from ondijon.kernel.errors import Refused
from ondijon.kernel.room import ActDesk

_MOST_MERGES = 10


class Draft(Struct, frozen=True):
    """An incident about to be written."""

    type: CurrentType
    severity: int
    title: str
    description: str
    place: Located


async def open_incident(desk: ActDesk, asked: OpenIncident) -> dict[str, str]:
    """A new incident; a card that has an open one already gives that one back."""
    card = await find_card(desk, asked.card) if asked.card is not None else None
    if card is not None and card.incident is not None:
        known = await find_open(desk, card.incident)
        if known is not None:
            return {"id": str(known.id), "number": known.number}
    chosen = await choose_type(desk, asked.type, card)
    place = await locate(desk, asked.place, asked.twin, card)
    severity = asked.severity or chosen.type.severity
    case = await write_incident(desk, Draft(chosen, severity, asked.title, asked.description, place))
    payload: dict[str, Any] = {"type": chosen.type.key, "severity": severity}
    if card is not None:
        payload["card"] = str(card.id)
        await add_card(desk, case, card)
    if asked.call is not None:
        payload["call"] = str(asked.call)
    tell(desk, case, "opened", payload)
    if asked.call is not None:
        await add_source(desk, case, "call", str(asked.call))
        tell(desk, case, "linked", {"kind": "call", "source": str(asked.call), "call": str(asked.call)})
    return {"id": str(case.id), "number": case.number}


async def choose_type(desk: ActDesk, key: str | None, card: CardFacts | None) -> CurrentType:
    """The type as it is now: the one named, else what the card becomes; raises Refused when there is none."""
    types = await list_types(desk)
    if key is None and card is not None:
        found = find_type_of_card([one.type for one in types], card.trade, card.kind, card.type)
        key = found.key if found is not None else None
    if key is None:
        raise Refused("error.incident_type_needed")
    for one in types:
        if one.type.key == key:
            return one
    raise Refused("error.incident_type_unknown", type=key[:64])


async def write_incident(desk: ActDesk, draft: Draft) -> Case:
    """Write a new incident under the next number of its local year; asks for the right to handle it there."""
    kind, place = draft.type.type, draft.place
    desk.demand("handle", kind.trade, place.commune)
    year = desk.now.astimezone(ZoneInfo(desk.city.card.timezone)).year
    incident = desk.new_id()
    values: dict[str, Any] = {
        "id": incident,
        "number": f"{year}-{await queries.next_number(desk.tx, year):06d}",
        "type": kind.key,
        "type_version": draft.type.version,
        "trade": kind.trade,
        "severity": draft.severity,
        "title": draft.title.strip() or None,
        "description": draft.description.strip() or None,
        "commune": place.commune,
        "street": place.street,
        "address": place.address,
        "twin": place.twin,
        "opened_by": desk.actor.pseudonym,
        "opened_at": desk.now,
        "changed_by": desk.actor.pseudonym,
        "changed_at": desk.now,
    }
    course = open_course(kind.respond_s, kind.resolve_s, desk.now)
    await queries.insert(desk.tx, values | queries.columns_of(course), place.lon, place.lat)
    if place.twin is not None:
        await parts.add_asset(desk.tx, incident, place.twin, desk.actor.pseudonym, desk.now)
    return Case(incident, values, course, kind.fr, kind.trade, place.commune)


async def add_source(desk: ActDesk, case: Case, kind: str, source: str) -> bool:
    """Hang a source on an incident; False when it has it already."""
    if await parts.find_source(desk.tx, case.id, kind, source) is not None:
        return False
    await parts.insert_source(desk.tx, desk.new_id(), case.id, kind, source, desk.actor.pseudonym, desk.now)
    return True


async def add_card(desk: ActDesk, case: Case, card: CardFacts) -> None:
    """The card belongs to the incident from now on, and alarm lists look again."""
    await add_source(desk, case, "alarm", str(card.id))
    await city_queries.set_card_incident(desk.tx, card.id, case.id)
    for commune in card.communes:
        desk.announce("alarms", f"card:{card.id}", card.trade, commune)


async def find_open(desk: ActDesk, incident: UUID) -> Case | None:
    """The open incident that this one is or was merged into, locked; None when that is over."""
    for _ in range(_MOST_MERGES):
        case = await look_up(desk, incident)
        if case.course.state in OPEN:
            return case
        if case.course.state != State.MERGED:
            return None
        incident = case.row["merged_into"]
    return None
