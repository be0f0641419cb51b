"""The rights table, one's own sessions, and emergency access."""

from typing import Any
from uuid import UUID

import pytest

from ondijon.apps.console.tests.conftest import Desk
from ondijon.kernel.identity import GLASS_VERBS
from ondijon.testing.builders import lamp

pytestmark = pytest.mark.engines

REASON = "Fuite de gaz, astreinte injoignable"


async def act(desk: Desk, key: str, who: str, number: int = 1, **payload: Any) -> tuple[int, Any]:
    body = {"key": key, "payload": payload, "idempotency_key": str(UUID(int=number))}
    answer = await desk.ask("POST", "/api/acts", who, body)
    return answer.status_code, answer.json()


async def grants(desk: Desk, who: str) -> list[str]:
    return [grant["role"] for grant in (await desk.ask("GET", "/api/session", who)).json()["grants"]]


async def test_one_s_own_sessions_are_listed_and_one_is_ended(desk: Desk) -> None:
    here = await desk.cookie("local")
    desk.clock.advance(60)
    desk.cookies.pop("local")
    await desk.cookie("local")
    listed = (await desk.ask("GET", "/api/sessions", "local")).json()
    assert [(one["here"], one["is_locked"], one["browser"], one["network"]) for one in listed] == [
        (True, False, "other", "unknown"),
        (False, False, "other", "unknown"),
    ]
    other = listed[1]["id"]
    assert (await act(desk, "identity.end_session", "chief", 1, id=other))[0] == 404
    assert (await act(desk, "identity.end_session", "local", 2, id=other))[0] == 200
    assert len((await desk.ask("GET", "/api/sessions", "local")).json()) == 1
    desk.cookies["local"] = here
    assert (await desk.ask("GET", "/api/bootstrap", "local")).status_code == 401


async def test_broken_glass_gives_everything_but_to_configure_and_audit_until_it_ends(desk: Desk) -> None:
    there = f"/api/twin/{lamp(1, 0)}"
    assert (await desk.ask("GET", there, "handler")).status_code == 404
    status, answer = await act(desk, "identity.break_glass", "handler", reason=REASON, minutes=15)
    assert status == 200, answer
    assert await grants(desk, "handler") == ["agent", "broken_glass"]
    me = (await desk.ask("GET", "/api/session", "handler")).json()
    assert me["grants"][1]["verbs"] == list(GLASS_VERBS) and me["break_glass_until"] == answer["result"]["until"]
    assert (await desk.ask("GET", there, "handler")).status_code == 200
    assert (await act(desk, "identity.break_glass", "handler", 2, reason=REASON, minutes=15))[0] == 400
    events = await desk.rows.fetch("SELECT key, trade, payload FROM events")
    assert [(row["key"], row["trade"], row["payload"]["minutes"]) for row in events] == [
        ("identity.glass_broken", "identity", 15)
    ]
    assert REASON not in str(events)
    desk.clock.advance(14 * 60 + 59)
    assert (await desk.ask("GET", there, "handler")).status_code == 200
    desk.clock.advance(1)
    assert (await desk.ask("GET", there, "handler")).status_code == 423
    # Locked meanwhile, as any other; the rights are gone too.
    desk.cookies.pop("handler")
    assert (await desk.ask("GET", there, "handler")).status_code == 404


async def test_broken_glass_can_be_given_back_and_its_acts_are_listed(desk: Desk) -> None:
    await act(desk, "identity.break_glass", "handler", 1, reason=REASON, minutes=60)
    desk.clock.advance(5)
    assert (await act(desk, "identity.end_glass", "handler", 2))[0] == 200
    assert (await act(desk, "identity.end_glass", "handler", 3))[0] == 400
    assert await grants(desk, "handler") == ["agent"]
    for who, seen in (("handler", 1), ("auditor", 1), ("local", 0), ("observer", 0)):
        listed = (await desk.ask("GET", "/api/glass", who)).json()
        assert len(listed) == seen, who
        if seen:
            assert listed[0]["reason"] == REASON and listed[0]["mine"] == (who == "handler")
            assert [one["act"] for one in listed[0]["acts"]] == ["identity.break_glass", "identity.end_glass"]


async def test_the_glass_breaks_only_for_whoever_works_here_and_says_why(desk: Desk) -> None:
    for who, expected in (("observer", 403), ("stranger", 404)):
        assert (await act(desk, "identity.break_glass", who, 1, reason=REASON, minutes=15))[0] == expected
    wrongs: list[dict[str, Any]] = [{"reason": "gaz"}, {"minutes": 4}, {"minutes": 61}, {"reason": "x" * 501}]
    for number, wrong in enumerate(wrongs):
        payload = {"reason": REASON, "minutes": 15, **wrong}
        assert (await act(desk, "identity.break_glass", "handler", 10 + number, **payload))[0] == 400
    assert await desk.rows.fetch("SELECT 1 FROM broken_glass") == []


async def test_who_holds_what_is_for_whoever_audits_and_no_wider(desk: Desk) -> None:
    names = {}
    for who in ("auditor", "auditor_here", "chief", "stranger"):
        shown = (await desk.ask("GET", "/api/rights", who)).json()
        names[who] = {holder["username"] for holder in shown["people"]}
        assert [verb["key"] for verb in shown["verbs"]][:2] == ["see", "command"]
    assert names["chief"] == names["stranger"] == set()
    assert {"local", "chief", "water"} <= names["auditor"] and "stranger" not in names["auditor"]
    assert "water" not in names["auditor_here"] and "local" in names["auditor_here"]
