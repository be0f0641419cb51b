"""Signing in, staying signed in, and being signed out."""

import asyncio

import pytest

from ondijon.apps.console.tests.conftest import HOST, ORIGIN, PASSWORD, Desk
from ondijon.kernel.errors import Refused
from ondijon.testing.fakes import SequentialIds
from ondijon.web.accounts import create_user
from ondijon.web.sessions import COOKIE, Sessions

pytestmark = pytest.mark.engines


async def sign_in(desk: Desk, username: str = "local", password: str = PASSWORD) -> tuple[int, str | None]:
    answer = await desk.ask("POST", "/api/session", body={"username": username, "password": password})
    desk.client.cookies.clear()
    return answer.status_code, answer.cookies.get(COOKIE)


async def test_a_person_signs_in_and_is_told_who_that_is(desk: Desk) -> None:
    proof = {"username": " LOCAL ", "password": PASSWORD}
    answer = await desk.ask("POST", "/api/session", body=proof, accept_language="en-GB,fr;q=0.5")
    assert answer.status_code == 200
    assert answer.json() == {
        "name": "Local",
        "username": "local",
        "role_labels": ["agent"],
        "grants": [
            {
                "role": "agent",
                "communes": ["21001"],
                "trades": ["lamps"],
                "verbs": ["see", "command", "approve", "acknowledge", "configure"],
            }
        ],
        "idle_lock_s": 900,
        "break_glass_until": None,
    }
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", "max-age=43200", "path=/"))
    assert "secure" not in cookie
    acts = await desk.rows.fetch("SELECT act FROM audit")
    assert [row["act"] for row in acts] == ["session.opened"]


async def test_the_label_of_a_role_is_in_the_reader_s_language(desk: Desk) -> None:
    for offer, label in (("en", "Operator"), ("fr-FR,en;q=0.5", "Opérateur"), ("de", "Opérateur")):
        me = (await desk.ask("GET", "/api/session", "chief", accept_language=offer)).json()
        assert me["role_labels"] == [label]


async def test_the_rows_never_hold_the_token_or_the_password(desk: Desk) -> None:
    _, token = await sign_in(desk)
    assert token is not None
    (row,) = await desk.rows.fetch("SELECT encode(token_sha256, 'escape') AS stored FROM sessions")
    assert token not in row["stored"]
    for user in await desk.rows.fetch("SELECT password_hash FROM users"):
        assert user["password_hash"].startswith("$argon2id$")


async def test_an_unknown_name_and_a_wrong_password_look_the_same(desk: Desk) -> None:
    answers = []
    for username, password in (("nobody", PASSWORD), ("local", "wrong"), ("", ""), ("local", PASSWORD + "x" * 300)):
        answer = await desk.ask("POST", "/api/session", body={"username": username, "password": password})
        answers.append((answer.status_code, answer.json()))
    assert answers == [(401, {"error": {"key": "error.bad_credentials", "values": {}}})] * 4


async def test_guessing_is_stopped_and_says_for_how_long(desk: Desk) -> None:
    statuses = [(await sign_in(desk, password=f"guess {number}"))[0] for number in range(7)]
    assert statuses == [401] * 6 + [429]
    answer = await desk.ask("POST", "/api/session", body={"username": "local", "password": PASSWORD})
    assert answer.json()["error"]["key"] == "error.too_often"
    assert 0 < int(answer.headers["retry-after"]) <= 300
    assert (await sign_in(desk, "chief"))[0] == 200


async def test_many_guesses_at_once_do_not_slip_through(desk: Desk) -> None:
    statuses = await asyncio.gather(*(sign_in(desk, password=f"guess {number}") for number in range(12)))
    assert sorted(status for status, _ in statuses) == [401] * 6 + [429] * 6


async def test_a_session_ends_after_twelve_hours_whatever_was_done(desk: Desk) -> None:
    assert (await desk.ask("GET", "/api/session", "local")).status_code == 200
    for _ in range(12 * 6 - 1):
        desk.clock.advance(600)
        assert (await desk.ask("POST", "/api/session/input", "local")).status_code == 204
    desk.clock.advance(599)
    assert (await desk.ask("GET", "/api/session", "local")).status_code == 200
    desk.clock.advance(1)
    assert (await desk.ask("GET", "/api/session", "local")).status_code == 401


async def test_signing_out_ends_this_session_and_not_another(desk: Desk) -> None:
    _, first = await sign_in(desk)
    _, second = await sign_in(desk)
    assert first and second
    desk.cookies["local"] = first
    assert (await desk.ask("DELETE", "/api/session", "local")).status_code == 204
    assert (await desk.ask("GET", "/api/bootstrap", "local")).status_code == 401
    desk.cookies["local"] = second
    assert (await desk.ask("GET", "/api/bootstrap", "local")).status_code == 200


async def test_signing_out_everywhere_ends_all_of_them(desk: Desk) -> None:
    tokens = [token for _, token in [await sign_in(desk), await sign_in(desk)] if token]
    desk.cookies["local"] = tokens[0]
    assert (await desk.ask("DELETE", "/api/sessions", "local")).status_code == 204
    statuses = []
    for token in tokens:
        desk.cookies["local"] = token
        statuses.append((await desk.ask("GET", "/api/bootstrap", "local")).status_code)
    assert statuses == [401, 401]


async def test_what_another_process_revokes_counts_here_at_once(desk: Desk) -> None:
    assert (await desk.ask("GET", "/api/bootstrap", "local")).status_code == 200
    elsewhere = Sessions(desk.rows, desk.bus, desk.clock, desk.clock.monotonic)
    await elsewhere.close_all(desk.users["local"])
    assert (await desk.ask("GET", "/api/bootstrap", "local")).status_code == 401


async def test_a_disabled_account_cannot_sign_in(desk: Desk) -> None:
    await desk.rows.execute("UPDATE users SET disabled_at = $1 WHERE username = 'local'", desk.clock.now())
    assert (await sign_in(desk))[0] == 401
    assert (await desk.ask("GET", "/api/bootstrap", "local")).status_code == 401


async def test_whoever_is_not_signed_in_is_offered_the_demonstration(desk: Desk) -> None:
    answer = await desk.ask("GET", "/api/session")
    assert (answer.status_code, answer.json()["error"]["key"]) == (401, "error.not_signed_in")
    assert answer.json()["demo_accounts"] == [{"username": "chief", "password": PASSWORD, "label": "Chef"}]


FOREIGN = (
    {"Origin": "http://elsewhere.test", "X-Ondijon": "1"},
    {"Origin": "null", "X-Ondijon": "1"},
    {"X-Ondijon": "1"},
    {"Origin": ORIGIN},
    {"Origin": f"http://{HOST}.elsewhere.test", "X-Ondijon": "1"},
)


async def test_no_other_site_acts_in_a_person_s_name(desk: Desk) -> None:
    for headers in FOREIGN:
        sent = {**headers, "Cookie": f"{COOKIE}={await desk.cookie('chief')}"}
        for method, path in (("DELETE", "/api/sessions"), ("POST", "/api/commands"), ("POST", "/api/session")):
            answer = await desk.client.request(method, path, headers=sent)
            assert (answer.status_code, answer.json()["error"]["key"]) == (403, "error.bad_origin")


async def test_a_user_is_created_once_and_with_a_password_that_holds(desk: Desk) -> None:
    for username, password in (("local", PASSWORD), ("new", "short"), (" ", PASSWORD)):
        with pytest.raises(Refused):
            await create_user(desk.rows, SequentialIds(1_000), username, "Name", password, ())
