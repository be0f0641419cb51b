"""What may be done to an incident in which state, as the room says it, and what each step leaves behind."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ondijon.control_room.incidents.model import Course, Pause, SlaClock, State, Step
from ondijon.control_room.incidents.rules.clocks import due_at, go_on, judge, meet, run, stand, used_us
from ondijon.control_room.incidents.rules.course import evolve, may_step, needs_text, open_course, set_limits
from ondijon.kernel.errors import Refused

START = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
LATER = START + timedelta(minutes=10)
MOMENT = timedelta(microseconds=1)
# How each state is reached from the moment somebody reports it.
WAYS: dict[State, tuple[Step, ...]] = {
    State.REPORTED: (),
    State.QUALIFIED: (Step.QUALIFY,),
    State.IN_PROGRESS: (Step.QUALIFY, Step.START),
    State.RESOLVED: (Step.START, Step.RESOLVE),
    State.CLOSED: (Step.START, Step.RESOLVE, Step.CLOSE),
    State.MERGED: (Step.MERGE,),
}
OPEN = {State.REPORTED, State.QUALIFIED, State.IN_PROGRESS}
UNTIL_CLOSED = OPEN | {State.RESOLVED}


def course_in(state: State, at: datetime = START) -> Course:
    course = open_course(1_200, 14_400, START)
    for step in WAYS[state]:
        course = evolve(course, step, at)
    assert course.state == state
    return course


def states_of(step: Step) -> set[State]:
    """Where a step may happen; a pause is begun where none is and ended where one is."""
    found = set()
    for state in State:
        course = course_in(state)
        if step == Step.RESUME and state in OPEN:
            course = evolve(course, Step.PAUSE, START, Pause("weather", START, None))
        if may_step(course, step):
            found.add(state)
    return found


@pytest.mark.parametrize(
    ("step", "states"),
    [
        (Step.QUALIFY, UNTIL_CLOSED),
        (Step.START, {State.REPORTED, State.QUALIFIED}),
        (Step.RESOLVE, OPEN),
        (Step.CLOSE, UNTIL_CLOSED - {State.IN_PROGRESS}),
        (Step.REOPEN, {State.RESOLVED, State.CLOSED}),
        (Step.MERGE, OPEN),
        (Step.PAUSE, OPEN),
        (Step.RESUME, OPEN),
        (Step.COMMENT, UNTIL_CLOSED | {State.CLOSED}),
        *(
            (step, UNTIL_CLOSED)
            for step in (Step.TAKE, Step.RELEASE, Step.ASSIGN, Step.SPLIT, Step.HAND_OVER, Step.ADD, Step.DROP)
        ),
    ],
)
def test_each_step_has_its_states(step: Step, states: set[State]) -> None:
    assert states_of(step) == states


@pytest.mark.parametrize("step", list(Step))
def test_steps_that_are_no_milestone_leave_the_state_alone(step: Step) -> None:
    milestones = {
        Step.QUALIFY: State.QUALIFIED,
        Step.START: State.IN_PROGRESS,
        Step.RESOLVE: State.RESOLVED,
        Step.CLOSE: State.CLOSED,
        Step.REOPEN: State.IN_PROGRESS,
        Step.MERGE: State.MERGED,
    }
    for state in State:
        course = course_in(state)
        if may_step(course, step):
            advances = step in milestones and (step != Step.QUALIFY or state == State.REPORTED)
            assert evolve(course, step, LATER).state == (milestones[step] if advances else state)


def test_a_refusal_says_which_step_in_which_state() -> None:
    with pytest.raises(Refused) as told:
        evolve(course_in(State.CLOSED), Step.START, LATER)
    assert (told.value.key, told.value.values) == ("error.incident_step", {"step": "start", "state": "closed"})
    assert may_step(course_in(State.CLOSED), Step.START) is False


def test_only_a_pause_pauses_and_only_when_it_says_why() -> None:
    course, pause = course_in(State.QUALIFIED), Pause("weather", LATER, None)
    assert evolve(course, Step.PAUSE, LATER) == course
    assert evolve(course, Step.START, LATER, pause) == evolve(course, Step.START, LATER)
    assert evolve(course, Step.PAUSE, LATER, pause).pause == pause


def test_milestones_keep_their_instants() -> None:
    at = [START + timedelta(minutes=minutes) for minutes in range(6)]
    course = evolve(open_course(1_200, 14_400, at[0]), Step.START, at[1])
    assert (course.qualified_at, course.started_at, course.respond.met_at) == (at[1], at[1], at[1])
    assert (course.resolved_at, course.resolve.met_at) == (None, None)
    course = evolve(course, Step.RESOLVE, at[2])
    assert (course.qualified_at, course.started_at, course.resolved_at, course.closed_at) == (at[1], at[1], at[2], None)
    assert (course.respond.met_at, course.resolve.met_at) == (at[1], at[2])
    course = evolve(course, Step.CLOSE, at[3])
    assert (course.resolved_at, course.closed_at, course.resolve.met_at) == (at[2], at[3], at[2])
    course = evolve(course, Step.REOPEN, at[4])
    assert (course.started_at, course.resolved_at, course.closed_at) == (at[1], None, None)
    assert (course.respond.met_at, course.resolve.met_at) == (at[1], None)
    assert evolve(course, Step.RESOLVE, at[5]).resolved_at == at[5]


def test_what_is_resolved_or_closed_at_once_meets_both_promises_then() -> None:
    for step in (Step.RESOLVE, Step.CLOSE):
        course = evolve(course_in(State.REPORTED), step, LATER)
        assert (course.respond.met_at, course.resolve.met_at) == (LATER, LATER)
        assert (course.respond.since, course.resolve.since) == (None, None)
    closed = evolve(course_in(State.REPORTED), Step.CLOSE, LATER)
    assert (closed.qualified_at, closed.started_at, closed.resolved_at, closed.closed_at) == (None, None, None, LATER)
    reopened = evolve(closed, Step.REOPEN, LATER + MOMENT)
    assert reopened.started_at == LATER + MOMENT


def test_what_is_merged_keeps_what_was_used_and_meets_nothing() -> None:
    course = evolve(course_in(State.REPORTED), Step.MERGE, LATER)
    for clock in (course.respond, course.resolve):
        assert (clock.used_us, clock.since, clock.met_at) == (600_000_000, None, None)


@pytest.mark.parametrize("step", [Step.START, Step.RESOLVE, Step.CLOSE, Step.MERGE, Step.RESUME])
def test_a_step_forward_ends_a_pause_and_others_leave_it(step: Step) -> None:
    pause = Pause("planned", START, START + timedelta(minutes=4))
    paused = evolve(course_in(State.QUALIFIED), Step.PAUSE, START, pause)
    ended = evolve(paused, step, LATER)
    assert ended.pause is None
    assert used_us(ended.resolve, LATER) == 360_000_000
    for other in (Step.TAKE, Step.COMMENT, Step.QUALIFY, Step.ADD):
        assert evolve(paused, other, LATER) == paused


def test_a_promise_holds_for_its_own_clock() -> None:
    course = open_course(60, 600, START)
    assert (course.state, course.pause) == (State.REPORTED, None)
    assert (due_at(course.respond), due_at(course.resolve)) == (
        START + timedelta(seconds=60), START + timedelta(seconds=600)
    )  # fmt: skip
    other = set_limits(course, 5, 50)
    assert (other.respond, other.resolve) == (SlaClock(5, since=START), SlaClock(50, since=START))
    assert replace(other, respond=course.respond, resolve=course.resolve) == course


def test_reasons_are_asked_for_what_ends_or_begins_again_and_for_closing_undone_work() -> None:
    asked = {(state, step) for state in State for step in Step if needs_text(course_in(state), step)}
    always = {(state, step) for state in State for step in (Step.RESOLVE, Step.REOPEN)}
    assert asked == always | {(state, Step.CLOSE) for state in State if state != State.RESOLVED}
    assert needs_text(course_in(State.REPORTED), Step.TAKE) is False


@given(st.integers(0, 86_400_000_000), st.integers(0, 86_400_000_000))
def test_a_clock_counts_what_ran_and_nothing_else(ran_us: int, stood_us: int) -> None:
    stopped_at = START + ran_us * MOMENT
    again_at = stopped_at + stood_us * MOMENT
    clock = stand(SlaClock(60, 7, START), stopped_at)
    assert clock == SlaClock(60, 7 + ran_us)
    assert stand(clock, again_at) == clock
    assert used_us(run(clock, again_at), again_at + 5 * MOMENT) == 12 + ran_us


def test_a_clock_that_runs_is_not_started_again_and_one_that_was_met_waits_to_go_on() -> None:
    clock = SlaClock(60, since=START)
    assert run(clock, LATER) is clock
    met = meet(clock, LATER)
    assert met == SlaClock(60, 600_000_000, None, LATER)
    assert run(met, LATER) is met
    assert meet(met, LATER + MOMENT) is met
    assert go_on(met, LATER) == SlaClock(60, 600_000_000, LATER)


@pytest.mark.parametrize(
    ("clock", "said"),
    [
        (SlaClock(60, 59_999_999, START), "running"),
        (SlaClock(60, 60_000_000, START), "breached"),
        (SlaClock(60, 59_999_999), "paused"),
        (SlaClock(60, 60_000_000), "breached"),
        (SlaClock(60, 59_999_999, None, START), "met"),
        (SlaClock(60, 60_000_000, None, START), "breached"),
    ],
)
def test_a_clock_says_in_one_word_how_it_stands(clock: SlaClock, said: str) -> None:
    assert judge(clock, START) == said
    assert due_at(replace(clock, since=START)) == START + 60_000_000 * MOMENT - clock.used_us * MOMENT
    assert used_us(replace(clock, since=START), START - timedelta(hours=1)) == clock.used_us
