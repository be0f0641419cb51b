"""People and the post work on incidents through the real door; who may not, may not."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from ondijon.control_room.incidents.manifest import ROOM
from ondijon.control_room.incidents.tests.conftest import (
    AMINE,
    CATALOGUE,
    CLAIRE,
    HERE,
    LOCAL,
    LOOKER,
    ROADS,
    SPOT,
    SPOT_THERE,
    THERE,
    IncidentRoom,
)
from ondijon.kernel.errors import NotAllowed, NotFound, OndijonError, Refused
from ondijon.kernel.identity import THE_POST
from ondijon.runtime.room_door import ROOM_SUBJECT
from ondijon.testing.builders import lamp

pytestmark = pytest.mark.engines


async def test_an_incident_gets_a_number_its_commune_and_the_promise_of_its_type(room: IncidentRoom) -> None:
    opened = await room.do(CLAIRE, "open", type="roads.pothole", title="Trou", place=SPOT)
    row = await room.get(UUID(opened["id"]))
    assert opened["number"] == row["number"] == "2026-000001"
    assert (row["commune"], row["trade"], row["state"]) == (HERE, "roads", "reported")
    assert (row["respond_limit_s"], row["resolve_limit_s"]) == (86_400, 864_000)
    (fact,) = await room.facts("incident.opened")
    assert fact["subject"] == f"incident:{opened['id']}"
    assert fact["payload"]["what"] == "Nid-de-poule"
    assert "Trou" not in str(dict(fact))


async def test_the_commune_said_by_the_asker_does_not_count(room: IncidentRoom) -> None:
    incident = await room.open(place={**SPOT, "commune": THERE})
    assert (await room.get(incident))["commune"] == HERE


async def test_numbers_begin_anew_with_the_citys_year_not_with_the_utc_year(room: IncidentRoom) -> None:
    room.clock.at = datetime(2026, 12, 31, 22, 59, tzinfo=UTC)
    await room.open()
    room.clock.at = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert (await room.get(await room.open()))["number"] == "2027-000001"


async def test_numbers_have_no_gap_when_an_opening_fails(room: IncidentRoom) -> None:
    await room.open()
    with pytest.raises(Refused, match="place_outside"):
        await room.open(place={"lon": 2.0, "lat": 48.0})
    with pytest.raises(NotAllowed):
        await room.open(LOOKER)
    assert (await room.get(await room.open()))["number"] == "2026-000002"


async def test_the_same_intent_twice_opens_one_incident(room: IncidentRoom) -> None:
    key = UUID(int=77)
    first = await room.do(CLAIRE, "open", key, type="roads.pothole", place=SPOT)
    assert await room.do(CLAIRE, "open", key, type="roads.pothole", place=SPOT) == first
    assert len(await room.facts("incident.opened")) == 1


async def test_a_card_brings_type_and_place_and_has_one_incident_whoever_asks(room: IncidentRoom) -> None:
    card = await room.card(1)
    first, second = await asyncio.gather(
        room.do(CLAIRE, "open", card=str(card)), room.do(THE_POST, "open", card=str(card))
    )
    assert first == second
    row = await room.get(UUID(first["id"]))
    assert (row["type"], row["commune"]) == ("lighting.cabinet_lost", HERE)
    held = await room.rows.fetch_one("SELECT incident FROM alarm_cards WHERE id = $1", card)
    assert held is not None
    assert held["incident"] == row["id"]
    assert len(await room.facts("incident.opened")) == 1


async def test_a_card_gets_a_new_incident_when_its_former_one_is_over(room: IncidentRoom) -> None:
    card = await room.card(1)
    first = await room.open(type=None, place=None, card=str(card))
    await room.step(CLAIRE, "resolve", first, text="Réarmé")
    second = await room.open(type=None, place=None, card=str(card))
    assert second != first


async def test_a_card_comes_back_to_its_open_incident_through_merges_and_never_to_one_that_is_over(
    room: IncidentRoom,
) -> None:
    first, again, late = await room.card(1), await room.card(2), await room.card(3)
    old = await room.open(type=None, place=None, card=str(first))
    new = await room.open(type="lighting.street_dark")
    await room.step(CLAIRE, "merge", old, into=str(new))
    for _ in range(2):
        await room.do(THE_POST, "add_source", id=str(old), kind="alarm", source=str(again))
    held = await room.rows.fetch("SELECT source FROM incident_sources WHERE incident = $1 AND kind = 'alarm'", new)
    assert {row["source"] for row in held} == {str(first), str(again)}
    other = await room.open()
    with pytest.raises(Refused, match="card_has_incident"):
        await room.do(CLAIRE, "add_source", id=str(other), kind="alarm", source=str(again))
    await room.step(CLAIRE, "resolve", new, text="Rétabli")
    with pytest.raises(Refused, match="incident_over"):
        await room.do(THE_POST, "add_source", id=str(old), kind="alarm", source=str(late))
    await room.do(CLAIRE, "add_source", id=str(other), kind="alarm", source=str(again))


async def test_a_card_that_may_not_be_seen_does_not_exist(room: IncidentRoom) -> None:
    card = await room.card(1, commune=THERE)
    with pytest.raises(NotFound, match="card_not_found"):
        await room.open(LOCAL, card=str(card))


async def test_of_two_operators_who_take_it_at_once_one_wins_and_the_other_reads_who(room: IncidentRoom) -> None:
    incident = await room.open()
    results = await asyncio.gather(
        *(room.do(actor, "take", id=str(incident), version=1) for actor in (CLAIRE, AMINE)), return_exceptions=True
    )
    (lost,) = [one for one in results if isinstance(one, Refused)]
    winner = CLAIRE if (await room.get(incident))["owner"] == CLAIRE.pseudonym else AMINE
    assert lost.key == "error.changed_meanwhile"
    assert lost.values == {"by": winner.name}
    assert len(await room.facts("incident.taken")) == 1
    assert sum(b'"incidents"' in said for said in room.bench.bus.said_on(ROOM_SUBJECT)) == 2  # opened, taken


async def test_eight_at_once_change_it_one_after_another(room: IncidentRoom) -> None:
    incident = await room.open()
    results = await asyncio.gather(
        *(room.do(CLAIRE, "start", id=str(incident), version=1, text=f"{n}") for n in range(8)), return_exceptions=True
    )
    assert sum(isinstance(one, dict) for one in results) == 1
    assert {one.key for one in results if isinstance(one, OndijonError)} == {"error.changed_meanwhile"}
    assert await room.version(incident) == 2


@pytest.mark.parametrize("act", ["take", "start", "resolve", "comment", "add_source"])
async def test_what_is_elsewhere_or_of_another_trade_does_not_exist(room: IncidentRoom, act: str) -> None:
    elsewhere = await room.open(type="noise.nuisance", place=SPOT_THERE)
    payloads: dict[str, dict[str, Any]] = {
        "take": {"version": 1},
        "start": {"version": 1},
        "resolve": {"version": 1, "text": "x"},
        "comment": {"text": "x"},
        "add_source": {"kind": "patrol", "source": "x"},
    }
    payload = payloads[act]
    for actor in (LOCAL, ROADS):
        with pytest.raises(NotFound, match="incident_not_found"):
            await room.do(actor, act, id=str(elsewhere), **payload)
    with pytest.raises(NotAllowed):
        await room.do(LOOKER, act, id=str(elsewhere), **payload)
    with pytest.raises(NotFound, match="incident_not_found"):
        await room.do(CLAIRE, act, id=str(UUID(int=5)), **payload)


async def test_from_report_to_close_the_course_and_the_clocks_are_kept(room: IncidentRoom) -> None:
    incident = await room.open(severity=3)
    room.clock.advance(60)
    await room.step(CLAIRE, "qualify", incident, type="roads.obstacle", severity=2, title="Gravats")
    room.clock.advance(60)
    await room.step(AMINE, "start", incident)
    room.clock.advance(600)
    with pytest.raises(Refused, match="incident_text_needed"):
        await room.step(AMINE, "resolve", incident, text="  ")
    await room.step(AMINE, "resolve", incident, text="Voie dégagée")
    await room.step(CLAIRE, "close", incident)
    row = await room.get(incident)
    assert (row["state"], row["owner"], row["severity"]) == ("closed", AMINE.pseudonym, 2)
    assert (row["respond_limit_s"], row["respond_used_us"], row["resolve_used_us"]) == (1_200, 120_000_000, 720_000_000)
    assert row["respond_due_at"] is row["resolve_due_at"] is None
    with pytest.raises(Refused, match="incident_step"):
        await room.step(CLAIRE, "start", incident)
    await room.step(CLAIRE, "reopen", incident, text="Encore là")
    row = await room.get(incident)
    assert (row["state"], row["closed_at"], row["resolve_used_us"]) == ("in_progress", None, 720_000_000)


async def test_a_clock_that_runs_out_is_told_once_and_a_pause_stops_it(room: IncidentRoom) -> None:
    incident = await room.open(type="roads.obstacle")  # respond 20 min, resolve 4 h
    room.clock.advance(600)
    until = room.clock.now().replace(hour=22)
    await room.step(CLAIRE, "pause", incident, reason="weather", until=until.isoformat())
    room.clock.advance(3_000)
    await room.run_jobs()
    assert await room.facts("incident.breached_respond", "incident.resumed") == []
    room.clock.at = until
    room.clock.advance(3)
    await room.run_jobs()
    row = await room.get(incident)
    assert row["respond_since"] == until
    assert len(await room.facts("incident.resumed")) == 1
    room.clock.advance(600)
    for _ in range(3):
        await room.run_jobs()
    (breach,) = await room.facts("incident.breached_respond")
    assert (breach["payload"]["limit_min"], breach["trade"], breach["actor"]) == (20, "roads", THE_POST.pseudonym)
    room.clock.advance(4 * 3_600)
    await room.run_jobs()
    assert len(await room.facts("incident.breached_respond", "incident.breached_resolve")) == 2


async def test_a_pause_must_end_in_the_time_to_come(room: IncidentRoom) -> None:
    incident = await room.open()
    with pytest.raises(Refused, match="pause_until"):
        await room.step(CLAIRE, "pause", incident, reason="weather", until="2026-11-20T20:00:00Z")
    with pytest.raises(Refused, match="pause_until"):
        await room.step(CLAIRE, "pause", incident, reason="weather", until="2027-11-20T20:00:00Z")


async def test_merging_brings_everything_and_splitting_takes_some_of_it_out(room: IncidentRoom) -> None:
    card = await room.card(1)
    old = await room.open(type=None, place=None, card=str(card))
    call = UUID(int=900)
    await room.do(CLAIRE, "add_source", id=str(old), kind="call", source=str(call))
    await room.do(CLAIRE, "link_asset", id=str(old), twin=lamp(0, 1))
    new = await room.open(type="lighting.street_dark")
    await room.step(CLAIRE, "merge", old, into=str(new), reason="Même panne")
    assert (await room.get(old))["merged_into"] == new
    held = await room.rows.fetch("SELECT * FROM incident_sources WHERE incident = $1", new)
    assert {(row["kind"], row["source"]) for row in held} == {
        ("alarm", str(card)), ("call", str(call)), ("incident", str(old)),
    }  # fmt: skip
    moved = [row["payload"]["call"] for row in await room.facts("incident.linked") if "call" in row["payload"]]
    assert moved == [str(call), str(call)]
    chosen = [str(row["id"]) for row in held if row["kind"] == "alarm"]
    split = await room.step(CLAIRE, "split", new, sources=chosen, title="Autre", reason="Deux causes")
    fresh = UUID(split["id"])
    (source,) = await room.rows.fetch("SELECT * FROM incident_sources WHERE incident = $1", fresh)
    assert (source["kind"], source["origin"]) == ("alarm", old)
    on_card = await room.rows.fetch_one("SELECT incident FROM alarm_cards WHERE id = $1", card)
    assert on_card is not None
    assert on_card["incident"] == fresh
    moves = await room.rows.fetch("SELECT step FROM incident_source_moves ORDER BY at, id")
    assert [row["step"] for row in moves].count("merge") == 2
    assert [row["step"] for row in moves].count("split") == 1


async def test_merging_two_into_each_other_at_once_ends_with_one_open(room: IncidentRoom) -> None:
    one, other = await room.open(), await room.open()
    await asyncio.gather(
        room.do(CLAIRE, "merge", id=str(one), version=1, into=str(other)),
        room.do(AMINE, "merge", id=str(other), version=1, into=str(one)),
        return_exceptions=True,
    )
    states = sorted([(await room.get(one))["state"], (await room.get(other))["state"]])
    assert states == ["merged", "reported"]


async def test_handing_over_needs_an_outside_body_and_a_name_or_reference(room: IncidentRoom) -> None:
    incident, grid, own = await room.open(), await room.contact(1), await room.contact(2, "service")
    with pytest.raises(Refused, match="not_outside"):
        await room.do(CLAIRE, "hand_over", id=str(incident), contact=str(own), name="Paul")
    with pytest.raises(Refused, match="hand_over_needs_name"):
        await room.do(CLAIRE, "hand_over", id=str(incident), contact=str(grid))
    with pytest.raises(NotFound, match="contact_not_found"):
        await room.do(CLAIRE, "hand_over", id=str(incident), contact=str(UUID(int=4)), name="Paul")
    for reference in ("E-1", "E-2"):
        await room.do(
            CLAIRE, "hand_over", id=str(incident), contact=str(grid), name="Paul Durand", reference=reference, text="ok"
        )
    rows = await room.rows.fetch("SELECT * FROM incident_participants ORDER BY at, id")
    assert [(row["reference"], row["released_at"] is None) for row in rows] == [("E-1", False), ("E-2", True)]
    facts = await room.facts("incident.handed_over")
    assert [fact["payload"]["who"] for fact in facts] == ["Contact 1", "Contact 1"]
    assert "Durand" not in str([dict(fact) for fact in await room.rows.fetch("SELECT * FROM events")])


async def test_only_who_may_see_it_is_called_by_name_and_what_was_said_is_in_no_fact(room: IncidentRoom) -> None:
    incident = await room.open(type="noise.nuisance")
    with pytest.raises(Refused, match="no_such_colleague"):
        await room.do(CLAIRE, "comment", id=str(incident), text="?", mentions=["roads"])
    with pytest.raises(Refused, match="no_such_colleague"):
        await room.do(CLAIRE, "comment", id=str(incident), text="?", mentions=["nobody"])
    await room.do(CLAIRE, "comment", id=str(incident), text="Mme Durand rappelle", mentions=["looker", "amine"])
    (fact,) = await room.facts("incident.mentioned")
    assert fact["payload"]["people"] == [str(LOOKER.pseudonym), str(AMINE.pseudonym)]
    assert "Durand" not in str([dict(row) for row in await room.rows.fetch("SELECT * FROM events")])


async def test_it_is_assigned_only_to_who_may_handle_it(room: IncidentRoom) -> None:
    incident = await room.open()
    with pytest.raises(Refused, match="no_such_colleague"):
        await room.step(CLAIRE, "assign", incident, username="looker")
    await room.step(CLAIRE, "assign", incident, username="amine")
    assert (await room.get(incident))["owner"] == AMINE.pseudonym
    await room.step(AMINE, "release", incident)
    with pytest.raises(Refused, match="not_owned"):
        await room.step(AMINE, "release", incident)


async def test_another_place_and_trade_need_the_right_there(room: IncidentRoom) -> None:
    incident = await room.open(LOCAL)
    with pytest.raises(NotFound):
        await room.step(LOCAL, "qualify", incident, type="roads.pothole", severity=3, place=SPOT_THERE)
    with pytest.raises(NotFound):
        await room.step(ROADS, "qualify", incident, type="noise.nuisance", severity=3)
    await room.step(CLAIRE, "qualify", incident, type="noise.nuisance", severity=3, place=SPOT_THERE)
    row = await room.get(incident)
    assert (row["trade"], row["commune"], row["state"]) == ("noise", THERE, "qualified")


async def test_a_changed_type_is_a_new_version_and_open_incidents_keep_theirs(room: IncidentRoom) -> None:
    incident = await room.open()
    changed = [
        {**one, "respond_s": 60} if one["key"] == "roads.pothole" else one
        for one in CATALOGUE["types"]
        if one["key"] != "winter.ice"
    ]
    for _ in range(2):
        async with room.bench.door.desk(THE_POST) as desk:
            await ROOM.seeds[0].load(desk, {**CATALOGUE, "types": changed})
    row = await room.get(incident)
    assert (row["type_version"], row["respond_limit_s"]) == (1, 86_400)
    again = await room.get(await room.open())
    assert (again["type_version"], again["respond_limit_s"]) == (2, 60)
    with pytest.raises(Refused, match="incident_type_unknown"):
        await room.open(type="winter.ice")
    kept = await room.rows.fetch("SELECT version FROM incident_types WHERE key = 'roads.pothole'")
    assert len(kept) == 2


async def test_an_object_of_the_city_gives_the_place(room: IncidentRoom) -> None:
    incident = await room.open(type="lighting.lamp_out", place=None, twin=lamp(0, 2))
    row = await room.get(incident)
    assert (row["commune"], row["twin"], row["street"]) == (HERE, lamp(0, 2), "Rue de l’Œuvre 0")
    (asset,) = await room.rows.fetch("SELECT twin FROM incident_assets WHERE incident = $1", incident)
    assert asset["twin"] == lamp(0, 2)
    with pytest.raises(NotFound, match="twin_not_found"):
        await room.open(ROADS, place=SPOT, twin=lamp(0, 2))


async def test_a_file_belongs_to_who_sent_it_until_it_is_attached(room: IncidentRoom) -> None:
    incident, file = await room.open(), UUID(int=60)
    await room.rows.execute(
        """INSERT INTO incident_files (id, name, media_type, bytes, sha256, content, by, at)
           VALUES ($1, 'a.txt', 'text/plain', 1, '', 'a', $2, $3)""",
        file,
        AMINE.pseudonym,
        room.clock.now(),
    )
    with pytest.raises(NotFound, match="file_not_found"):
        await room.do(CLAIRE, "attach", id=str(incident), file=str(file))
    await room.do(AMINE, "attach", id=str(incident), file=str(file))
    room.clock.advance(7_200)
    await room.run_jobs()
    assert len(await room.rows.fetch("SELECT id FROM incident_files")) == 1
