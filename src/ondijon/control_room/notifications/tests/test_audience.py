"""Who is told: those named or entitled, never the one who did it, never about what one may not see."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from ondijon.control_room.notifications.model import Draft, Staff
from ondijon.control_room.notifications.rules.addresses import decide_address
from ondijon.control_room.notifications.rules.audience import (
    choose_leaders,
    choose_people,
    choose_ways,
    ways_of_contact,
)
from ondijon.control_room.notifications.rules.facts import address_of, decide_draft, write_title
from ondijon.kernel.errors import Refused
from ondijon.kernel.events import Event
from ondijon.kernel.identity import EVERY, Grant, Verb

HERE, THERE = "21001", "21002"
KNOWN = (HERE, THERE)
NAMES = {HERE: "Ici", THERE: "Là-bas"}


def staff(number: int, *verbs: Verb, communes: tuple[str, ...] = (EVERY,), here: bool = True) -> Staff:
    return Staff(UUID(int=number), (Grant("role", communes, ("lighting",), verbs),), here)


def draft(verb: Verb | None = "handle", **more: Any) -> Draft:
    return structs.replace(Draft("k", "incident:1", "lighting", HERE, {}, verb=verb), **more)


def numbers(people: list[UUID]) -> list[int]:
    return [person.int for person in people]


def test_those_in_the_room_are_told_and_everybody_when_nobody_is_there() -> None:
    present, absent = staff(1, "see", "handle"), staff(2, "see", "handle", here=False)
    assert numbers(choose_people(draft(), [present, absent], KNOWN)) == [1]
    assert numbers(choose_people(draft(), [absent], KNOWN)) == [2]


def test_the_right_counts_where_it_happened() -> None:
    people = [
        staff(1, "see", "handle", communes=(THERE,)),
        staff(2, "see"),
        staff(3, "handle"),
        staff(4, "see", "handle"),
    ]
    assert numbers(choose_people(draft(), people, KNOWN)) == [4]


def test_nobody_is_told_of_their_own_doing() -> None:
    people = [staff(1, "see", "handle"), staff(2, "see", "handle")]
    assert numbers(choose_people(draft(by=UUID(int=1)), people, KNOWN)) == [2]


def test_those_named_are_told_if_they_may_see_it_and_nobody_else() -> None:
    people = [staff(1, "see"), staff(2, "see", communes=(THERE,)), staff(3, "see", "handle")]
    named = draft(people=(UUID(int=1), UUID(int=2)))
    assert numbers(choose_people(named, people, KNOWN)) == [1]


def test_an_order_over_two_communes_needs_somebody_for_both() -> None:
    people = [staff(1, "see", "approve", communes=(HERE,)), staff(2, "see", "approve")]
    order = draft("approve", commune=None, communes=KNOWN, everywhere=True)
    assert numbers(choose_people(order, people, KNOWN)) == [2]
    card = draft("approve", commune=None, communes=KNOWN)
    assert numbers(choose_people(card, people, KNOWN)) == [1, 2]


def test_leaders_are_those_who_may_approve_and_were_not_told() -> None:
    people = [staff(1, "see", "approve"), staff(2, "see", "approve"), staff(3, "see", "handle")]
    assert numbers(choose_leaders(people, "lighting", HERE, [UUID(int=1)], KNOWN)) == [2]


def test_nobody_gets_a_text_message_for_what_can_wait() -> None:
    assert choose_ways(["mail", "sms", "webhook"], urgent=False) == ["mail", "webhook"]
    assert choose_ways(["mail", "sms"], urgent=True) == ["mail", "sms"]


def test_short_numbers_get_no_messages() -> None:
    assert ways_of_contact("17", "") == {}
    assert ways_of_contact("06 39 98 10 01", "a@b.example") == {"mail": "a@b.example", "sms": "06 39 98 10 01"}


def event(key: str, **payload: object) -> Event:
    about = {"number": "2026-000123", "what": "Lampe éteinte", **payload}
    at = datetime(2026, 11, 21, 20, tzinfo=UTC)
    return Event(UUID(int=9), key, at, HERE, None, about, "lighting", "incident:7", UUID(int=1))


def test_facts_say_who_is_to_know() -> None:
    called = decide_draft(event("incident.mentioned", people=[str(UUID(int=2))]), NAMES)
    assert called is not None
    assert (called.people, called.by, called.urgent) == ((UUID(int=2),), UUID(int=1), False)
    late = decide_draft(event("incident.breached_respond", people=[], limit_min=10), NAMES)
    assert late is not None
    assert (late.verb, late.urgent, late.values["minutes"]) == ("handle", True, 10)
    assert decide_draft(event("incident.commented"), NAMES) is None


def test_a_message_says_number_kind_and_place_and_nothing_of_anybody() -> None:
    called = decide_draft(event("incident.mentioned", people=[str(UUID(int=2))], text="Paul Durand a appelé"), NAMES)
    assert called is not None
    words = {"notification.incident.mentioned": "On vous appelle sur l’incident {number} ({what}), {place}"}
    assert write_title(called.key, called.values, words) == (
        "On vous appelle sur l’incident 2026-000123 (Lampe éteinte), Ici"
    )
    assert "Durand" not in str(called)


def test_values_that_are_catalogue_keys_are_put_into_words() -> None:
    words = {"notification.k": "{what} !", "lighting.alarm.cabinet_lost": "Armoire perdue"}
    assert write_title("k", {"what": "lighting.alarm.cabinet_lost"}, words) == "Armoire perdue !"


def test_a_link_leads_to_the_incident() -> None:
    assert address_of("incident:0190") == "#/incidents/0190"
    assert address_of("glass:1") == ""


@pytest.mark.parametrize(
    ("way", "address"),
    [("mail", "claire@ville.example"), ("sms", "06 39 98 10 01"), ("webhook", "https://hook.example/x?y=1")],
)
def test_an_address_of_its_kind_passes(way: str, address: str) -> None:
    assert decide_address(way, f" {address} ") == address  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("way", "address"),
    [
        ("mail", "a@b.example\r\nBcc: c@d.example"),
        ("mail", "claire"),
        ("sms", "17"),
        ("webhook", "http://hook.example"),
        ("webhook", "https://user@hook.example"),
        ("webhook", "https://"),
    ],
)
def test_what_is_no_address_is_refused(way: str, address: str) -> None:
    with pytest.raises(Refused):
        decide_address(way, address)  # type: ignore[arg-type]
