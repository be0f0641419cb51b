"""The machine's clock may be set, and an hour come twice or never: nothing is lost, early or held too long."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ondijon.infra.clocks import SystemClock
from tests.faults.acts import await_state, dim, value_of
from tests.faults.deadline import crowding, tell, until
from tests.faults.harness.form import long_only
from tests.faults.harness.probes import COME_BACK_LIMIT_S, page_is_served
from tests.faults.harness.rig import Fault
from tests.faults.harness.set_clock import SetClock
from tests.faults.harness.stage import rig_around, town_post
from tests.faults.running_post import RunningPost
from tests.faults.town import light_urn

pytestmark = [pytest.mark.faults, pytest.mark.engines, long_only]

SET_BY_S = (-3_600, 86_400, 0)
SET_FOR_S = 12.0
TOLD_WITHIN_S = 15.0
# Of the nights to come (a home's time goes forward only): 70 s before the change, which a light's hold outlasts.
NIGHTS = {
    "31 October 2027, 03:00 becomes 02:00": "2027-10-31T02:58:50+02:00",
    "28 March 2027, 02:00 becomes 03:00": "2027-03-28T01:58:50+01:00",
}
HELD_S = 75
CARD = "SELECT count(*) FROM alarms WHERE type = 'platform.clock_stepped' AND cleared_at IS NULL"
ASTRAY = "SELECT count(*) FROM readings WHERE received_at < $1 OR received_at > $2"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A home that the database's own user may enter."""
    made = Path(tempfile.mkdtemp(prefix="ondijon-clocks-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_a_machine_s_clock_that_is_set_moves_no_time_of_the_post(folder: Path, tmp_path: Path) -> None:
    clock = SetClock(folder)
    fault = Fault("machine's clock set back 1 h, ahead 1 day, and right again", 5.0)
    home = folder / "home"
    home.mkdir(mode=0o711)
    began_at = SystemClock().now()
    with town_post(home, clock.environ) as post, rig_around(post, tmp_path) as rig:
        with rig.work(), fault.during():
            for seconds in SET_BY_S:
                clock.set_by(seconds)
                if seconds:
                    until("somebody is told", lambda: post.count(CARD), TOLD_WITHIN_S * crowding())
                    _restart(post, "core" if seconds < 0 else "gateway")
                time.sleep(SET_FOR_S)
            fault.mended()
            page_is_served(post)
        rig.judge(fault)
        astray = post.count(ASTRAY, began_at, post.card.clock().now())
    tell("machine's clock set by " + ", ".join(f"{one:+d} s" for one in SET_BY_S), f"{astray} readings at a wrong time")
    assert astray == 0


def _restart(post: RunningPost, role: str) -> None:
    former = post.kill_one(role)
    until("it is started again", lambda: post.find_pid(role) not in (None, former), COME_BACK_LIMIT_S)


@pytest.mark.parametrize("night", NIGHTS)
def test_the_hour_that_comes_twice_or_never_loses_nothing_and_ends_each_hold_in_its_time(
    folder: Path, tmp_path: Path, night: str
) -> None:
    fault = Fault(f"night of {night}", 5.0)
    with town_post(folder, arguments=("--at", NIGHTS[night])) as post, rig_around(post, tmp_path) as rig:
        claire, light = post.desk("claire"), light_urn(2, 0)
        with rig.work(), fault.during():
            await_state(claire, dim(claire, light, level_pct=30, hold_s=HELD_S), "confirmed", within_s=15)
            held_since = time.monotonic()
            until("the hold has ended", lambda: value_of(claire, light, "control") == "programme", HELD_S + 20)
            held_s = time.monotonic() - held_since
            fault.mended()
            page_is_served(post)
        rig.judge(fault)
        local = post.rows("SELECT max(received_at) AS at FROM readings")[0]["at"]
    tell(f"night of {night}", f"a hold of {HELD_S} s ended after {held_s:.0f} s; last reading {local:%H:%M:%S} UTC")
    assert HELD_S - 5 <= held_s <= HELD_S + 15
    assert local.minute < 30, "the night's change has been passed"
