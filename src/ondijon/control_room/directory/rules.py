"""What a contact must be to stand in the directory, and who of several is called first."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from msgspec import structs

from ondijon.control_room.directory.model import KINDS, Contact, ContactPerson
from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import EVERY, Grant, Verb

LONGEST_NAME, LONGEST_NOTE, LONGEST_HOURS = 120, 500, 300
_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
# E.123: digits in groups; short numbers (15, 112) too.
_PHONE = re.compile(r"\+?\d(?:[ .]?\d){1,14}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def decide_contact(contact: Contact, communes: Collection[str]) -> Contact:
    """The contact as it is to stand, trimmed; raises Refused when something is missing or unknown.

    communes: those that exist. Trades need not be loaded here. `hours` is not judged.
    """
    tidy = structs.replace(
        contact,
        key=contact.key.strip(),
        name=_squeeze(contact.name),
        body=_squeeze(contact.body),
        phone=_squeeze(contact.phone),
        email=contact.email.strip(),
        trades=_some(contact.trades, lambda trade: _KEY.fullmatch(trade) is not None, "error.contact_trades"),
        communes=_some(contact.communes, lambda insee: insee in communes, "error.contact_communes"),
        hours=_squeeze(contact.hours),
        note=contact.note.strip(),
    )
    if not _KEY.fullmatch(tidy.key):
        raise Refused("error.contact_key", key=tidy.key[:40])
    if not 0 < len(tidy.name) <= LONGEST_NAME or len(tidy.body) > LONGEST_NAME or len(tidy.note) > LONGEST_NOTE:
        raise Refused("error.contact_name", longest=LONGEST_NAME)
    if not 0 < len(tidy.hours) <= LONGEST_HOURS:
        raise Refused("error.contact_hours", hours=tidy.hours[:80])
    _check_numbers(tidy.phone, tidy.email)
    if not tidy.phone and not tidy.email:
        raise Refused("error.contact_unreachable")
    return tidy


def decide_person(person: ContactPerson) -> ContactPerson:
    """The person behind a contact, trimmed; raises Refused without a name or with a number that is none."""
    tidy = ContactPerson(_squeeze(person.name), _squeeze(person.phone), person.email.strip())
    if not 0 < len(tidy.name) <= LONGEST_NAME:
        raise Refused("error.contact_name", longest=LONGEST_NAME)
    _check_numbers(tidy.phone, tidy.email)
    return tidy


def may_somewhere(grants: Iterable[Grant], verb: Verb, contact: Contact) -> bool:
    """Whether these grants give `verb` on anything that the contact serves."""
    return any(
        verb in grant.verbs and _meet(grant.trades, contact.trades) and _meet(grant.communes, contact.communes)
        for grant in grants
    )


def may_everywhere(grants: Sequence[Grant], verb: Verb, contact: Contact) -> bool:
    """Whether these grants give `verb` on all that the contact serves; the door demands it of who changes one."""
    return all(
        any(grant.allows(verb, trade, commune) for grant in grants)
        for trade in contact.trades
        for commune in contact.communes
    )


def order_of_call(contact: Contact, is_open: bool, commune: str | None) -> tuple[int, int, int, str]:
    """Sorts contacts: open first, then those of this very commune, then service before on-call, then by name."""
    own = commune is not None and commune in contact.communes
    return (0 if is_open else 1, 0 if own else 1, KINDS.index(contact.kind), contact.name)


def _meet(held: Collection[str], served: Collection[str]) -> bool:
    return EVERY in held or EVERY in served or not set(held).isdisjoint(served)


def _check_numbers(phone: str, email: str) -> None:
    if phone and not _PHONE.fullmatch(phone):
        raise Refused("error.contact_phone", phone=phone[:40])
    if email and not _EMAIL.fullmatch(email):
        raise Refused("error.contact_email", email=email[:80])


def _some(asked: Iterable[str], is_known: Callable[[str], bool], error_key: str) -> tuple[str, ...]:
    places = tuple(dict.fromkeys(asked))
    if EVERY in places:
        return (EVERY,)
    strange = [place for place in places if not is_known(place)]
    if not places or strange:
        raise Refused(error_key, unknown=", ".join(strange)[:80])
    return tuple(sorted(places))


def _squeeze(text: str) -> str:
    return " ".join(text.split())
