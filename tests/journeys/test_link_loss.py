"""Old is never shown as live: a frozen gateway or web role is told within seconds, and so is its return."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.deadline import tell, until
from tests.faults.running_post import RunningPost
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
TOLD_WITHIN_S = 6.0
BACK_WITHIN_S = 20.0
LAMP = "SELECT device FROM twins WHERE type = 'Streetlight' AND commune = '21231' ORDER BY device LIMIT 1 OFFSET 40"


@contextmanager
def frozen(post: RunningPost, role: str) -> Iterator[None]:
    """The role stands still; the supervisor may start another in its place."""
    pid = post.find_pid(role)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        if post.find_pid(role) == pid:
            os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize(("role", "words"), [("gateway", "Liaison avec le terrain perdue"), ("web", "Liaison perdue")])
def test_a_frozen_role_is_told_across_the_screen_and_its_return_too(
    night: RunningPost, claire: Seat, role: str, words: str
) -> None:
    device = night.rows(LAMP)[0]["device"]
    claire.find(device, "Point lumineux")
    claire.see("État reçu")
    values = claire.page.locator("#detail tr.stale")
    until("nothing is old yet", lambda: values.count() == 0, 20)
    began = time.monotonic()
    with frozen(night, role):
        claire.see(words, "[role=alert]")
        told_s = time.monotonic() - began
        until("the values are marked old", lambda: values.count() > 3, 5)
        claire.see("Sans nouvelles", "header")
    began = time.monotonic()
    claire.page.locator("[role=alert] p").wait_for(state="detached")
    until("the values are live again", lambda: values.count() == 0, BACK_WITHIN_S)
    tell(f"{role} frozen", f"told after {told_s:.1f} s, live again {time.monotonic() - began:.1f} s after its return")
    assert told_s < TOLD_WITHIN_S
