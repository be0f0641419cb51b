"""What a call's law allows to the second, how its refusals read, and how long a caller can be reached."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from math import exp
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ondijon.control_room import calls
from ondijon.control_room.calls import model
from ondijon.control_room.calls.manifest import ROOM
from ondijon.control_room.calls.model import Course, State, Step
from ondijon.control_room.calls.rules.course import (
    CALLED_BACK,
    decide_instant,
    decide_number,
    decide_promise,
    evolve,
    may_step,
    state_of,
    waited_s,
)
from ondijon.control_room.calls.rules.place import lies_within
from ondijon.control_room.calls.rules.staffing import MOST_AGENTS, agents_needed, probability_of_waiting, service_level
from ondijon.kernel.errors import Refused

T0 = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def refusal(act: Callable[[], object]) -> tuple[str, dict[str, object]]:
    with pytest.raises(Refused) as told:
        act()
    return told.value.key, dict(told.value.values)


def test_refusals_say_what_is_wrong() -> None:
    for at in (T0 + 301 * SECOND, T0 - 86_401 * SECOND):
        assert refusal(partial(decide_instant, at, T0)) == ("error.call_time", {})
    assert refusal(partial(decide_number, "abc")) == ("error.call_number", {})
    assert refusal(partial(decide_promise, T0, T0)) == ("error.call_promise", {"days": 30})


@pytest.mark.parametrize(("typed", "number"), [("123", "123"), ("1" * 15, "1" * 15), ("+123", "+123")])
def test_numbers_have_three_to_fifteen_digits(typed: str, number: str) -> None:
    assert decide_number(typed) == number


def test_a_caller_is_promised_nothing_after_the_number_is_erased() -> None:
    assert decide_promise(T0 + timedelta(days=30), T0) == T0 + timedelta(days=30)
    kept = {one.key: one.privacy.retention_days for one in ROOM.holdings}
    assert kept == {"calls.callers": 30, "calls.words": 366, "calls.tries": 366}


def test_each_instant_is_the_earliest_known_and_says_only_what_it_says() -> None:
    course = evolve(Course(T0), "answered", T0 + 9 * SECOND)
    assert course == Course(T0, T0 + 9 * SECOND)
    assert evolve(course, "ringing", T0 + 5 * SECOND) == course
    assert evolve(course, "ringing", T0 - SECOND) == Course(T0 - SECOND, T0 + 9 * SECOND)
    assert evolve(course, "answered", T0 + 4 * SECOND) == Course(T0, T0 + 4 * SECOND)
    for end in ("ended", "abandoned"):
        assert evolve(course, end, T0 + 60 * SECOND).hung_up_at == T0 + 60 * SECOND


@pytest.mark.parametrize(
    ("answered", "hung_up", "state", "waited"),
    [
        (None, None, State.RINGING, 20.0),
        (12, None, State.OPEN, 12.0),
        (12, 90, State.ENDED, 12.0),
        (None, 15, State.ABANDONED, 15.0),
    ],
)
def test_the_state_and_the_wait_follow_from_the_instants(
    answered: int | None, hung_up: int | None, state: State, waited: float
) -> None:
    course = Course(T0, *(None if second is None else T0 + second * SECOND for second in (answered, hung_up)))
    assert state_of(course) == state
    assert waited_s(course, T0 + 20 * SECOND) == waited
    assert waited_s(Course(T0), T0 - SECOND) == 0.0


def test_nothing_is_done_with_a_caller_who_is_gone() -> None:
    assert [step for step in Step if may_step(State.ABANDONED, step)] == []
    assert [step for step in Step if may_step(State.RINGING, step)] == [Step.TAKE]


def test_only_a_person_reached_is_called_back() -> None:
    assert CALLED_BACK == {"reached": "done", "no_answer": "wanted", "gave_up": "gave_up"}


def test_the_room_promises_nine_answers_of_ten_within_fifteen_seconds() -> None:
    assert (model.ANSWER_SHARE, model.ANSWER_WITHIN_S) == (0.9, 15.0)
    assert (timedelta(minutes=15), 500) == (model.LOST_AFTER, model.MOST_RINGING)


def test_the_part_is_called_as_its_acts_and_what_may_not_be_seen_has_words() -> None:
    assert {act.key.partition(".")[0] for act in ROOM.acts} == {ROOM.part} == {model.PART}
    for language in ("fr", "en"):
        path = Path(calls.__file__).with_name(f"strings.{language}.json")
        assert model.UNSEEN in json.loads(path.read_text("utf-8"))


COURTYARD = [[(0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (4.0, 4.0), (4.0, 2.0), (2.0, 2.0), (2.0, 4.0), (0.0, 4.0)]]
TRIANGLE = [[(10.0, 1.0), (14.0, 1.0), (10.0, 5.0)]]


@pytest.mark.parametrize(
    ("lon", "lat", "held"),
    [
        (1.0, 3.0, True),
        (3.0, 3.0, False),
        (5.0, 3.0, True),
        (3.0, 1.0, True),
        (11.0, 2.0, True),
        (13.0, 3.0, False),
        (12.5, 2.0, True),
    ],
)
def test_left_middle_and_right_of_a_courtyard_and_a_triangle_beside(lon: float, lat: float, held: bool) -> None:
    assert lies_within([COURTYARD, TRIANGLE], lon, lat) is held


@given(st.floats(9, 15), st.floats(0, 6))
def test_a_slope_parts_inside_from_outside(lon: float, lat: float) -> None:
    beyond = (lon - 10) + (lat - 1) - 4
    assume(abs(beyond) > 1e-6 and lon != 10 and lat != 1)
    assert lies_within([TRIANGLE], lon, lat) is (lon > 10 and lat > 1 and beyond < 0)


def test_queues_of_one_are_what_textbooks_say() -> None:
    """M/M/1: the share that waits is the load, and P(wait > t) = load x exp(-(1 - load) t / handling)."""
    for load in (0.1, 0.5, 0.9):
        assert probability_of_waiting(load, 1) == pytest.approx(load)
        for handling_s in (0.5, 60.0, 7_200.0):
            waits = load * exp(-(1 - load) * 30.0 / handling_s)
            assert service_level(load * 3_600.0 / handling_s, handling_s, 1, 30.0) == pytest.approx(1 - waits)


def test_a_share_that_is_just_reached_is_reached_and_no_room_has_more_than_five_hundred() -> None:
    for agents in (4, 7, 12):
        share = service_level(60.0, 180.0, agents, 15.0)
        assert agents_needed(60.0, 180.0, share, 15.0) == agents
    assert MOST_AGENTS == 500
    for calls_per_h in (510.0, 100_000.0):
        assert agents_needed(calls_per_h, 3_600.0, 0.9, 15.0) == MOST_AGENTS


def test_nobody_is_needed_where_nothing_is_to_be_done() -> None:
    assert agents_needed(10.0, 0.0, 0.9, 15.0) == agents_needed(0.0, 60.0, 0.9, 15.0) == 0
    assert service_level(10.0, 0.0, 0, 15.0) == 1.0
    assert probability_of_waiting(0.0, 0) == 0.0
    assert agents_needed(0.001, 1.0, 0.9, 15.0) == 1
    assert service_level(60.0, 60.0, 1, 15.0) == 0.0
