"""Which cards become incidents by themselves, and what happens when the same trouble comes back."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from ondijon.automations.alarm_to_incident import RULE, decide
from ondijon.kernel.automation import Past, Performed, WantedAct
from ondijon.kernel.events import Event

NOW = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
CARD_ID = "0190aaaa-0000-7000-8000-000000000001"
INCIDENT = "0190bbbb-0000-7000-8000-000000000002"


def raised(priority: int, kind: str = "single", key: str = "card.raised") -> Event:
    payload = {"type": "lighting.cabinet_lost", "kind": kind, "element": "A-112", "members": 1, "priority": priority}
    return Event(UUID(int=1), key, NOW, "21231", "urn:x", payload, "lighting", f"card:{CARD_ID}")


def past(*performed: Performed) -> Past:
    return Past(NOW, performed)


@pytest.mark.parametrize(
    ("priority", "kind", "opens"),
    [(1, "single", True), (2, "single", True), (2, "cabinet", True), (3, "feeder", True), (3, "cabinet", False)],
)
def test_what_cannot_wait_becomes_an_incident(priority: int, kind: str, opens: bool) -> None:
    assert [act.key for act in decide(raised(priority, kind), ())] == (["incidents.open"] if opens else [])


def test_the_card_says_what_and_where() -> None:
    (act,) = decide(raised(1), ())
    assert act.payload == {"card": CARD_ID} and act.because == "automation.alarm_to_incident.stands"


def test_what_comes_back_within_the_hour_joins_its_incident_or_opens_one_when_that_is_closed() -> None:
    opened = Performed(WantedAct("incidents.open", {"card": "other"}, "x"), {"id": INCIDENT, "number": "2026-000001"})
    (act,) = decide(raised(1), (past(opened),))
    assert act.key == "incidents.add_source"
    assert act.payload == {"id": INCIDENT, "kind": "alarm", "source": CARD_ID}
    assert act.otherwise is not None and act.otherwise.key == "incidents.open"
    added = Performed(act, {})
    assert decide(raised(1), (past(added), past(opened)))[0].payload["id"] == INCIDENT


def test_a_refused_opening_is_not_taken_for_an_incident() -> None:
    refused = Performed(WantedAct("incidents.open", {"card": "other"}, "x"), None, "error.incident_type_needed")
    assert decide(raised(1), (past(refused),))[0].key == "incidents.open"


def test_the_same_cause_at_the_same_element_is_one_thread() -> None:
    assert RULE.thread is not None
    assert RULE.thread(raised(1, "feeder")) == RULE.thread(raised(2, "feeder", "card.raised_again"))
    assert RULE.thread(raised(1, "feeder")) != RULE.thread(raised(1, "cabinet"))


def test_a_fact_about_no_card_wants_nothing() -> None:
    assert decide(Event(UUID(int=1), "card.raised", NOW, None, None, {"priority": 1}), ()) == ()
