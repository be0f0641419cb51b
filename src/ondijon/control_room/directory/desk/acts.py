"""Saving, retiring and finding contacts."""

from typing import Any
from uuid import UUID

from msgspec import UNSET

from ondijon.control_room.directory import queries
from ondijon.control_room.directory.commands import FindOnDuty, RetireContact, SaveContact
from ondijon.control_room.directory.desk.hours import check_hours, opening_at
from ondijon.control_room.directory.desk.seed import contact_of
from ondijon.control_room.directory.model import Contact
from ondijon.control_room.directory.rules import decide_contact, decide_person, may_somewhere, order_of_call
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.identity import EVERY, Verb, require
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk

UNKNOWN = "error.no_such_contact"


async def save(desk: ActDesk, asked: SaveContact) -> dict[str, Any]:
    """Enter a contact, or correct one; only who may configure everything it serves, before and after.

    Raises Refused `error.changed_meanwhile` when `version` is not the current one.
    """
    fields = {name: getattr(asked, name) for name in Contact.__struct_fields__}
    contact = decide_contact(Contact(**fields), desk.city.commune_codes)
    check_hours(contact.hours, desk.city.card)
    contact_id, version = asked.id, 1
    if contact_id is None:
        _demand(desk, "configure", contact)
        contact_id = desk.new_id()
        await queries.insert_contact(desk.tx, contact_id, contact, None, desk.actor.pseudonym, desk.now)
    else:
        await _lock(desk, contact_id, asked.version)
        _demand(desk, "configure", contact)
        version = await queries.update_contact(desk.tx, contact_id, contact, True, desk.actor.pseudonym, desk.now)
    await _save_person(desk, asked, contact_id, contact)
    _tell(desk, "contact.added" if asked.id is None else "contact.corrected", contact_id, contact)
    return {"id": contact_id, "version": version}


async def retire(desk: ActDesk, asked: RetireContact) -> dict[str, Any]:
    """Take a contact out; its person's numbers go at once."""
    contact = contact_of(await _lock(desk, asked.id, asked.version))
    await queries.delete_person(desk.tx, asked.id)
    await queries.retire_contact(desk.tx, asked.id, True, desk.actor.pseudonym, desk.now)
    _tell(desk, "contact.retired", asked.id, contact)
    return {}


async def find_on_duty(desk: ActDesk, asked: FindOnDuty) -> list[dict[str, Any]]:
    """Who is to be called now, best first: `[{id, key, kind, name, phone, email, open_now, until}]`.

    Closed contacts come last, so that somebody is always named when the directory knows anybody.
    """
    desk.demand("see", asked.trade, asked.commune)
    found = []
    for row in await queries.list_standing(desk.tx):
        contact = contact_of(row)
        wanted = (not asked.keys or contact.key in asked.keys) and (not asked.kinds or contact.kind in asked.kinds)
        if wanted and contact.serves(asked.trade, asked.commune):
            opening = opening_at(contact.hours, desk.city.card, desk.now)
            found.append((order_of_call(contact, opening.open, asked.commune), row["id"], contact, opening))
    return [
        {
            "id": contact_id,
            "key": contact.key,
            "kind": contact.kind,
            "name": contact.name,
            "phone": contact.phone,
            "email": contact.email,
            "open_now": opening.open,
            "until": opening.until,
        }
        for _, contact_id, contact, opening in sorted(found, key=lambda one: (one[0], one[1]))
    ]


async def _lock(desk: ActDesk, contact_id: UUID, version: int | None) -> Row:
    """The contact, if the actor may see and configure it and it is still at this version."""
    row = await queries.lock_contact(desk.tx, contact_id)
    if row is None:
        raise NotFound(UNKNOWN)
    _demand(desk, "configure", contact_of(row))
    if version is not None and version != row["version"]:
        raise Refused("error.changed_meanwhile", by=row["saved_by_name"] or "post")
    return row


def _demand(desk: ActDesk, verb: Verb, contact: Contact) -> None:
    """The actor must see something of what the contact serves, and hold `verb` on all of it."""
    if not may_somewhere(desk.actor.grants, "see", contact):
        raise NotFound(UNKNOWN)
    for trade in contact.trades:
        for commune in contact.communes:
            require(desk.actor, verb, trade, commune)
            desk.demand(verb, trade, commune, unseen=UNKNOWN)


async def _save_person(desk: ActDesk, asked: SaveContact, contact_id: UUID, contact: Contact) -> None:
    if asked.person is UNSET:
        return
    _demand(desk, "handle", contact)
    if asked.person is None:
        await queries.delete_person(desk.tx, contact_id)
    else:
        await queries.save_person(desk.tx, contact_id, decide_person(asked.person), desk.now)


def _tell(desk: ActDesk, fact: str, contact_id: UUID, contact: Contact) -> None:
    subject = f"contact:{contact_id}"
    desk.tell(
        fact,
        trade=_only(contact.trades),
        commune=_only(contact.communes),
        subject=subject,
        payload={"name": contact.name, "key": contact.key},
    )
    trades = [manifest.trade for manifest in desk.city.manifests] if EVERY in contact.trades else contact.trades
    for trade in trades:
        desk.announce("directory", subject, trade, _only(contact.communes))


def _only(places: tuple[str, ...]) -> str | None:
    return places[0] if len(places) == 1 and places[0] != EVERY else None
