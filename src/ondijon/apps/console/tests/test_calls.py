"""Calls over HTTP: who sees whom, the telephone's token, figures; addresses as the console asks for them."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from ondijon.apps.console.parts.calls.figures import staff_hours
from ondijon.apps.console.tests.conftest import HOST, OWN, Desk
from ondijon.kernel.identity import EVERY, Grant
from ondijon.kernel.room import Act
from ondijon.testing.builders import EVERY_VERB, small_inventory

pytestmark = pytest.mark.engines
TOKEN = "the-telephone's-token-of-many-characters"
NUMBER = "0380123456"


@pytest.fixture(autouse=True)
async def answering(desk: Desk) -> None:
    """Two people answer calls everywhere; the others of the stage do not."""
    for who in ("chief", "second"):
        grant = Grant("operator", (EVERY,), (EVERY,), (*EVERY_VERB, "answer", "handle"))
        await desk.rows.execute(
            "UPDATE users SET grants = $2 WHERE user_id = $1", desk.users[who], msgspec.to_builtins([grant])
        )


async def know(desk: Desk) -> None:
    await desk.rows.execute(
        "INSERT INTO cti_tokens (sha256, made_at) VALUES ($1, $2)",
        hashlib.sha256(TOKEN.encode()).digest(),
        desk.clock.now(),
    )


async def tell(desk: Desk, event: str, call: str = "c1", after_s: float = 0.0, **more: Any) -> httpx.Response:
    """As a telephone system does: no cookie, no Origin, no header of ours."""
    body = {"event": event, "call": call, "at": (desk.clock.now() + timedelta(seconds=after_s)).isoformat(), **more}
    return await desk.client.post("/api/cti/events", json=body, headers={"Authorization": f"Bearer {TOKEN}"})


async def act(desk: Desk, who: str, key: str, payload: dict[str, Any], number: int) -> Any:
    return await desk.door.perform(await desk.actor(who), Act(key, payload, UUID(int=number)))


async def list_of(desk: Desk, who: str, wanted: str) -> list[dict[str, Any]]:
    answer = await desk.ask("GET", f"/api/calls?list={wanted}", who)
    assert answer.status_code == 200
    calls: list[dict[str, Any]] = answer.json()
    return calls


async def test_the_telephone_shows_its_token_and_nothing_else(desk: Desk) -> None:
    await know(desk)
    assert (await tell(desk, "ringing", number=NUMBER)).status_code == 204
    for header in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}, {"Authorization": "Bearer "}):
        refused = await desk.client.post(
            "/api/cti/events",
            json={"event": "ringing", "call": "c2", "at": desk.clock.now().isoformat()},
            headers={**header, "Origin": f"http://{HOST}", "X-Ondijon": "1"},
        )
        assert refused.status_code == 401
        assert refused.json()["error"]["key"] == "error.bad_cti_token"
    await desk.rows.execute("UPDATE cti_tokens SET ended_at = made_at")
    assert (await tell(desk, "ended")).status_code == 401


async def test_a_session_does_not_stand_in_for_the_token(desk: Desk) -> None:
    body = {"event": "ringing", "call": "c1", "at": desk.clock.now().isoformat()}
    assert (await desk.ask("POST", "/api/cti/events", "chief", body)).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "dialled"},
        {"call": ""},
        {"call": "x" * 121},
        {"at": "2026-01-01T00:00:00"},
        {"at": "2020-01-01T00:00:00Z"},
    ],
)
async def test_nonsense_from_the_telephone_is_refused(desk: Desk, wrong: dict[str, str]) -> None:
    await know(desk)
    body = {"event": "ringing", "call": "c1", "at": desk.clock.now().isoformat(), **wrong}
    answer = await desk.client.post("/api/cti/events", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 400
    assert await list_of(desk, "chief", "ringing") == []


async def test_a_ringing_call_is_listed_with_its_caller_for_who_answers(desk: Desk) -> None:
    await know(desk)
    for _ in range(2):
        await tell(desk, "ringing", number=NUMBER)
    desk.clock.advance(4)
    (call,) = await list_of(desk, "chief", "ringing")
    assert (call["caller"], call["waited_s"], call["taken_by"]) == ({"number": NUMBER, "name": None}, 4.0, None)
    (seen,) = await list_of(desk, "observer", "ringing")
    assert seen["caller"] is None
    assert NUMBER not in str(seen)
    assert await list_of(desk, "local", "ringing") == []
    assert await list_of(desk, "stranger", "ringing") == []


async def test_words_and_callers_stay_with_who_answers(desk: Desk) -> None:
    call = (await act(desk, "chief", "calls.open", {"number": NUMBER, "name": "Odile"}, 1))["id"]
    lon, lat = small_inventory().communes[0].center
    saved = {"id": call, "version": 2, "type": "lamp", "text": "devant chez moi", "number": NUMBER, "name": "Odile"}
    await act(desk, "chief", "calls.save", {**saved, "place": {"lon": lon, "lat": lat}, "answers": {"a": "oui"}}, 2)
    seen = (await desk.ask("GET", f"/api/calls/{call}", "chief")).json()
    assert (seen["caller"]["name"], seen["text"], seen["answers"]) == ("Odile", "devant chez moi", {"a": "oui"})
    assert (seen["place"]["commune"], seen["taken_by"]["username"]) == (OWN, "chief")
    hidden = (await desk.ask("GET", f"/api/calls/{call}", "observer")).json()
    assert (hidden["caller"], hidden["text"], hidden["answers"]) == (None, "", {})
    for who in ("local", "stranger"):
        assert (await desk.ask("GET", f"/api/calls/{call}", who)).status_code == 404
    assert [one["id"] for one in await list_of(desk, "chief", "mine")] == [call]
    assert await list_of(desk, "second", "mine") == []


async def test_attempts_to_call_back_are_read_by_who_answers(desk: Desk) -> None:
    call = (await act(desk, "chief", "calls.open", {"number": NUMBER}, 1))["id"]
    await desk.rows.execute("UPDATE calls SET call_back = 'wanted'")
    await act(desk, "chief", "calls.call_back", {"id": call, "outcome": "no_answer", "text": "messagerie"}, 2)
    (one,) = (await desk.ask("GET", f"/api/calls/{call}", "second")).json()["tries"]
    assert (one["by"], one["outcome"], one["text"]) == ("Chief", "no_answer", "messagerie")
    assert (await desk.ask("GET", f"/api/calls/{call}", "observer")).json()["tries"] == []


async def test_figures_count_the_queue_and_not_the_cards_opened_by_hand(desk: Desk) -> None:
    await know(desk)
    await act(desk, "chief", "calls.open", {}, 1)
    for call, answered, ended in (("a", 5, 65), ("b", 20, 140), ("c", None, 30)):
        await tell(desk, "ringing", call, after_s=-300)
        if answered is not None:
            await tell(desk, "answered", call, after_s=-300 + answered, agent="chief")
        await tell(desk, "ended" if answered else "abandoned", call, after_s=-300 + ended)
    await tell(desk, "ringing", "d", after_s=-8)
    figures = (await desk.ask("GET", "/api/calls/figures", "chief")).json()
    assert figures["today"] == {
        "offered": 4,
        "answered": 2,
        "abandoned": 1,
        "within_15s": 0.25,
        "mean_wait_s": 12.5,
    }
    assert (figures["waiting"], figures["longest_wait_s"]) == (1, 8.0)
    assert sum(quarter["offered"] for quarter in figures["by_quarter"]) == 4
    nobody = (await desk.ask("GET", "/api/calls/figures", "stranger")).json()
    assert (nobody["today"]["offered"], nobody["waiting"], nobody["today"]["within_15s"]) == (0, 0, None)


def test_staffing_takes_the_mean_of_the_days_measured() -> None:
    days = [date(2026, 3, 2), date(2026, 3, 3)]
    rows = [
        {"day": day, "hour": 9, "calls": calls, "handled": calls, "handling_s": calls * 180.0, "agents": 3}
        for day, calls in zip(days, (30, 50), strict=True)
    ]
    staffing = staff_hours(rows, datetime(2026, 3, 4, 8, 0, tzinfo=UTC))
    nine = staffing.by_hour[9]
    assert (staffing.days, nine.calls, nine.aht_s, nine.agents_here) == (2, 40.0, 180.0, 3.0)
    assert nine.agents_needed == 5
    assert nine.expected_share is not None and nine.expected_share < 0.9
    assert (staffing.by_hour[3].agents_needed, staffing.by_hour[3].expected_share) == (0, None)


async def test_addresses_are_found_by_whoever_is_signed_in(desk: Desk) -> None:
    assert (await desk.ask("GET", "/api/addresses?q=rue")).status_code == 401
    await desk.rows.execute(
        """INSERT INTO addresses (street_id, number, position)
           SELECT street_id, '12', point((line -> 0 ->> 0)::float8, (line -> 0 ->> 1)::float8) FROM streets LIMIT 1"""
    )
    name = (await desk.rows.fetch("SELECT name FROM addresses JOIN streets USING (street_id)"))[0]["name"]
    (first, *_) = (await desk.ask("GET", f"/api/addresses?q=douze {name}&near=5.0,47.3", "stranger")).json()
    assert (first["kind"], first["number"], first["street"]) == ("address", "12", name)
    at = (await desk.ask("GET", f"/api/addresses/reverse?lon={first['lon']}&lat={first['lat']}", "stranger")).json()
    assert at["label"] == first["label"]
    assert (await desk.ask("GET", "/api/addresses?q=x&near=nowhere", "chief")).status_code == 400
    hits = (await desk.ask("GET", f"/api/search?q=12 {name}", "chief")).json()
    assert hits[0]["kind"] == "address"
