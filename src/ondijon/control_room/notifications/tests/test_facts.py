"""A draft says whom a fact concerns, where, how urgently, and how long it has waited; an address has its shape."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec import structs

from ondijon.control_room.notifications.manifest import ROOM
from ondijon.control_room.notifications.model import Draft, Staff, Way
from ondijon.control_room.notifications.rules.addresses import decide_address
from ondijon.control_room.notifications.rules.audience import (
    choose_leaders,
    choose_people,
    choose_ways,
    ways_of_contact,
)
from ondijon.control_room.notifications.rules.facts import (
    APPROVAL_AFTER,
    FOLLOWED,
    address_of,
    decide_draft,
    draft_of_card,
    draft_of_command,
    write_title,
)
from ondijon.control_room.notifications.tests.test_audience import HERE, KNOWN, THERE, draft, numbers, staff
from ondijon.kernel.errors import Refused
from ondijon.kernel.events import Event
from ondijon.kernel.identity import EVERY, Grant

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)
NAMES = {HERE: "Ici", THERE: "Là-bas", "21003": "Trois", "21004": "Quatre"}
ABOUT: dict[str, str | int | float] = {"number": "2026-000123", "what": "Lampe éteinte", "place": "Ici"}


def event(key: str, **payload: Any) -> Event:
    told = {"number": "2026-000123", "what": "Lampe éteinte", **payload}
    return Event(UUID(int=9), key, NOW, HERE, None, told, "lighting", "incident:7", ONE)


@pytest.mark.parametrize("key", ["incident.mentioned", "incident.assigned"])
def test_those_called_are_told_by_name_without_haste(key: str) -> None:
    told = decide_draft(event(key, people=[str(ONE), str(TWO)]), NAMES)
    assert told == Draft(key, "incident:7", "lighting", HERE, ABOUT, people=(ONE, TWO), by=ONE)


@pytest.mark.parametrize("key", ["incident.breached_respond", "incident.breached_resolve"])
def test_a_broken_promise_is_urgent_for_its_owner_or_for_all_who_may_work_on_it(key: str) -> None:
    told = decide_draft(event(key, people=[str(TWO)], limit_min=10.0), NAMES)
    assert told == Draft(
        key, "incident:7", "lighting", HERE, ABOUT | {"minutes": 10}, urgent=True, people=(TWO,), verb="handle"
    )
    nobodys = decide_draft(event(key, limit_min=10), NAMES)
    assert nobodys is not None and nobodys.people == ()


def test_broken_glass_is_told_at_once_to_those_who_audit_but_not_to_who_broke_it() -> None:
    glass = Event(UUID(int=9), "identity.glass_broken", NOW, None, None, {"minutes": 30}, "identity", "glass:1", ONE)
    assert decide_draft(glass, NAMES) == Draft(
        "identity.glass_broken", "glass:1", "identity", None, {"minutes": 30}, urgent=True, verb="audit", by=ONE
    )


@pytest.mark.parametrize(("people", "verb"), [((TWO,), None), ((), "answer")])
def test_a_promise_to_a_caller_that_was_not_kept_is_told_to_who_took_the_call(
    people: tuple[UUID, ...], verb: str | None
) -> None:
    payload = {"call_no": 12, "people": [str(one) for one in people]}
    broken = Event(UUID(int=9), "call.promise_broken", NOW, HERE, None, payload, "calls", "call:7", ONE)
    values = {"number": 12, "place": "Ici"}
    told = decide_draft(broken, NAMES)
    assert told is not None and (told.key, told.subject, told.trade, told.commune, told.values) == (
        "call.promise_broken",
        "call:7",
        "calls",
        HERE,
        values,
    )
    assert (told.people, told.verb, told.urgent) == (people, verb, False)
    assert address_of(told.subject) == "#/calls/7"


def test_what_has_no_place_no_trade_or_no_subject_is_told_without_it() -> None:
    bare = structs.replace(event("incident.mentioned"), commune=None, trade=None, subject=None)
    assert decide_draft(bare, NAMES) == Draft("incident.mentioned", "", "", None, ABOUT | {"place": ""}, by=ONE)
    far = decide_draft(structs.replace(bare, commune="99999"), NAMES)
    assert far is not None and far.values["place"] == ""


TOLD = (
    "incident.mentioned", "incident.assigned", "incident.breached_respond", "incident.breached_resolve",
    "identity.glass_broken", "call.promise_broken",
)  # fmt: skip


def test_what_is_followed_is_what_makes_a_draft() -> None:
    for key in TOLD:
        assert decide_draft(event(key, people=[], limit_min=1, minutes=5, call_no=1), NAMES) is not None
        assert sum(key.startswith(followed) for followed in FOLLOWED) == 1
    for key in ("incident.commented", "incident.breach", "call.ended"):
        assert decide_draft(event(key, people=[]), NAMES) is None
        assert not key.startswith(FOLLOWED)


def card(*communes: str) -> dict[str, Any]:
    return {
        "id": TWO, "type": "lighting.cabinet_lost", "trade": "lighting", "element": "A-112",
        "raised_at": NOW - timedelta(minutes=4, seconds=59), "communes": list(communes),
    }  # fmt: skip


def test_a_card_nobody_acknowledged_is_told_once_to_those_who_could() -> None:
    about: dict[str, str | int | float] = {
        "what": "lighting.alarm.cabinet_lost", "element": "A-112", "place": "Ici", "minutes": 4
    }  # fmt: skip
    assert draft_of_card(card(HERE), NOW, NAMES) == Draft(
        "card.unacknowledged", f"card:{TWO}", "lighting", HERE, about, urgent=True, verb="acknowledge",
        communes=(HERE,), cause=f"card.unacknowledged:{TWO}",
    )  # fmt: skip


@pytest.mark.parametrize(("waited_s", "minutes"), [(240, 4), (299, 4), (300, 5)])
def test_only_whole_minutes_are_told(waited_s: int, minutes: int) -> None:
    waiting = card(HERE) | {"raised_at": NOW - timedelta(seconds=waited_s)}
    assert draft_of_card(waiting, NOW, NAMES).values["minutes"] == minutes


def test_what_spreads_over_communes_names_three_of_them_and_stands_in_none() -> None:
    spread = draft_of_card(card(HERE, THERE, "21003", "21004"), NOW, NAMES)
    assert (spread.commune, spread.values["place"]) == (None, "Ici, Là-bas, Trois")
    assert spread.communes == (HERE, THERE, "21003", "21004")
    assert draft_of_card(card("99999", HERE), NOW, NAMES).values["place"] == "99999, Ici"
    assert draft_of_card(card(), NOW, NAMES).commune is None


def test_an_order_that_waits_is_told_once_to_those_who_may_approve_it_everywhere_but_not_to_who_asked() -> None:
    order = {
        "id": TWO, "key": "lighting.dim", "trade": "lighting", "issuer": ONE, "communes": [HERE],
        "requested_at": NOW - timedelta(minutes=6),
    }  # fmt: skip
    about: dict[str, str | int | float] = {"what": "lighting.command.dim", "place": "Ici", "minutes": 6}
    expected = Draft(
        "command.awaiting_approval", f"command:{TWO}", "lighting", HERE, about, urgent=True, verb="approve",
        communes=(HERE,), everywhere=True, by=ONE, cause=f"command.awaiting_approval:{TWO}",
    )  # fmt: skip
    assert draft_of_command(order, NOW, NAMES) == expected
    wide = draft_of_command(order | {"communes": [HERE, THERE, "21003", "21004"]}, NOW, NAMES)
    assert (wide.commune, wide.values["place"]) == (None, "Ici, Là-bas, Trois")
    assert timedelta(minutes=5) == APPROVAL_AFTER


def test_numbers_in_a_title_stay_numbers_and_links_lead_below_the_console() -> None:
    assert write_title("k", {"n": 4, "what": "a"}, {"notification.k": "{n} × {what}", "a": "b"}) == "4 × b"
    assert address_of("card:1:2") == "#/alarms/1:2"
    assert address_of("") == address_of("command:1") == ""


def test_all_who_may_are_told_when_nobody_is_named_and_nobody_when_no_right_is() -> None:
    people = [staff(1, "see", "handle"), staff(2, "see", "handle", here=False), staff(3, "see")]
    assert numbers(choose_people(draft(None), people, KNOWN)) == []
    assert numbers(choose_people(draft(people=(UUID(int=2),)), people, KNOWN)) == [2]
    elsewhere = draft(commune=None, communes=())
    assert numbers(choose_people(elsewhere, [staff(4, "see", "handle", communes=(THERE,))], KNOWN)) == [4]


def test_leaders_both_approve_and_see_and_those_in_the_room_come_alone() -> None:
    people = [
        staff(1, "approve"), staff(2, "see"), staff(3, "see", "approve", here=False), staff(4, "see", "approve"),
    ]  # fmt: skip
    assert numbers(choose_leaders(people, "lighting", HERE, [], KNOWN)) == [4]
    assert numbers(choose_leaders(people, "lighting", HERE, [UUID(int=4)], KNOWN)) == [3]


def test_a_right_is_held_where_and_for_what_it_was_given() -> None:
    one = Staff(ONE, (Grant("role", (HERE,), ("lighting",), ("see",)), Grant("role", (EVERY,), ("water",), ())), True)
    assert one.may("see", "lighting", HERE, ()) is True
    assert one.may("see", "lighting", None, KNOWN) is True
    assert not one.may("see", "lighting", THERE, KNOWN)
    assert not one.may("see", "water", HERE, KNOWN)
    assert not one.may("see", "lighting", None, ())


def test_ways_fit_the_haste_and_the_contact() -> None:
    every: tuple[Way, ...] = ("mail", "sms", "webhook")
    assert choose_ways(every, urgent=False) == ["mail", "webhook"]
    assert choose_ways(every, urgent=True) == ["mail", "sms", "webhook"]
    assert ways_of_contact("12 34 56 78", "") == {"sms": "12 34 56 78"}
    assert ways_of_contact("12 34 56 7", "a@b.example") == {"mail": "a@b.example"}


def test_what_is_no_address_is_shown_back_shortened() -> None:
    with pytest.raises(Refused) as told:
        decide_address("mail", f"  {'x' * 90}")
    assert (told.value.key, told.value.values) == ("error.notification_address", {"address": "x" * 80})


def test_the_part_is_called_as_its_acts() -> None:
    assert ROOM.part == "notifications"
