"""A machine's clock that is set under a running post moves nobody's time, and somebody is told."""

import asyncio
import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.cli.clock_watch import watch_clock
from ondijon.infra.clocks import STEP_US, Anchor, HomeTime, SystemClock
from ondijon.runtime.field_role import CLOCK_SUBJECT
from ondijon.testing.fakes import FakeBus

HOUR_US = 3_600_000_000
SECOND_US = 1_000_000


class Machine:
    """A machine whose clock can be set; its steady clock goes on."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.steady_us, self.set_by_us = 5 * HOUR_US, 0
        patch.setattr(time, "time_ns", lambda: (1_790_000_000_000_000 + self.steady_us + self.set_by_us) * 1000)
        patch.setattr(time, "clock_gettime_ns", lambda _: self.steady_us * 1000)


@given(st.lists(st.tuples(st.integers(0, HOUR_US), st.integers(-HOUR_US, HOUR_US)), max_size=20))
def test_time_never_goes_back_and_never_leaves_the_steady_clock_by_more_than_a_step(
    course: list[tuple[int, int]],
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        machine = Machine(patch)
        clock, began_us, former_us = SystemClock(HomeTime(60.0), Anchor.drop()), machine.steady_us, 0
        start_us = clock.now_us()
        for passed_us, set_by_us in course:
            machine.steady_us += passed_us
            machine.set_by_us = set_by_us
            now_us = clock.now_us()
            assert now_us >= former_us
            assert abs(now_us - start_us - (machine.steady_us - began_us)) <= STEP_US
            former_us = now_us


def test_a_small_correction_is_followed_and_a_large_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    clock = SystemClock(anchor=Anchor.drop())
    start_us = clock.now_us()
    machine.set_by_us = 3 * SECOND_US
    assert (clock.now_us() - start_us, clock.stepped_us()) == (3 * SECOND_US, 0)
    machine.set_by_us, machine.steady_us = -HOUR_US, machine.steady_us + 20 * SECOND_US
    assert (clock.now_us() - start_us, clock.stepped_us()) == (20 * SECOND_US, -HOUR_US)


def test_an_anchor_of_another_machine_or_boot_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch)
    elsewhere = msgspec.structs.replace(Anchor.drop(), boot="another")
    machine.set_by_us = HOUR_US
    assert SystemClock(anchor=elsewhere).now_us() == SystemClock().now_us()


async def test_it_is_told_for_as_long_as_it_is_so(monkeypatch: pytest.MonkeyPatch) -> None:
    machine, bus = Machine(monkeypatch), FakeBus()
    clock = SystemClock(anchor=Anchor.drop())
    watching = asyncio.create_task(watch_clock(clock, bus, every_s=0.0))
    await asyncio.sleep(0)
    assert bus.said_on(CLOCK_SUBJECT) == []
    machine.set_by_us = -HOUR_US
    for _ in range(5):
        await asyncio.sleep(0)
    watching.cancel()
    assert {msgspec.json.decode(word)["stepped_s"] for word in bus.said_on(CLOCK_SUBJECT)} == {-3_600}
