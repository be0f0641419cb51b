"""A call is what its facts make it, in whatever order they came."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.control_room.calls.model import PROMISE_AHEAD, Course, Happened, State, Step
from ondijon.control_room.calls.rules.course import (
    MAY,
    STATE_OF,
    decide_instant,
    decide_number,
    decide_promise,
    evolve,
    may_step,
    state_of,
    waited_s,
)
from ondijon.control_room.calls.rules.place import lies_within
from ondijon.kernel.errors import Refused

T0 = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HAPPENED: tuple[Happened, ...] = ("ringing", "answered", "ended", "abandoned")
Fact = tuple[Happened, int]
FACTS = st.lists(st.tuples(st.sampled_from(HAPPENED), st.integers(0, 3_600)), min_size=1, max_size=12)


def course_of(facts: list[Fact]) -> Course:
    course = Course(T0 + timedelta(seconds=facts[0][1]))
    for happened, second in facts:
        course = evolve(course, happened, T0 + timedelta(seconds=second))
    return course


@given(FACTS, st.randoms(use_true_random=False))
def test_the_order_of_facts_does_not_matter(facts: list[Fact], lot: st.DataObject) -> None:
    turned = list(facts)
    lot.shuffle(turned)  # type: ignore[attr-defined]
    assert course_of(turned) == course_of(facts)


@given(FACTS)
def test_facts_told_twice_change_nothing(facts: list[Fact]) -> None:
    assert course_of(facts + facts) == course_of(facts)


@given(FACTS, st.tuples(st.sampled_from(HAPPENED), st.integers(0, 3_600)))
def test_a_call_never_goes_back(facts: list[Fact], one: Fact) -> None:
    forward = {
        State.RINGING: set(State),
        State.OPEN: {State.OPEN, State.ENDED},
        State.ABANDONED: {State.ABANDONED, State.ENDED},
        State.ENDED: {State.ENDED},
    }
    assert state_of(course_of([*facts, one])) in forward[state_of(course_of(facts))]


@given(FACTS, st.integers(0, 7_200))
def test_nobody_waits_less_than_nothing(facts: list[Fact], later: int) -> None:
    assert waited_s(course_of(facts), T0 + timedelta(seconds=later)) >= 0


def test_the_tables_say_everything() -> None:
    assert set(STATE_OF) == set(product((False, True), repeat=2))
    assert set(STATE_OF.values()) == set(State)
    assert set(MAY) == set(Step)


@pytest.mark.parametrize(
    ("step", "states"),
    [
        (Step.TAKE, {State.RINGING}),
        (Step.END, {State.OPEN}),
        (Step.SAVE, {State.OPEN, State.ENDED}),
        (Step.LINK, {State.OPEN, State.ENDED}),
        (Step.PROMISE, {State.OPEN, State.ENDED}),
        (Step.CALL_BACK, {State.OPEN, State.ENDED}),
    ],
)
def test_each_step_has_its_states(step: Step, states: set[State]) -> None:
    assert {state for state in State if may_step(state, step)} == states


def test_an_end_told_before_the_answer_is_an_answered_call_that_ended() -> None:
    course = course_of([("ended", 60), ("ringing", 0), ("answered", 12)])
    assert state_of(course) == State.ENDED
    assert waited_s(course, T0) == 12.0


@pytest.mark.parametrize(("off_s", "fits"), [(300, True), (301, False), (-86_400, True), (-86_401, False)])
def test_a_telephone_systems_clock_may_be_a_little_ahead_and_a_day_late(off_s: int, fits: bool) -> None:
    at = T0 + timedelta(seconds=off_s)
    if fits:
        assert decide_instant(at, T0) == min(at, T0)
    else:
        with pytest.raises(Refused, match="call_time"):
            decide_instant(at, T0)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("03 80 12.34-56", "0380123456"),
        ("+33 (0)3/80", "+330380"),
        ("", None),
        (None, None),
        ("  ", None),
        ("18 2", "182"),
    ],
)
def test_numbers_lose_their_spacing(typed: str | None, number: str | None) -> None:
    assert decide_number(typed) == number


@pytest.mark.parametrize("typed", ["12", "abc", "0380 ext 4", "+", "1" * 16, "٣٨٠١٢٣"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="call_number"):
        decide_number(typed)


def test_a_promise_lies_ahead_while_the_caller_can_be_reached() -> None:
    second = timedelta(seconds=1)
    assert decide_promise(T0 + second, T0) == T0 + second
    assert decide_promise(T0 + PROMISE_AHEAD, T0) == T0 + PROMISE_AHEAD
    for at in (T0, T0 - second, T0 + PROMISE_AHEAD + second):
        with pytest.raises(Refused, match="call_promise"):
            decide_promise(at, T0)


def test_a_point_in_a_hole_is_outside() -> None:
    outer = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0)]
    hole = [(1.0, 1.0), (2.0, 1.0), (2.0, 2.0), (1.0, 2.0)]
    assert lies_within([[outer, hole]], 3.0, 3.0)
    assert not lies_within([[outer, hole]], 1.5, 1.5)
    assert not lies_within([[outer, hole]], 5.0, 1.0)
