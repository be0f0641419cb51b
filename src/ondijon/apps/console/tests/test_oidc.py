"""Signing in with the metropolis's directory, against the certified provider itself."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from ondijon.apps.console.tests.conftest import PASSWORD, Desk
from ondijon.apps.console.tests.oidc_seat import CONSOLE, Tied, free_port, provider_process, tied

pytestmark = pytest.mark.engines

REFUSED = "/?refused=oidc_refused"


@pytest.fixture
async def city_hall(desk: Desk, tmp_path: Path) -> AsyncIterator[Tied]:
    port = free_port()
    async with provider_process(port, "first"), tied(desk, port, tmp_path) as found:
        yield found


async def test_the_directory_opens_a_session_and_gives_the_grants_of_its_groups(city_hall: Tied) -> None:
    assert (await city_hall.client.get("/api/sign-in-ways")).json() == {
        "password": True,
        "oidc": {"label": "Compte de la métropole"},
    }
    browser = city_hall.browser()
    url = await browser.leave()
    asked = parse_qs(urlsplit(url).query)
    assert asked["code_challenge_method"] == ["S256"] and len(asked["code_challenge"][0]) == 43
    assert asked["redirect_uri"] == [f"{CONSOLE}/api/oidc/back"] and {"state", "nonce"} <= set(asked)
    answer = await browser.come_back(await browser.prove(url, "marc"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (cookie,) = (line.lower() for line in answer.headers.get_list("set-cookie") if "ondijon_session" in line)
    assert "httponly" in cookie and "samesite=strict" in cookie
    me = (await browser.ask("GET", "/api/session")).json()
    assert (me["name"], me["username"], me["idle_lock_s"]) == ("Marc Petit", "marc", 900)
    assert me["grants"] == [{"role": "commune_agent", "communes": ["21001"], "trades": ["lamps"], "verbs": ["see"]}]
    (row,) = await city_hall.desk.rows.fetch("SELECT * FROM users WHERE username = 'marc'")
    assert row["oidc_subject"] == "marc" and row["password_hash"] is None
    assert row["pseudonym"] != row["user_id"]


async def test_a_second_sign_in_is_the_same_person_with_the_grants_of_today(city_hall: Tied) -> None:
    rows = city_hall.desk.rows
    first = city_hall.browser()
    await first.sign_in("claire")
    before = await rows.fetch_one("SELECT user_id, pseudonym FROM users WHERE username = 'claire'")
    await rows.execute("UPDATE users SET grants = '[]' WHERE username = 'claire'")
    second = city_hall.browser()
    await second.sign_in("claire")
    after = await rows.fetch("SELECT user_id, pseudonym FROM users WHERE username = 'claire'")
    assert after == [before]
    for browser in (first, second):
        assert (await browser.ask("GET", "/api/session")).json()["grants"][0]["role"] == "shift_leader"


async def test_a_name_that_a_local_account_has_is_never_given_to_somebody_else(city_hall: Tied) -> None:
    browser = city_hall.browser()
    await browser.sign_in("local")
    me = (await browser.ask("GET", "/api/session")).json()
    assert me["username"].startswith("local-") and me["name"] == "Un autre Local"
    users = await city_hall.desk.rows.fetch("SELECT username FROM users WHERE username = 'local'")
    assert len(users) == 1
    # And nobody of the directory comes in by a password.
    for password in ("", PASSWORD):
        proof = {"username": me["username"], "password": password}
        assert (await browser.ask("POST", "/api/session", proof)).status_code == 401


async def test_somebody_without_a_role_here_stays_outside(city_hall: Tied) -> None:
    browser = city_hall.browser()
    answer = await browser.sign_in("nobody")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?refused=oidc_no_role")
    assert await city_hall.desk.rows.fetch("SELECT 1 FROM users WHERE username = 'nobody'") == []
    assert "ondijon_session" not in browser.cookies


async def test_a_wrong_nonce_is_refused(city_hall: Tied) -> None:
    browser = city_hall.browser()
    url = await browser.leave()
    await city_hall.desk.rows.execute("UPDATE oidc_flows SET nonce = 'another'")
    answer = await browser.come_back(await browser.prove(url, "claire"))
    assert answer.headers["location"] == REFUSED and "ondijon_session" not in browser.cookies


async def test_an_expired_token_is_refused(city_hall: Tied) -> None:
    browser = city_hall.browser()
    back = await browser.prove(await browser.leave(), "claire")
    await city_hall.desk.rows.execute("UPDATE oidc_flows SET started_at = started_at + interval '2 hours'")
    city_hall.clock.ahead = timedelta(hours=2)
    assert (await browser.come_back(back)).headers["location"] == REFUSED


async def test_a_sign_in_that_took_too_long_is_refused(city_hall: Tied) -> None:
    browser = city_hall.browser()
    back = await browser.prove(await browser.leave(), "claire")
    city_hall.clock.ahead = timedelta(minutes=11)
    assert (await browser.come_back(back)).headers["location"] == REFUSED


async def test_new_keys_of_the_provider_are_found(desk: Desk, tmp_path: Path) -> None:
    port = free_port()
    async with tied(desk, port, tmp_path) as city_hall:
        for key in ("first", "second", "second"):
            # The third has another key under the name of the second: both ways to rotate.
            async with provider_process(port, key):
                assert (await city_hall.browser().sign_in("claire")).headers["location"] == "/"


async def test_a_stolen_code_is_worth_nothing(city_hall: Tied) -> None:
    victim, thief = city_hall.browser(), city_hall.browser()
    back = await victim.prove(await victim.leave(), "claire")
    # In a browser that never left, with the way back as it was seen.
    assert (await thief.come_back(back)).headers["location"] == REFUSED
    # In a browser that left for itself: the state is another's; with its own state the verifier is another's.
    own_state = parse_qs(urlsplit(await thief.leave()).query)["state"][0]
    code, state = (parse_qs(urlsplit(back).query)[key][0] for key in ("code", "state"))
    assert (await thief.come_back(back)).headers["location"] == REFUSED
    own_state = parse_qs(urlsplit(await thief.leave()).query)["state"][0]
    forged = back.replace(state, own_state)
    assert code in forged and (await thief.come_back(forged)).headers["location"] == REFUSED
    assert "ondijon_session" not in thief.cookies


async def test_the_way_back_works_once(city_hall: Tied) -> None:
    browser = city_hall.browser()
    back = await browser.prove(await browser.leave(), "claire")
    kept = dict(browser.cookies)
    assert (await browser.come_back(back)).headers["location"] == "/"
    browser.cookies = kept
    assert (await browser.come_back(back)).headers["location"] == REFUSED


async def test_a_refusal_of_the_provider_leads_home_and_nowhere_else(city_hall: Tied) -> None:
    browser = city_hall.browser()
    for query in ("error=access_denied", "code=x&state=y&next=https://elsewhere.test", "iss=https://elsewhere.test"):
        await browser.leave()
        answer = await browser.come_back(f"{CONSOLE}/api/oidc/back?{query}")
        assert (answer.status_code, answer.headers["location"]) == (303, REFUSED)


async def test_a_locked_screen_opens_to_its_person_alone(city_hall: Tied) -> None:
    browser = city_hall.browser()
    await browser.sign_in("claire")
    assert (await browser.ask("POST", "/api/session/lock")).status_code == 204
    locked = await browser.ask("GET", "/api/session")
    assert (locked.status_code, locked.json()["error"]["values"]) == (423, {"name": "Claire Martin"})
    away = await browser.leave(unlock=True)
    assert parse_qs(urlsplit(away).query)["prompt"] == ["login"]
    browser.provider.cookies.clear()
    other = await browser.come_back(await browser.prove(away, "marc"))
    assert other.headers["location"] == "/?refused=oidc_other_person"
    assert (await browser.ask("GET", "/api/bootstrap")).status_code == 423
    browser.provider.cookies.clear()
    back = await browser.come_back(await browser.prove(await browser.leave(unlock=True), "claire"))
    assert back.headers["location"] == "/api/oidc/done"
    assert "Écran déverrouillé" in (await browser.ask("GET", "/api/oidc/done")).text
    assert (await browser.ask("GET", "/api/bootstrap")).status_code == 200


async def test_a_provider_that_is_away_is_said_to_be(desk: Desk, tmp_path: Path) -> None:
    async with tied(desk, free_port(), tmp_path) as city_hall:
        answer = await city_hall.browser().ask("GET", "/api/oidc/start")
        assert (answer.status_code, answer.headers["location"]) == (303, "/?refused=oidc_away")
