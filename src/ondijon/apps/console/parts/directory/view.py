"""Finds contacts as a person may see them, at an instant."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ondijon.apps.console.parts.directory import queries
from ondijon.apps.console.parts.directory.shapes import ContactView
from ondijon.control_room.directory.desk.hours import Opening, opening_at
from ondijon.control_room.directory.desk.seed import contact_of
from ondijon.control_room.directory.model import Contact, ContactPerson
from ondijon.control_room.directory.queries import list_standing
from ondijon.control_room.directory.rules import may_everywhere, may_somewhere, order_of_call
from ondijon.kernel.city import City
from ondijon.kernel.identity import EVERY, Actor
from ondijon.kernel.ports import Row, Rows


class DirectoryQuestion(Struct, frozen=True):
    """What is looked for; None and "" = anything."""

    commune: str | None = None
    text: str = ""
    trade: str | None = None
    key: str | None = None
    open_only: bool = False


async def list_contacts(
    rows: Rows, city: City, now: datetime, actor: Actor, question: DirectoryQuestion
) -> list[ContactView]:
    """Those asked for, by key, best to call first."""
    found = []
    names = {commune.insee: commune.name for commune in city.communes}
    for row in await list_standing(rows):
        contact = contact_of(row)
        if may_somewhere(actor.grants, "see", contact) and _is_asked(contact, question, names):
            opening = opening_at(contact.hours, city.card, now)
            if opening.open or not question.open_only:
                found.append(
                    (contact.key, order_of_call(contact, opening.open, question.commune), row, contact, opening)
                )
    found.sort(key=lambda one: (one[0], one[1], one[2]["id"]))
    persons = await _list_persons(rows, actor, [(row["id"], contact) for *_, row, contact, _ in found])
    seen: set[str] = set()
    views = []
    for key, _, row, contact, opening in found:
        # Without a commune, one of many communes' own is no better than the others.
        comparable = question.commune is not None or EVERY in contact.communes
        first = opening.open and comparable and key not in seen
        views.append(_view(row, contact, actor, opening, first, persons))
        seen.add(key)
    return views


def _view(
    row: Row,
    contact: Contact,
    actor: Actor,
    opening: Opening,
    first: bool,
    persons: dict[UUID, ContactPerson],
) -> ContactView:
    fields = {name: getattr(contact, name) for name in Contact.__struct_fields__}
    return ContactView(
        **fields,
        id=row["id"],
        version=row["version"],
        open_now=opening.open,
        until=opening.until,
        first=first,
        may_save=may_everywhere(actor.grants, "configure", contact),
        person=persons.get(row["id"]),
    )


async def _list_persons(
    rows: Rows, actor: Actor, contacts: Iterable[tuple[UUID, Contact]]
) -> dict[UUID, ContactPerson]:
    """Of contacts whose incidents the actor may handle."""
    allowed = [contact_id for contact_id, contact in contacts if may_somewhere(actor.grants, "handle", contact)]
    found = await queries.list_persons(rows, allowed)
    return {row["contact"]: ContactPerson(row["name"], row["phone"], row["email"]) for row in found}


def _is_asked(contact: Contact, question: DirectoryQuestion, commune_names: dict[str, str]) -> bool:
    if question.key is not None and contact.key != question.key:
        return False
    if not contact.serves(question.trade, question.commune):
        return False
    text = " ".join(
        [contact.name, contact.body, contact.key, contact.phone.replace(" ", ""), contact.phone, contact.note]
        + [commune_names.get(insee, "") for insee in contact.communes]
    )
    return all(word in fold(text) for word in fold(question.text).split())


def fold(text: str) -> str:
    """Without accents and capitals; a typographic apostrophe is a plain one."""
    plain = unicodedata.normalize("NFD", text.replace("’", "'").casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
