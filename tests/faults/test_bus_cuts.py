"""While the bus is cut, slow or silent, nothing acknowledged is lost, and the screens say that they are blind."""

import time

import pytest

from tests.faults.deadline import crowding, until
from tests.faults.harness.detour import Detour
from tests.faults.harness.form import CUTS_S, long_only
from tests.faults.harness.probes import page_is_served, reading_is_taken_in
from tests.faults.harness.rig import Fault, Rig
from tests.faults.running_post import RunningPost

pytestmark = [pytest.mark.faults, pytest.mark.engines]

SILENCE_S = 60.0
SLOW_S, SLOW_FOR_S = 0.25, 20.0
TOLD_WITHIN_S = 5.0
CUT_LIMIT_S = 10.0
# A line that died without a word is found dead by its silence alone: 5 s, and as long again for the answer, each time.
SILENCE_LIMIT_S = 25.0


@pytest.mark.parametrize("cut_s", CUTS_S)
def test_a_cut_bus_is_told_on_screen_and_loses_nothing_acknowledged(
    post: RunningPost, rig: Rig, detour: Detour, cut_s: float
) -> None:
    fault = Fault(f"bus and broker cut for {cut_s:.0f} s", CUT_LIMIT_S)
    with rig.work(), fault.during():
        detour.cut()
        _bear(post, cut_s)
        _heal(post, detour, fault)
    rig.judge(fault)
    assert max(fault.recovered_s) <= CUT_LIMIT_S * crowding()


@long_only
def test_lines_that_die_without_a_word_are_found_dead_and_replaced(post: RunningPost, rig: Rig, detour: Detour) -> None:
    fault = Fault(f"bus and broker silent for {SILENCE_S:.0f} s, every line dead for good", SILENCE_LIMIT_S)
    with rig.work(), fault.during():
        detour.silence()
        _bear(post, SILENCE_S)
        _heal(post, detour, fault)
    rig.judge(fault)
    assert max(fault.recovered_s) <= SILENCE_LIMIT_S * crowding()


@long_only
def test_a_slow_bus_makes_everything_late_and_nothing_wrong(post: RunningPost, rig: Rig, detour: Detour) -> None:
    fault = Fault(f"every line {SLOW_S * 1000:.0f} ms slower each way, for {SLOW_FOR_S:.0f} s", CUT_LIMIT_S)
    with rig.work(), fault.during():
        detour.delay(SLOW_S)
        time.sleep(SLOW_FOR_S)
        assert post.is_ready()
        _heal(post, detour, fault)
    rig.judge(fault)


def _bear(post: RunningPost, for_s: float) -> None:
    """So long without the bus, which the post tells of itself."""
    until("the post says that it is not whole", lambda: not post.is_ready(), TOLD_WITHIN_S)
    time.sleep(max(0.0, for_s - TOLD_WITHIN_S))


def _heal(post: RunningPost, detour: Detour, fault: Fault) -> None:
    """Good lines again, until everything works."""
    detour.heal()
    fault.mended()
    reading_is_taken_in(post)
    page_is_served(post)
