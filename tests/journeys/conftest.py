"""The generated city by night, and people who sit before it in real Chromium, with nothing but a keyboard."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.seat import Seat

FLAGS = """--no-sandbox --disable-gpu --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader --disable-quic
    --no-first-run --disable-background-networking --disable-component-update --disable-sync""".split()
Sit = Callable[..., Seat]
THREE_LAMPS = """SELECT device FROM twins WHERE type = 'Streetlight' AND gateway =
    (SELECT gateway FROM twins WHERE type = 'Streetlight' AND commune = '21231' ORDER BY device LIMIT 1)
    ORDER BY device DESC LIMIT 3"""
REPORTED = "SELECT count(DISTINCT twin_no) FROM readings JOIN twins USING (twin_no) WHERE device = ANY($1)"


@pytest.fixture(scope="session")
def night() -> Iterator[RunningPost]:
    """The demo city at ten in the evening, as `ondijon run --at 22:00` starts it."""
    folder = Path(tempfile.mkdtemp(prefix="ondijon-journey-"))
    folder.chmod(0o711)
    post = RunningPost(folder, arguments=("--at", "22:00"))
    try:
        post.start()
        break_three(post)
        yield post
    finally:
        post.close()
        shutil.rmtree(folder, ignore_errors=True)


def break_three(post: RunningPost) -> None:
    """Three lamps of one cabinet at once are an alarm at once: no list is empty while the first lamps still wait."""
    devices = [row["device"] for row in post.rows(THREE_LAMPS)]
    # An order that is given before the field is there is lost.
    until("the field reports them", lambda: post.count(REPORTED, devices) == len(devices), 60)
    for device in devices:
        post.order("sim", "fault", "--kind", "lamp_out", "--device", device)
    until("the list has its first card", lambda: post.count("SELECT count(*) FROM alarm_cards") > 0, 90)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def sit(browser: Browser, night: RunningPost) -> Iterator[Sit]:
    """Sits people down; in the end no page may have failed or asked anybody but the post."""
    seats: list[Seat] = []

    def sit_down(username: str, **options: Any) -> Seat:
        seats.append(Seat(browser, night, username, **options))
        return seats[-1]

    yield sit_down
    strange = [line for seat in seats for line in seat.strange]
    for seat in seats:
        seat.close()
    assert strange == []


@pytest.fixture
def claire(sit: Sit) -> Seat:
    """The shift leader, who may approve."""
    return sit("claire")


@pytest.fixture
def amine(sit: Sit) -> Seat:
    """The operator, who may command."""
    return sit("amine")
