"""The directory as each person may see it."""

from typing import Any
from uuid import UUID

import pytest

from ondijon.apps.console.tests.conftest import OTHER, OWN, Desk

pytestmark = pytest.mark.engines
BEGIN = {"kind": "service", "phone": "03 53 01 10 01", "email": "", "body": "", "note": "", "hours": "24/7"}


async def act(desk: Desk, who: str, act_key: str, number: int, **payload: Any) -> Any:
    body = {"key": act_key, "payload": payload, "idempotency_key": str(UUID(int=number << 64))}
    return await desk.ask("POST", "/api/acts", who, body)


async def save(desk: Desk, number: int, **fields: Any) -> str:
    answer = await act(desk, "chief", "directory.save", number, **{**BEGIN, **fields})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["result"]["id"])


@pytest.fixture
async def full(desk: Desk) -> Desk:
    """Police everywhere, a crew for lamps in one's own commune, one in the other, a crew for water."""
    await save(desk, 1, key="police_17", kind="emergency", name="Police secours", phone="17")
    await save(desk, 2, key="lighting_crew", name="Équipe d’ici", trades=["lamps"], communes=[OWN])
    await save(desk, 3, key="lighting_crew", name="Équipe d’ailleurs", trades=["lamps"], communes=[OTHER])
    await save(
        desk, 4, key="lighting_crew", kind="on_call", name="Astreinte", trades=["lamps"], hours="Mo-Fr 18:00-08:00"
    )
    await save(desk, 5, key="water_operator", name="Eau", trades=["water"], communes=[OWN])
    return desk


async def names(desk: Desk, who: str, query: str = "") -> list[str]:
    answer = await desk.ask("GET", f"/api/directory{query}", who)
    assert answer.status_code == 200
    return [contact["name"] for contact in answer.json()]


async def test_one_sees_who_serves_ones_own_ground_and_trades(full: Desk) -> None:
    assert await names(full, "observer") == [
        "Équipe d’ailleurs", "Équipe d’ici", "Astreinte", "Police secours", "Eau",
    ]  # fmt: skip
    assert await names(full, "local") == ["Équipe d’ici", "Astreinte", "Police secours"]
    assert await names(full, "stranger") == []
    assert (await full.ask("GET", "/api/directory")).status_code == 401


async def test_a_commune_asked_for_puts_its_own_first(full: Desk) -> None:
    answer = await full.ask("GET", f"/api/directory?commune={OTHER}&key=lighting_crew", "chief")
    assert [(one["name"], one["open_now"], one["first"]) for one in answer.json()] == [
        ("Équipe d’ailleurs", True, True),
        ("Astreinte", False, False),
    ]
    assert answer.json()[1]["until"] == "2026-11-23T17:00:00Z"


async def test_words_find_contacts_whatever_their_accents(full: Desk) -> None:
    assert await names(full, "chief", "?q=EQUIPE+ICI") == ["Équipe d’ici"]
    assert await names(full, "chief", "?q=fenay-1") == ["Équipe d’ailleurs"]
    assert await names(full, "chief", "?q=0353011001&trade=water") == ["Eau"]
    assert await names(full, "chief", "?q=lighting_crew&now=true") == ["Équipe d’ailleurs", "Équipe d’ici"]
    assert await names(full, "chief", "?q=personne") == []


async def test_the_person_behind_a_contact_is_for_those_who_handle_incidents_there(full: Desk) -> None:
    grants = [{"role": "o", "communes": ["*"], "trades": ["*"], "verbs": ["see", "handle", "configure"]}]
    await full.rows.execute("UPDATE users SET grants = $1 WHERE username = 'second'", grants)
    person = {"name": "Paul Durand", "phone": "06 39 98 10 01"}
    fields = {**BEGIN, "key": "it_service", "name": "Informatique", "person": person}
    answer = await act(full, "second", "directory.save", 10, **fields)
    assert answer.status_code == 200, answer.text
    seen = {}
    for who in ("second", "chief", "observer"):
        (contact,) = (await full.ask("GET", "/api/directory?key=it_service", who)).json()
        seen[who] = (contact["person"] or {}).get("name"), contact["may_save"]
    assert seen == {"second": ("Paul Durand", True), "chief": (None, True), "observer": (None, False)}


async def test_saving_over_somebody_else_is_a_conflict_that_names_them(full: Desk) -> None:
    (contact,) = (await full.ask("GET", "/api/directory?key=police_17", "chief")).json()
    fields = {**BEGIN, "key": "police_17", "kind": "emergency", "name": "Police secours", "phone": "17"}
    first = await act(full, "second", "directory.save", 20, **fields, id=contact["id"], version=1)
    assert first.json()["result"]["version"] == 2
    late = await act(full, "chief", "directory.save", 21, **fields, id=contact["id"], version=1)
    assert late.status_code == 409
    assert late.json()["error"] == {"key": "error.changed_meanwhile", "values": {"by": "Second"}}


async def test_a_local_engineer_changes_local_contacts_only(full: Desk) -> None:
    found = {one["name"]: one for one in (await full.ask("GET", "/api/directory", "chief")).json()}
    codes = []
    for number, name in enumerate(["Équipe d’ici", "Astreinte", "Eau"]):
        answer = await act(full, "local", "directory.retire", 30 + number, id=found[name]["id"])
        codes.append(answer.status_code)
    assert codes == [200, 403, 404]
