"""Calls behind the real door: the telephone's events, one who takes, promises, calling back, erasure, rights."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ondijon.control_room.calls.manifest import ROOM
from ondijon.control_room.calls.model import LOST_AFTER
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.identity import THE_POST, Actor, Verb
from ondijon.kernel.ports import Row
from ondijon.runtime.retention import erase_due
from ondijon.testing.builders import COMMUNES, person, small_city, small_inventory
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

pytestmark = pytest.mark.engines
ANSWERS: tuple[Verb, ...] = ("see", "answer")
AMINE = person("amine", verbs=ANSWERS)
LEA = person("lea", verbs=ANSWERS)
WATCHER = person("watcher", verbs=("see",))
ELSEWHERE = person("elsewhere", communes=(COMMUNES[1],), verbs=ANSWERS)
NO_CALLS = person("nocalls", trades=("lamps",), verbs=ANSWERS)
INCIDENT = UUID(int=77)
NUMBER = "0380123456"


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def rows(home: Path) -> AsyncIterator[PostgresRows]:
    async with fresh_rows(home) as rows:
        for code, commune in enumerate(small_inventory().communes):
            await rows.execute(
                """INSERT INTO communes (insee, code, name, population, area_km2, lon, lat, boundary)
                   VALUES ($1, $2, $3, 1, 1, $4, $5, '[]')""",
                commune.insee,
                code,
                commune.name,
                *commune.center,
            )
        for one in (AMINE, LEA):
            await rows.execute(
                """INSERT INTO users (user_id, pseudonym, username, name, password_hash, grants)
                   VALUES ($1, $2, $3, $4, '', '[]')""",
                one.user_id,
                one.pseudonym,
                one.username,
                one.name,
            )
        yield rows


@pytest.fixture
async def bench(rows: PostgresRows) -> RoomBench:
    bench = RoomBench(small_city(), rows, SequentialIds(), StillClock(), FakeBus(), ROOM)
    await bench.start()
    return bench


async def ring(bench: RoomBench, event: str, call: str = "c1", after_s: float = 0.0, **more: Any) -> UUID:
    at = bench.clock.now() + timedelta(seconds=after_s)
    payload = {"event": event, "call": call, "at": at.isoformat(), **more}
    return UUID((await bench.do(THE_POST, "calls.hear", payload))["id"])


async def row_of(rows: PostgresRows, call: UUID) -> Row:
    row = await rows.fetch_one("SELECT * FROM calls WHERE id = $1", call)
    assert row is not None
    return row


async def facts(rows: PostgresRows) -> list[str]:
    found = await rows.fetch("SELECT key FROM events WHERE key LIKE 'call.%' ORDER BY event_no")
    return [row["key"].removeprefix("call.") for row in found]


async def save(bench: RoomBench, who: Actor, call: UUID, version: int, **more: Any) -> int:
    return int((await bench.do(who, "calls.save", {"id": str(call), "version": version, **more}))["version"])


async def happen(bench: RoomBench, key: str, incident: UUID, **payload: Any) -> None:
    """A fact about an incident, as the part that keeps incidents tells it."""
    async with bench.door.desk(THE_POST) as desk:
        desk.tell(key, trade="lamps", commune=COMMUNES[0], subject=f"incident:{incident}", payload=payload)
    await bench.follow()


async def a_call_to_call_back(bench: RoomBench, rows: PostgresRows) -> UUID:
    call = UUID((await bench.do(AMINE, "calls.open", {"number": NUMBER}))["id"])
    await happen(bench, "incident.linked", INCIDENT, call=str(call))
    await happen(bench, "incident.resolved", INCIDENT)
    assert (await row_of(rows, call))["call_back"] == "wanted"
    return call


async def test_a_call_rings_is_taken_and_ends(bench: RoomBench, rows: PostgresRows) -> None:
    call = await ring(bench, "ringing", number="03 80 12 34 56")
    bench.clock.advance(9)
    await bench.do(AMINE, "calls.take", {"id": str(call), "version": 1})
    row = await row_of(rows, call)
    assert (row["state"], row["taken_by"]) == ("open", AMINE.pseudonym)
    assert (row["answered_at"] - row["rang_at"]).total_seconds() == 9
    await ring(bench, "ended")
    assert (await row_of(rows, call))["state"] == "ended"
    assert await facts(rows) == ["rang", "answered", "ended"]


async def test_events_in_any_order_and_twice_make_one_call(bench: RoomBench, rows: PostgresRows) -> None:
    bench.clock.advance(100)
    for event, at in (("ended", -10), ("answered", -50), ("ringing", -60), ("answered", -50), ("ended", -10)):
        call = await ring(bench, event, after_s=at, agent="amine")
    row = await row_of(rows, call)
    assert (row["state"], row["taken_by"]) == ("ended", AMINE.pseudonym)
    assert (row["answered_at"] - row["rang_at"]).total_seconds() == 10
    assert len(await rows.fetch("SELECT 1 FROM calls")) == 1
    assert sorted(set(await facts(rows))) == ["abandoned", "answered", "ended", "rang"]


async def test_two_who_take_one_call_have_one_winner(bench: RoomBench, rows: PostgresRows) -> None:
    call = await ring(bench, "ringing")
    await bench.do(AMINE, "calls.take", {"id": str(call), "version": 1})
    with pytest.raises(Refused, match="changed_meanwhile.*Amine"):
        await bench.do(LEA, "calls.take", {"id": str(call), "version": 1})
    assert (await row_of(rows, call))["taken_by"] == AMINE.pseudonym


async def test_only_the_post_hears_the_telephone(bench: RoomBench) -> None:
    with pytest.raises(NotFound, match="unknown_act"):
        await bench.do(AMINE, "calls.hear", {"event": "ringing", "call": "x", "at": bench.clock.now().isoformat()})


async def test_a_withheld_number_is_no_reason_to_lose_the_call(bench: RoomBench, rows: PostgresRows) -> None:
    call = await ring(bench, "ringing", number="anonymous")
    assert (await row_of(rows, call))["state"] == "ringing"
    assert await rows.fetch("SELECT * FROM callers") == []


async def test_a_caller_is_in_no_fact_no_audit_line_and_no_announcement(bench: RoomBench, rows: PostgresRows) -> None:
    call = UUID((await bench.do(AMINE, "calls.open", {"number": NUMBER, "name": "Odile Test"}))["id"])
    await save(bench, AMINE, call, 2, number=NUMBER, name="Odile Test", text="chez moi", answers={"since": "hier"})
    for row in await rows.fetch(
        """SELECT events::text AS line FROM events UNION ALL SELECT audit::text FROM audit
           UNION ALL SELECT acts_done::text FROM acts_done UNION ALL SELECT calls::text FROM calls"""
    ):
        assert all(secret not in row["line"] for secret in (NUMBER, "Odile", "chez moi", "hier"))
    assert not any(b"Odile" in message or NUMBER.encode() in message for _, message in bench.bus.published)


async def test_anonymous_forgets_who_called(bench: RoomBench, rows: PostgresRows) -> None:
    call = await ring(bench, "answered", number=NUMBER)
    version = (await row_of(rows, call))["version"]
    await save(bench, AMINE, call, version, number=NUMBER, anonymous=True)
    await ring(bench, "ended", number=NUMBER)
    assert await rows.fetch("SELECT * FROM callers") == []


async def test_the_commune_comes_from_the_point(bench: RoomBench, rows: PostgresRows) -> None:
    call = UUID((await bench.do(AMINE, "calls.open", {}))["id"])
    center = small_inventory().communes[1].center
    place = {"lon": center[0], "lat": center[1], "commune": COMMUNES[0], "address": "3 rue du Test"}
    await save(bench, AMINE, call, 2, place=place)
    row = await row_of(rows, call)
    assert (row["commune"], row["address"]) == (COMMUNES[1], "3 rue du Test")


async def test_who_may_not_answer_there_neither_sees_nor_moves_a_call(bench: RoomBench, rows: PostgresRows) -> None:
    call = UUID((await bench.do(AMINE, "calls.open", {}))["id"])
    await save(
        bench, AMINE, call, 2, place=dict(zip(("lon", "lat"), small_inventory().communes[0].center, strict=True))
    )
    version = (await row_of(rows, call))["version"]
    for who, problem in ((ELSEWHERE, NotFound), (NO_CALLS, NotFound), (WATCHER, NotAllowed)):
        with pytest.raises(problem):
            await bench.do(who, "calls.end", {"id": str(call), "version": version})
    with pytest.raises(NotFound):
        await bench.do(NO_CALLS, "calls.open", {})
    with pytest.raises(NotAllowed):
        await bench.do(WATCHER, "calls.open", {})


async def test_an_incident_that_ends_puts_its_callers_on_the_list(bench: RoomBench, rows: PostgresRows) -> None:
    call = await a_call_to_call_back(bench, rows)
    await happen(bench, "incident.closed", INCIDENT)
    assert (await facts(rows)).count("call_back_wanted") == 1
    await bench.do(AMINE, "calls.call_back", {"id": str(call), "outcome": "no_answer"})
    assert (await row_of(rows, call))["call_back"] == "wanted"
    await bench.do(AMINE, "calls.call_back", {"id": str(call), "outcome": "reached", "text": "content"})
    row = await row_of(rows, call)
    assert (row["call_back"], row["call_back_tries"]) == ("done", 2)
    with pytest.raises(Refused, match="no_call_back_wanted"):
        await bench.do(AMINE, "calls.call_back", {"id": str(call), "outcome": "reached"})


async def test_who_left_no_number_is_not_called_back(bench: RoomBench, rows: PostgresRows) -> None:
    call = UUID((await bench.do(AMINE, "calls.open", {"name": "sans numéro"}))["id"])
    await happen(bench, "incident.linked", INCIDENT, call=str(call))
    await happen(bench, "incident.resolved", INCIDENT)
    assert (await row_of(rows, call))["call_back"] is None


async def test_a_call_follows_its_incident_into_another(bench: RoomBench, rows: PostgresRows) -> None:
    call = UUID((await bench.do(AMINE, "calls.open", {"number": NUMBER}))["id"])
    await happen(bench, "incident.linked", INCIDENT, call=str(call))
    await happen(bench, "incident.linked", UUID(int=78), call=str(call))
    await happen(bench, "incident.resolved", INCIDENT)
    assert (await row_of(rows, call))["call_back"] is None
    await happen(bench, "incident.resolved", UUID(int=78))
    assert (await row_of(rows, call))["call_back"] == "wanted"
    await happen(bench, "incident.reopened", UUID(int=78))
    assert (await row_of(rows, call))["call_back"] is None
    await happen(bench, "incident.linked", INCIDENT, call="not one of ours")
    await happen(bench, "incident.linked", INCIDENT, call=str(UUID(int=999)))


async def test_a_promise_is_kept_by_the_end_of_the_incident_or_told_once(bench: RoomBench, rows: PostgresRows) -> None:
    kept, broken = [UUID((await bench.do(AMINE, "calls.open", {"number": NUMBER}))["id"]) for _ in range(2)]
    at = (bench.clock.now() + timedelta(hours=2)).isoformat()
    for call in (kept, broken):
        await bench.do(AMINE, "calls.promise", {"id": str(call), "at": at, "text": "réparé ce soir"})
    await happen(bench, "incident.linked", INCIDENT, call=str(kept))
    await happen(bench, "incident.resolved", INCIDENT)
    bench.clock.advance(2 * 3600)
    for _ in range(2):
        await bench.run_job("calls.tell_broken_promises", THE_POST)
    assert [(await row_of(rows, call))["promise_kept"] for call in (kept, broken)] == [True, False]
    assert (await facts(rows)).count("promise_broken") == 1


async def test_a_call_that_rings_for_ever_leaves_the_list_and_may_come_back(
    bench: RoomBench, rows: PostgresRows
) -> None:
    call = await ring(bench, "ringing")
    bench.clock.advance(LOST_AFTER.total_seconds())
    await bench.run_job("calls.give_up_lost", THE_POST)
    row = await row_of(rows, call)
    assert (row["state"], row["lost"]) == ("abandoned", True)
    await ring(bench, "answered", agent="lea")
    row = await row_of(rows, call)
    assert (row["state"], row["lost"], row["taken_by"]) == ("open", False, LEA.pseudonym)


async def test_numbers_go_after_thirty_days_and_words_after_a_year(bench: RoomBench, rows: PostgresRows) -> None:
    call = await a_call_to_call_back(bench, rows)
    await save(bench, AMINE, call, (await row_of(rows, call))["version"], number=NUMBER, text="la lampe")
    for days, callers, words in ((29, 1, 1), (1, 0, 1), (336, 0, 0)):
        bench.clock.advance(days * 86_400)
        async with bench.door.desk(THE_POST) as desk:
            await erase_due(desk, ROOM.holdings)
        assert len(await rows.fetch("SELECT 1 FROM callers")) == callers
        assert len(await rows.fetch("SELECT 1 FROM call_words")) == words
    await bench.run_job("calls.give_up_unreachable", THE_POST)
    assert (await row_of(rows, call))["call_back"] == "gave_up"


async def test_an_act_out_of_its_state_is_refused(bench: RoomBench, rows: PostgresRows) -> None:
    call = await ring(bench, "ringing")
    for key, more in (("calls.save", {"version": 1}), ("calls.end", {"version": 1})):
        with pytest.raises(Refused, match="call_step"):
            await bench.do(AMINE, key, {"id": str(call), **more})
    with pytest.raises(NotFound):
        await bench.do(AMINE, "calls.end", {"id": str(UUID(int=1)), "version": 1})


async def test_a_flood_of_ringing_calls_is_refused(bench: RoomBench, rows: PostgresRows) -> None:
    await rows.execute(
        """INSERT INTO calls (id, channel, cti, state, rang_at, changed_by)
           SELECT gen_random_uuid(), 'cti', 'x' || n, 'ringing', $1, $2 FROM generate_series(1, 500) AS n""",
        bench.clock.now(),
        THE_POST.pseudonym,
    )
    with pytest.raises(Refused, match="too_many_calls"):
        await ring(bench, "ringing", call="one more")
