"""People about an incident: colleagues called by name, comments, contacts of the directory, handing over."""

from uuid import UUID

import msgspec

from ondijon.control_room.incidents.commands import (
    CommentIncident,
    HandOver,
    InvolveContact,
    ReleaseParticipant,
)
from ondijon.control_room.incidents.desk.case import Case, save, take_up, tell, write_text
from ondijon.control_room.incidents.model import Step
from ondijon.control_room.incidents.queries import city as city_queries
from ondijon.control_room.incidents.queries import parts
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.identity import Actor, Grant, Verb
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk

_OUTSIDE = ("outside", "emergency", "contractor")


async def find_colleague(desk: ActDesk, case: Case, username: str, verb: Verb) -> Actor:
    """Somebody of the room who may do `verb` with this incident; raises Refused for anybody else, known or not."""
    row = await city_queries.find_person(desk.tx, username)
    if row is not None:
        grants = msgspec.convert(row["grants"], tuple[Grant, ...])
        person = Actor(row["user_id"], row["pseudonym"], row["name"], row["username"], grants)
        if person.may("see", case.trade, case.commune) and person.may(verb, case.trade, case.commune):
            return person
    raise Refused("error.no_such_colleague", name=username[:64])


async def comment(desk: ActDesk, asked: CommentIncident) -> dict[str, int]:
    """Say something; whoever is called by name is told, if that person may see the incident."""
    case = await take_up(desk, asked.id, Step.COMMENT)
    called = [await find_colleague(desk, case, username, "see") for username in dict.fromkeys(asked.mentions)]
    if not asked.text.strip():
        raise Refused("error.incident_text_needed")
    written = await write_text(desk, case, "comment", asked.text)
    tell(desk, case, "commented", written)
    if called:
        people = [str(person.pseudonym) for person in called]
        tell(desk, case, "mentioned", {**written, "people": people})
    return {}


async def involve(desk: ActDesk, asked: InvolveContact) -> dict[str, int]:
    """A contact of the directory takes part; twice has the effect of once."""
    case = await take_up(desk, asked.id, Step.ADD)
    contact = await _find_contact(desk, asked)
    if await parts.find_participant(desk.tx, case.id, contact["id"]) is None:
        participant = await _involve(desk, case, contact)
        await save(desk, case)
        payload = {"participant": str(participant), "contact": str(contact["id"]), "who": contact["name"]}
        tell(desk, case, "participant_added", payload)
    return {}


async def release_participant(desk: ActDesk, asked: ReleaseParticipant) -> dict[str, int]:
    """A contact takes no part any more; what it did stays."""
    case = await take_up(desk, asked.id, Step.DROP)
    row = await parts.release_participant(desk.tx, case.id, asked.participant, desk.now)
    if row is None:
        raise NotFound("error.participant_not_found")
    await save(desk, case)
    payload = {"participant": str(asked.participant), "contact": str(row["contact"]), "who": row["name"]}
    tell(desk, case, "participant_released", payload)
    return {}


async def hand_over(desk: ActDesk, asked: HandOver) -> dict[str, int]:
    """An outside body has taken it: who answered there, under which reference; a second time is a second record."""
    case = await take_up(desk, asked.id, Step.HAND_OVER)
    contact = await _find_contact(desk, asked)
    if contact["kind"] not in _OUTSIDE:
        raise Refused("error.not_outside", name=contact["name"])
    name, reference, note = asked.name.strip(), asked.reference.strip(), asked.text.strip()
    if not name and not reference:
        raise Refused("error.hand_over_needs_name")
    former = await parts.find_handed_over(desk.tx, case.id, contact["id"])
    if former is not None:
        await parts.release_participant(desk.tx, case.id, former["id"], desk.now)
    participant = await _involve(desk, case, contact)
    await parts.set_handed_over(desk.tx, participant, desk.now, name or None, reference or None, note or None)
    await save(desk, case)
    payload = {"participant": str(participant), "contact": str(contact["id"]), "who": contact["name"]}
    tell(desk, case, "handed_over", {**payload, "reference": reference or "-"})
    return {}


async def _find_contact(desk: ActDesk, asked: InvolveContact | HandOver) -> Row:
    row = await parts.find_contact(desk.tx, asked.contact)
    if row is None:
        raise NotFound("error.contact_not_found")
    return row


async def _involve(desk: ActDesk, case: Case, contact: Row) -> UUID:
    """The participant's id, of a new one when the contact takes no part yet."""
    known = await parts.find_participant(desk.tx, case.id, contact["id"])
    if known is not None:
        found: UUID = known["id"]
        return found
    participant = desk.new_id()
    await parts.insert_participant(desk.tx, participant, case.id, contact, desk.actor.pseudonym, desk.now)
    return participant
