"""A trade is one folder: with it, its device is on screen; without it, no trace, and nothing breaks."""

import asyncio
import json
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from ondijon.testing.database import database_home
from ondijon.testing.websocket_client import SocketClient
from ondijon.web.frames import decode_frame
from tests.contracts.throwaway_trade import TRADE, write_trade
from tests.faults.acts import dim, value_of
from tests.faults.deadline import tell, until
from tests.faults.field_gateway import FieldGateway
from tests.faults.running_post import RunningPost
from tests.faults.town import DIJON, light_urn, settle
from tests.journeys.conftest import FLAGS
from tests.journeys.seat import Seat

pytestmark = [pytest.mark.engines]

BENCH, NAME = "BENCH-1", "Banc du square"


@pytest.fixture(scope="module")
def post() -> Iterator[RunningPost]:
    """A post that has the throwaway trade on its path."""
    with database_home() as home:
        asyncio.run(settle(home))
        write_trade(home / "elsewhere")
        running = RunningPost(home, {"PYTHONPATH": str(home / "elsewhere")})
        try:
            running.start()
            yield running
        finally:
            running.close()


@pytest.fixture(scope="module")
def bench(post: RunningPost) -> Iterator[tuple[str, FieldGateway]]:
    """A bench added while the post runs: its URN, and its device."""
    claire = post.desk("claire")
    secret = post.order("gateway", "add", BENCH)
    place = ["--commune", DIJON, "--position", "5.041,47.321", "--name", NAME]
    urn = post.order("twin", "add", "ParkBench", BENCH, *place)
    until("the bench is there", lambda: claire.try_get(f"/api/twin/{urn}"), 20)
    with FieldGateway(post, BENCH, secret) as device:
        yield urn, device


def test_its_panel_and_its_words_are_there_in_both_languages(post: RunningPost) -> None:
    claire = post.desk("claire")
    (trade,) = [one for one in claire.get("/api/bootstrap")["trades"] if one["trade"] == TRADE]
    (found,) = trade["twin_types"]
    assert [one["key"] for one in found["properties"] if one["chart"]] == ["seats_taken", "load_kg"]
    assert trade["alarms"][0]["key"] == "bench_seats.overloaded"
    for language, word in (("fr", "Places prises"), ("en", "Seats taken")):
        assert claire.get(f"/api/strings/{language}")["bench_seats.property.ParkBench.seats_taken"] == word


def test_its_reading_travels_from_mqtt_to_the_live_socket(post: RunningPost, bench: tuple[str, FieldGateway]) -> None:
    urn, device = bench
    claire = post.desk("claire")
    types = [one["key"] for trade in claire.get("/api/bootstrap")["trades"] for one in trade["twin_types"]]
    headers = {"Cookie": claire.cookie, "Origin": post.origin}
    seconds = asyncio.run(_see_live(post.port, headers, types.index("ParkBench"), device))
    assert value_of(claire, urn, "seats_taken") == 3
    tell("a bench's reading from its MQTT client to the WebSocket", f"{seconds * 1000:.0f} ms")


async def _see_live(port: int, headers: dict[str, str], type_index: int, device: FieldGateway) -> float:
    socket = await SocketClient.open("127.0.0.1", port, "/api/live", headers)
    try:
        async with asyncio.timeout(10):
            await socket.send_text(json.dumps({"watch": {"types": ["ParkBench"], "twin": None}}))
            await _receive_value(socket, type_index, None)
            began = time.perf_counter()
            await asyncio.to_thread(device.report, {"n": f"{BENCH}/seats", "v": 3})
            await _receive_value(socket, type_index, 3.0)
            return time.perf_counter() - began
    finally:
        await socket.close()


async def _receive_value(socket: SocketClient, type_index: int, value: float | None) -> None:
    """Read until a frame of this type comes; with a value, until it carries it as its first property."""
    while True:
        message = await socket.receive()
        if isinstance(message, str):
            continue
        head, part = decode_frame(message)
        if head.type_index == type_index and (value is None or (head.property_index == 0 and value in part.value)):
            return


def test_it_is_found_and_its_alarm_is_raised(post: RunningPost, bench: tuple[str, FieldGateway]) -> None:
    urn, device = bench
    claire = post.desk("claire")
    (hit,) = claire.get("/api/search?q=banc+square")
    assert (hit["id"], hit["type"]) == (urn, "ParkBench")
    alarm = _overload(post, device)
    assert alarm["twin"] == urn and alarm["evidence"] == {"load_kg": 512.0}


def _overload(post: RunningPost, device: FieldGateway) -> dict[str, object]:
    """Half a ton on the bench, and the alarm that it raises or has raised."""
    device.report({"n": f"{BENCH}/load", "v": 512_000})
    (alarm,) = until("the alarm", lambda: _alarms(post), 10)
    return alarm


def _alarms(post: RunningPost, which: str = "shown") -> list[dict[str, object]]:
    found = post.desk("claire").get(f"/api/alarms?list={which}")["cards"]
    return [one for one in found if str(one["type"]).startswith(TRADE)]


@pytest.mark.journey
def test_it_is_on_screen(post: RunningPost, bench: tuple[str, FieldGateway], chromium: Path) -> None:
    _overload(post, bench[1])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        seat = Seat(browser, post, "claire")
        seat.press("/")
        seat.type(NAME)
        seat.page.get_by_role("dialog").get_by_role("option").filter(has_text=NAME).first.wait_for()
        seat.press("Enter")
        for words in ("Places prises", "Banc surchargé", "Envoyer un menuisier."):
            seat.see(words)
        assert seat.strange == []
        seat.close()
        browser.close()


def test_without_its_folder_there_is_no_trace_of_it_and_nothing_breaks(
    post: RunningPost, bench: tuple[str, FieldGateway]
) -> None:
    urn, _ = bench
    post.end(signal.SIGTERM, 5)
    shutil.rmtree(post.environ["PYTHONPATH"])
    post.start()
    claire = post.desk("claire")
    assert TRADE not in [one["trade"] for one in claire.get("/api/bootstrap")["trades"]]
    assert not [key for language in ("fr", "en") for key in claire.get(f"/api/strings/{language}") if TRADE in key]
    assert claire.get("/api/search?q=banc+square") == []
    assert _alarms(post) == [] and _alarms(post, "over") == []
    assert claire.try_get(f"/api/twin/{urn}") is None
    with FieldGateway(post, BENCH, post.order("gateway", "add", BENCH)) as orphan:
        orphan.report({"n": f"{BENCH}/seats", "v": 1})
        (letter,) = until("its word is a dead letter", lambda: claire.get("/api/dead-letters"), 5)
    assert (letter["source"], letter["reason"]) == (BENCH, "unknown_gateway")
    command = dim(claire, light_urn(0, 0), level_pct=45)
    until("a light is still commanded", lambda: value_of(claire, light_urn(0, 0), "level_pct") == 45, 20)
    assert claire.get(f"/api/commands/{command}")["key"] == "lighting.dim_streetlights"
    assert "Traceback" not in post.log_tail()
