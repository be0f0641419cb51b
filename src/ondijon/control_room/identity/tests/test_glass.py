"""The broken glass over any sequence of breaking, giving back and waiting."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.control_room.identity.model import LEAST_MINUTES, MOST_MINUTES, Glass
from ondijon.control_room.identity.rules import decide_break
from ondijon.kernel.errors import Refused

START = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
WHY = "Fuite de gaz, astreinte injoignable"
STEPS = st.lists(
    st.tuples(st.sampled_from(["break", "mend", "wait"]), st.integers(0, 1_000), st.integers(0, 70)), max_size=40
)


@given(STEPS)
def test_the_glass_stands_for_its_minutes_and_never_twice_at_once(steps: list[tuple[str, int, int]]) -> None:
    now, glass = START, None
    for step, wait_s, minutes in steps:
        now += timedelta(seconds=wait_s)
        stood = glass is not None and glass.stands_at(now)
        if step == "break":
            try:
                broken = decide_break(glass, WHY, minutes, now)
            except Refused:
                assert stood or not LEAST_MINUTES <= minutes <= MOST_MINUTES
                continue
            assert not stood and broken.until - broken.since == timedelta(minutes=minutes)
            glass = broken
            assert glass.stands_at(now)
        elif step == "mend" and glass is not None and stood:
            glass = Glass(glass.since, glass.until, now)
            assert not glass.stands_at(now)
        if glass is not None:
            assert not glass.stands_at(glass.until) and not glass.stands_at(glass.since - timedelta(seconds=1))


@pytest.mark.parametrize("reason", ["", "  gaz  ", "x" * 501, " " * 40])
def test_it_needs_a_reason_that_says_something(reason: str) -> None:
    with pytest.raises(Refused) as refused:
        decide_break(None, reason, 15, START)
    assert refused.value.key == "error.glass_reason"
