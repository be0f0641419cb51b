"""A screen that nobody touches locks, and only its person opens it again."""

import random
from datetime import timedelta

import pytest

from ondijon.apps.console.tests.conftest import PASSWORD, Desk
from ondijon.apps.console.tests.test_live import next_text, open_socket, served
from ondijon.apps.console.tests.test_session import sign_in
from ondijon.web.sessions import Sessions
from ondijon.web.standing import Standing, lock, see, unlock

pytestmark = pytest.mark.engines

LOCK_S = 900


async def status(desk: Desk, method: str = "GET", path: str = "/api/bootstrap", who: str = "local") -> int:
    return (await desk.ask(method, path, who)).status_code


async def test_a_session_locks_when_nobody_typed_for_a_quarter_of_an_hour(desk: Desk) -> None:
    assert await status(desk) == 200
    desk.clock.advance(LOCK_S - 1)
    # Asking for data is no input: a screen does that by itself.
    assert await status(desk) == 200
    desk.clock.advance(1)
    answer = await desk.ask("GET", "/api/bootstrap", "local")
    assert (answer.status_code, answer.json()) == (
        423,
        {"error": {"key": "error.locked", "values": {"name": "Local"}}},
    )
    assert await status(desk, "POST", "/api/session/input") == 423
    assert await status(desk, "GET", "/api/session") == 423


async def test_input_keeps_a_session_open(desk: Desk) -> None:
    assert await status(desk) == 200
    for _ in range(5):
        desk.clock.advance(LOCK_S - 1)
        assert await status(desk, "POST", "/api/session/input") == 204
    assert await status(desk) == 200


async def test_a_password_unlocks_and_guessing_it_is_stopped(desk: Desk) -> None:
    assert await status(desk, "POST", "/api/session/lock") == 204
    unlocked = [
        (await desk.ask("POST", "/api/session/unlock", "local", {"password": word})).status_code
        for word in ("", "wrong", PASSWORD)
    ]
    assert unlocked == [401, 401, 200]
    assert await status(desk) == 200
    acts = [row["act"] for row in await desk.rows.fetch("SELECT act FROM audit ORDER BY line_no")]
    assert acts == ["session.unlocked"]
    await status(desk, "POST", "/api/session/lock")
    statuses = [
        (await desk.ask("POST", "/api/session/unlock", "local", {"password": f"guess {n}"})).status_code
        for n in range(7)
    ]
    assert statuses == [401] * 6 + [429]
    assert await status(desk) == 423


async def test_a_locked_person_may_still_sign_out(desk: Desk) -> None:
    for method, path in (("DELETE", "/api/session"), ("DELETE", "/api/sessions")):
        desk.cookies.pop("local", None)
        assert await status(desk, "POST", "/api/session/lock") == 204
        assert await status(desk, method, path) == 204
        assert await status(desk) == 401


async def test_signing_in_ends_what_was_open_in_this_browser(desk: Desk) -> None:
    _, first = await sign_in(desk)
    assert first
    desk.cookies["local"] = first
    answer = await desk.ask("POST", "/api/session", "local", {"username": "chief", "password": PASSWORD})
    assert answer.status_code == 200
    assert await status(desk) == 401


async def test_an_open_socket_is_told_and_gets_nothing_until_it_is_unlocked(desk: Desk) -> None:
    async with served(desk) as port:
        client = await open_socket(desk, port, "local")
        await next_text(client, "hello")
        assert await status(desk, "POST", "/api/session/lock") == 204
        assert await next_text(client, "locked") == {"kind": "locked"}
        answer = await desk.ask("POST", "/api/session/unlock", "local", {"password": PASSWORD})
        assert answer.status_code == 200
        assert await next_text(client, "unlocked") == {"kind": "unlocked"}
        await client.close()


async def test_rows_and_law_agree_on_any_walk(desk: Desk) -> None:
    """Two hundred steps over real rows, from two processes, beside the pure machine."""
    here, there = (Sessions(desk.rows, desk.bus, desk.clock, desk.clock.monotonic) for _ in range(2))
    for sessions in (here, there):
        await sessions.start(_nobody)
    chance = random.Random(20_261_121)
    token = await here.open(desk.users["local"])
    opened = desk.clock.now()
    law = Standing(opened, opened + timedelta(hours=12), None, LOCK_S)
    for _ in range(200):
        desk.clock.advance(chance.choice((0, 1, 30, 300, 899, 900, 901)))
        now = desk.clock.now()
        sessions = chance.choice((here, there))
        person = await sessions.find(token)
        assert (None if person is None else person.is_locked) == {"ended": None, "locked": True, "open": False}[
            law.state_at(now)
        ]
        if person is None:
            return
        move = chance.choice(("see", "see", "see", "lock", "unlock"))
        if move == "see":
            await sessions.note_input(person)
            law = see(law, now)
        elif move == "lock":
            await sessions.lock(person)
            law = lock(law, now)
        else:
            await sessions.unlock(person)
            law = unlock(law, now)
    raise AssertionError("twelve hours should have passed")


async def _nobody(_: object) -> None:
    return None
