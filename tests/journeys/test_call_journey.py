"""A call becomes an incident with a promise, and the caller comes back on the list when it is over."""

import pytest

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
DETAIL = "#detail"
NUMBER = "0639980042"
ADDRESS = """SELECT a.number, s.name FROM addresses a JOIN streets s USING (street_id)
    WHERE s.commune = '21166' AND a.number ~ '^[0-9]+$' ORDER BY s.name, a.number LIMIT 1"""
LAST_CALL = """SELECT c.id::text AS id, c.call_no, c.state FROM calls c ORDER BY c.rang_at DESC LIMIT 1"""
INCIDENT_OF = """SELECT i.id::text AS id, i.version, i.number FROM incidents i
    JOIN incident_sources o ON o.incident = i.id WHERE o.kind = 'call' AND o.source::text = $1"""


def act(post: RunningPost, key: str, payload: dict[str, object], intent: str) -> None:
    """An act by the shift leader, past the screen."""
    post.desk("claire").post("/api/acts", {"key": key, "payload": payload, "idempotency_key": intent})


def fill_card(seat: Seat, number: str, street: str) -> None:
    """What the caller says, typed as it comes."""
    seat.tab_to("Type d’incident")
    seat.type("nid-de")
    seat.page.locator("#incident-types [role=option]").filter(has_text="Nid-de-poule").wait_for()
    seat.press("Enter")
    seat.tab_to("Lieu")
    seat.type(f"{number} {street} chenove")
    seat.page.locator("#detail [role=option]").filter(has_text=street).first.wait_for()
    seat.press("Enter")
    seat.tab_to("Ce qui est dit")
    seat.type("Un trou devant le portail, une cycliste est tombée.")
    seat.tab_to("Numéro")
    seat.type(NUMBER)
    seat.tab_to("Nom")
    seat.type("Mme Exemple")
    seat.see("Tout est enregistré", DETAIL)


def promise(seat: Seat) -> None:
    # The card opens with the cursor in its first field; Escape leaves the fields for the keys of the panel.
    cursor = seat.page.locator("#detail form input:focus")
    cursor.wait_for()
    seat.press("Escape")
    cursor.wait_for(state="detached")
    seat.press("y")
    seat.page.locator("dialog textarea").wait_for()
    seat.tab_to("Ce qui a été promis")
    seat.type("Un agent passe demain et vous rappelle.")
    seat.tab_to("Noter la promesse")
    seat.press("Enter")
    seat.see("Un agent passe demain", DETAIL)


def test_a_call_becomes_an_incident_with_a_promise_and_comes_back_to_be_called(night: RunningPost, amine: Seat) -> None:
    place = night.rows(ADDRESS)[0]
    amine.press("q")
    amine.page.locator("#detail form #place-text").wait_for()
    amine.see("Appel n°", DETAIL)
    call = night.rows(LAST_CALL)[0]
    fill_card(amine, place["number"], place["name"])

    amine.press("Escape", "c")
    amine.page.locator("dialog #incident-type").wait_for()
    amine.tab_to("Ouvrir l’incident")
    amine.press("Enter")
    until("the incident is there", lambda: len(night.rows(INCIDENT_OF, call["id"])) == 1, 15)
    incident = night.rows(INCIDENT_OF, call["id"])[0]

    # The incident's own panel comes first and carries its number too: only then back to the call.
    amine.page.locator("#detail .steps").wait_for()
    amine.ask(f"location.hash = '#/calls/{call['id']}'")
    amine.page.locator("#detail form #place-text").wait_for()
    amine.see(incident["number"], DETAIL)
    promise(amine)
    amine.press("e")
    amine.see("terminé", DETAIL)

    act(
        night,
        "incidents.resolve",
        {"id": incident["id"], "version": incident["version"], "text": "Chaussée reprise."},
        "0191d5a0-0000-7000-8000-0000000000c1",
    )
    amine.see("À rappeler : l’incident est terminé", DETAIL)
    amine.press("z")
    amine.page.locator("dialog input[type=radio]").first.wait_for()
    amine.tab_to("Noter")
    amine.press("Enter")
    amine.see("L’appelant a été rappelé.", DETAIL)
    # Who called stands in one table only: no fact, line or audit names the number or the person.
    for table, column in (("events", "payload"), ("audit", "detail"), ("logbook_texts", "text")):
        assert night.count(f"SELECT count(*) FROM {table} WHERE {column}::text ~ '{NUMBER[1:]}|Exemple'") == 0  # noqa: S608
