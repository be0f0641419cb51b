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
        _is_told(post)
        time.sleep(max(0.0, cut_s - TOLD_WITHIN_S))
        detour.heal()
        fault.mended()
        _works_again(post)
    rig.judge(fault)
    assert max(fault.recovered_s) <= CUT_LIMIT_S * crowding()


@long_only
def test_lines_that_die_without_a_word_are_found_dead_and_replaced(post: RunningPost, rig: Rig, detour: Detour) -> None:
    fault = Fault(f"bus and broker silent for {SILENCE_S:.0f} s, every line dead for good", SILENCE_LIMIT_S)
    with rig.work(), fault.during():
        detour.silence()
        _is_told(post)
        time.sleep(max(0.0, SILENCE_S - TOLD_WITHIN_S))
        detour.heal()
        fault.mended()
        _works_again(post)
    rig.judge(fault)
    assert max(fault.recovered_s) <= SILENCE_LIMIT_S * crowding()


@long_only
def test_a_slow_bus_makes_everything_late_and_nothing_wrong(post: RunningPost, rig: Rig, detour: Detour) -> None:
    fault = Fault(f"every line {SLOW_S * 1000:.0f} ms slower each way, for {SLOW_FOR_S:.0f} s", CUT_LIMIT_S)
    with rig.work(), fault.during():
        detour.delay(SLOW_S)
        time.sleep(SLOW_FOR_S)
        assert post.is_ready()
        detour.heal()
        fault.mended()
        _works_again(post)
    rig.judge(fault)


def _is_told(post: RunningPost) -> None:
    until("the post says that it is not whole", lambda: not post.is_ready(), TOLD_WITHIN_S)


def _works_again(post: RunningPost) -> None:
    reading_is_taken_in(post)
    page_is_served(post)
