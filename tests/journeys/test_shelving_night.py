"""On the night when an hour comes twice, an alarm put aside until two comes back at the second two."""

import shutil
import signal
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.journeys.conftest import break_three
from tests.journeys.seat import Seat

pytestmark = pytest.mark.journey
# 31 October 2027: at 01:00 UTC the clocks of Dijon go from 03:00 back to 02:00.
ASLEEP = "2027-10-31T02:30:00+02:00"
# The rest of the hour is not waited for: the post starts again half a minute before its end.
ALMOST = "2027-10-31T02:59:25+02:00"
END_LIMIT_S = 30.0
SECOND_TWO = datetime(2027, 10, 31, 1, 0, tzinfo=UTC)
SHELVINGS = "SELECT until, ended_at FROM alarm_shelvings WHERE cause = 'operator'"


@pytest.fixture
def autumn() -> Iterator[RunningPost]:
    """A post in the hour before the clocks change."""
    folder = Path(tempfile.mkdtemp(prefix="ondijon-autumn-"))
    folder.chmod(0o711)
    post = RunningPost(folder, arguments=("--at", ASLEEP))
    try:
        post.start()
        break_three(post)
        yield post
    finally:
        post.close()
        shutil.rmtree(folder, ignore_errors=True)


def test_an_alarm_put_aside_until_two_comes_back_by_itself_at_the_second_two(
    autumn: RunningPost, browser: Browser
) -> None:
    claire = Seat(browser, autumn, "claire")
    claire.page.locator("#alarm-cards [role=option]").first.wait_for()
    claire.press("j", "s")
    claire.page.locator("dialog input[type=datetime-local]").wait_for()
    # What a person types in that field, digit by digit, in the order of the French form.
    claire.tab_to("Ou jusqu’à")
    claire.page.locator("dialog input[type=datetime-local]").fill("2027-10-31T02:00")
    claire.tab_to("Motif")
    claire.type("Équipe sur place")
    claire.tab_to("Différer")
    claire.press("Enter")
    until("it is put aside", lambda: len(autumn.rows(SHELVINGS)) == 1, 15)
    assert autumn.rows(SHELVINGS)[0]["until"] == SECOND_TWO
    claire.see("Différées 1", "#alarms")
    assert claire.strange == []
    claire.close()
    autumn.end(signal.SIGTERM, END_LIMIT_S)
    autumn.arguments = ("--at", ALMOST)
    autumn.start()
    claire = Seat(browser, autumn, "claire")
    until("it came back by itself", lambda: autumn.rows(SHELVINGS)[0]["ended_at"] is not None, 90)
    ended_at = autumn.rows(SHELVINGS)[0]["ended_at"]
    assert 0.0 <= (ended_at - SECOND_TWO).total_seconds() < 5.0
    claire.see("Différées 0", "#alarms")
    assert claire.strange == []
    claire.close()
