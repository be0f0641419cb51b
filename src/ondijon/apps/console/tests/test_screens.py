"""The built console is served from memory, and its absence said plainly; no database is needed for either."""

from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from ondijon.apps.console.app import build_console
from ondijon.runtime.room_door import RoomDoor
from ondijon.testing.builders import small_city
from ondijon.testing.fakes import AbsentRows, FakeBus, FakePost, NoHistory, SequentialIds, StillClock

WORDS = {
    "fr": {"console.not_built.title": "Pas construite", "console.not_built.text": "Lancez make install."},
    "en": {"console.not_built.title": "Not built", "console.not_built.text": "Run make install."},
}


def browser(folder: Path, origins: tuple[str, ...] = ()) -> httpx.AsyncClient:
    app = build_console(
        city=small_city(),
        rows=AbsentRows(),
        bus=FakeBus(),
        post=FakePost(),
        door=RoomDoor(small_city(), AbsentRows(), FakeBus(), StillClock(), SequentialIds(), ()),
        clock=StillClock(),
        ids=SequentialIds(),
        history=NoHistory(),
        strings=WORDS,
        static_folder=folder,
        origins=origins,
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=cast("Any", app)), base_url="http://console.test")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "static/assets").mkdir(parents=True)
    (tmp_path / "static/index.html").write_text("<!doctype html><title>OnDijon</title>")
    (tmp_path / "static/assets/app-1a2b.js").write_text("export const answer = 42\n" * 100)
    (tmp_path / "secret.txt").write_text("not for you")
    return tmp_path / "static"


async def test_a_console_that_is_not_built_says_so_in_both_languages(tmp_path: Path) -> None:
    async with browser(tmp_path) as client:
        answer = await client.get("/")
    assert answer.status_code == 503
    assert '<section lang="fr"><h1>Pas construite</h1><p>Lancez make install.</p>' in answer.text
    assert '<section lang="en"><h1>Not built</h1>' in answer.text


async def test_files_are_served_compressed_and_kept(built: Path) -> None:
    async with browser(built) as client:
        page = await client.get("/")
        script = await client.get("/assets/app-1a2b.js")
        again = await client.get("/assets/app-1a2b.js", headers={"If-None-Match": script.headers["etag"]})
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["cache-control"] == "no-cache"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["content-encoding"] == "gzip"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert again.status_code == 304


async def test_an_address_of_the_console_itself_gives_its_page(built: Path) -> None:
    async with browser(built) as client:
        answer = await client.get("/lighting/lamps")
    assert (answer.status_code, "<title>OnDijon</title>" in answer.text) == (200, True)


@pytest.mark.parametrize("path", ["/assets/none.js", "/api/none", "/../secret.txt", "/%2e%2e/secret.txt", "/api/"])
async def test_what_is_not_there_is_not_found(built: Path, path: str) -> None:
    async with browser(built) as client:
        answer = await client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"error": {"key": "error.not_found", "values": {}}})


@pytest.mark.parametrize("path", ["/", "/api/none", "/api/session", "/api/bootstrap"])
async def test_every_answer_carries_the_security_headers(built: Path, path: str) -> None:
    async with browser(built) as client:
        answer = await client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe-eval" not in policy
    assert policy.count("unsafe-inline") == policy.count("style-src-attr 'unsafe-inline'") == 1
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "cache-control" in answer.headers


async def test_an_absent_database_is_said_and_not_a_stack_trace(built: Path) -> None:
    async with browser(built) as client:
        answer = await client.get("/api/bootstrap", headers={"Cookie": "ondijon_session=x"})
    assert (answer.status_code, answer.json()["error"]["key"]) == (503, "error.engine_away")


async def test_a_body_beyond_the_limit_is_refused(built: Path) -> None:
    own = {"Origin": "http://console.test", "X-Ondijon": "1"}
    async with browser(built) as client:
        answer = await client.post("/api/session", json={"username": "x" * 5000, "password": "y"}, headers=own)
    assert (answer.status_code, answer.json()["error"]["key"]) == (413, "error.too_large")


async def test_a_body_without_sense_is_refused_without_a_sentence(built: Path) -> None:
    own = {"Origin": "http://console.test", "X-Ondijon": "1"}
    async with browser(built) as client:
        for content in (b"{", b"[]", b'{"username": 1, "password": "y"}'):
            answer = await client.post("/api/session", content=content, headers=own)
            assert (answer.status_code, answer.json()) == (400, {"error": {"key": "error.bad_request", "values": {}}})


async def test_named_origins_are_the_only_ones(built: Path) -> None:
    async with browser(built, ("https://console.example",)) as client:
        for origin, status in (("https://console.example", 503), ("http://console.test", 403)):
            answer = await client.post(
                "/api/session",
                json={"username": "x", "password": "y"},
                headers={"Origin": origin, "X-Ondijon": "1"},
            )
            assert answer.status_code == status
