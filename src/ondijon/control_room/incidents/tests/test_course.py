"""The law of an incident and its two clocks hold whatever happens in whatever order."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ondijon.control_room.incidents.model import OPEN, Course, Pause, SlaClock, State, Step
from ondijon.control_room.incidents.rules.clocks import due_at, go_on, judge, meet, run, stand, used_us
from ondijon.control_room.incidents.rules.course import (
    LAW,
    evolve,
    may_step,
    needs_text,
    open_course,
    set_limits,
)
from ondijon.kernel.errors import Refused

START = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
PASSING = st.integers(0, 3 * 86_400 * 1_000_000).map(lambda us: timedelta(microseconds=us))
SECONDS = st.integers(1, 86_400)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class IncidentLife(RuleBasedStateMachine):
    """Any steps at any times, beside a ledger kept in the dullest way: what each clock should have counted."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.course = open_course(1_200, 14_400, START)
        self.told = {"respond": 0, "resolve": 0}
        self.running = {"respond": True, "resolve": True}
        self.responded = False

    def _pass(self, time: timedelta) -> None:
        """Time goes by; a pause that ends meanwhile lets the clocks run from its end, as they must in the end."""
        self.now += time
        for name in ("respond", "resolve"):
            if self.running[name]:
                self.told[name] += time // _MICROSECOND

    def _resumed_late(self) -> None:
        """What ran between the end said of a pause and the moment anybody noticed."""
        pause = self.course.pause
        if pause is not None and pause.until is not None and pause.until < self.now:
            for name, clock in (("respond", self.course.respond), ("resolve", self.course.resolve)):
                if clock.met_at is None:
                    self.told[name] += (self.now - pause.until) // _MICROSECOND

    def _step(self, step: Step, pause: Pause | None = None) -> None:
        before = self.course
        self.course = evolve(before, step, self.now, pause)
        assert self.course.state == LAW[step][before.state]

    @rule(time=PASSING)
    def time_passes(self, time: timedelta) -> None:
        self._pass(time)

    @rule(step=st.sampled_from([one for one in Step if one != Step.PAUSE]))
    def somebody_does_something(self, step: Step) -> None:
        if not may_step(self.course, step):
            with pytest.raises(Refused, match="incident_step"):
                evolve(self.course, step, self.now)
            return
        if step in (Step.RESUME, Step.START, Step.RESOLVE, Step.CLOSE, Step.MERGE):
            self._resumed_late()
        self._step(step)
        if step in (Step.RESUME, Step.START, Step.REOPEN):
            self.running = {"respond": not self.responded, "resolve": True}
        if step in (Step.START, Step.RESOLVE, Step.CLOSE):
            self.responded = True
            self.running["respond"] = False
        if step in (Step.RESOLVE, Step.CLOSE, Step.MERGE):
            self.running = {"respond": False, "resolve": False}

    @precondition(lambda self: may_step(self.course, Step.PAUSE))
    @rule(lasts=st.one_of(st.none(), SECONDS))
    def it_is_paused(self, lasts: int | None) -> None:
        until = None if lasts is None else self.now + timedelta(seconds=lasts)
        self._step(Step.PAUSE, Pause("weather", self.now, until))
        self.running = {"respond": False, "resolve": False}

    @invariant()
    def the_clocks_say_what_the_ledger_says(self) -> None:
        assert used_us(self.course.respond, self.now) == self.told["respond"]
        assert used_us(self.course.resolve, self.now) == self.told["resolve"]

    @invariant()
    def a_clock_runs_only_in_an_open_incident_that_is_not_paused(self) -> None:
        runs = self.course.resolve.since is not None
        assert runs == (self.course.state in OPEN and self.course.pause is None)
        assert not (self.course.respond.since is not None and not runs)

    @invariant()
    def milestones_fit_the_state(self) -> None:
        course = self.course
        assert (course.resolved_at is not None) <= (course.state in (State.RESOLVED, State.CLOSED))
        assert (course.closed_at is not None) == (course.state == State.CLOSED)
        if course.state == State.IN_PROGRESS:
            assert course.started_at is not None
        if course.state in (State.QUALIFIED, State.RESOLVED):
            assert course.qualified_at is not None
        if course.pause is not None:
            assert course.state in OPEN

    @invariant()
    def a_due_clock_is_breached_and_only_then(self) -> None:
        for clock in (self.course.respond, self.course.resolve):
            due = due_at(clock)
            if due is not None:
                assert (judge(clock, self.now) == "breached") == (due <= self.now)

    @invariant()
    def every_state_but_merged_leads_on(self) -> None:
        assert any(may_step(self.course, step) for step in Step) == (self.course.state != State.MERGED)


TestIncidentLife = IncidentLife.TestCase
TestIncidentLife.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


@given(SECONDS, SECONDS, SECONDS)
def test_a_pause_moves_the_end_by_its_length(before: int, pause: int, limit: int) -> None:
    course = open_course(limit, limit + 1, START)
    course = evolve(course, Step.PAUSE, at(before), Pause("weather", at(before), None))
    assert due_at(course.respond) is due_at(course.resolve) is None
    assert judge(course.respond, at(before + pause)) == ("paused" if before < limit else "breached")
    course = evolve(course, Step.RESUME, at(before + pause))
    assert due_at(course.respond) == at(limit + pause)


@given(SECONDS, SECONDS)
def test_a_pause_that_ends_by_itself_counts_to_its_end_however_late_it_is_noticed(lasts: int, late: int) -> None:
    course = evolve(open_course(9, 99, START), Step.PAUSE, START, Pause("planned", START, at(lasts)))
    course = evolve(course, Step.RESUME, at(lasts + late))
    assert used_us(course.resolve, at(lasts + late)) == late * 1_000_000


def test_an_early_end_of_a_pause_counts_from_then() -> None:
    course = evolve(open_course(9, 99, START), Step.PAUSE, START, Pause("planned", START, at(50)))
    course = evolve(course, Step.RESUME, at(20))
    assert course.resolve.since == at(20)


@given(SECONDS, SECONDS, SECONDS)
def test_reopening_goes_on_with_what_was_used_and_not_with_the_time_between(work: int, over: int, again: int) -> None:
    course = evolve(open_course(600, 7_200, START), Step.START, START)
    course = evolve(course, Step.RESOLVE, at(work))
    met = course.respond
    course = evolve(course, Step.REOPEN, at(work + over))
    assert used_us(course.resolve, at(work + over + again)) == (work + again) * 1_000_000
    assert course.respond == met
    assert course.state == State.IN_PROGRESS
    assert course.resolved_at is None


@given(SECONDS, st.integers(-86_400, 86_400))
def test_time_used_never_shrinks_when_a_clock_is_set_back(used: int, shift: int) -> None:
    clock = stand(SlaClock(60, since=START), at(used))
    again = run(clock, at(0))
    assert used_us(again, at(shift)) >= clock.used_us
    assert stand(again, at(shift)).used_us >= clock.used_us


def test_exactly_at_the_limit_the_promise_is_broken_and_a_microsecond_before_it_is_kept() -> None:
    clock = SlaClock(60, since=START)
    assert due_at(clock) == at(60)
    assert judge(clock, at(60)) == "breached"
    assert judge(clock, at(60) - _MICROSECOND) == "running"
    assert judge(meet(clock, at(60) - _MICROSECOND), at(999)) == "met"
    assert judge(meet(clock, at(60)), at(60)) == "breached"


def test_what_was_met_first_stays_met_then() -> None:
    clock = meet(SlaClock(60, since=START), at(10))
    assert meet(clock, at(20)) == clock
    assert run(clock, at(20)) == clock
    assert go_on(clock, at(20)) == SlaClock(60, 10_000_000, at(20))


@pytest.mark.parametrize(
    ("began", "wall_h"),
    [
        (datetime(2026, 10, 24, 23, 30, tzinfo=UTC), 1),
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), 3),
        (datetime(2026, 6, 24, 23, 30, tzinfo=UTC), 2),
    ],
)
def test_the_night_when_clocks_change_has_no_effect(began: datetime, wall_h: int) -> None:
    """Two hours are two hours, whatever the wall clock in Paris says that they were."""
    paris = ZoneInfo("Europe/Paris")
    ended = began + timedelta(hours=2)
    wall = ended.astimezone(paris).replace(tzinfo=None) - began.astimezone(paris).replace(tzinfo=None)
    assert wall == timedelta(hours=wall_h)
    clock = SlaClock(7_200, since=began)
    assert used_us(clock, ended) == 7_200_000_000
    assert due_at(clock) == ended
    course = evolve(open_course(7_200, 7_200, began), Step.PAUSE, began, Pause("weather", began, ended))
    assert used_us(evolve(course, Step.RESUME, ended).resolve, ended + timedelta(hours=1)) == 3_600_000_000


def test_only_what_nobody_worked_on_needs_a_reason_to_close() -> None:
    fresh = open_course(1, 2, START)
    done = evolve(fresh, Step.RESOLVE, START)
    assert needs_text(fresh, Step.CLOSE)
    assert needs_text(fresh, Step.RESOLVE)
    assert not needs_text(done, Step.CLOSE)
    assert needs_text(done, Step.REOPEN)
    assert not needs_text(fresh, Step.START)


def test_the_law_reads_as_it_is_told() -> None:
    course = open_course(60, 120, START)
    for step, state in (
        (Step.QUALIFY, State.QUALIFIED),
        (Step.START, State.IN_PROGRESS),
        (Step.RESOLVE, State.RESOLVED),
        (Step.CLOSE, State.CLOSED),
        (Step.REOPEN, State.IN_PROGRESS),
        (Step.MERGE, State.MERGED),
    ):
        course = evolve(course, step, START)
        assert course.state == state
    assert [step for step in Step if may_step(course, step)] == []


def test_work_in_hand_is_resolved_before_it_is_closed() -> None:
    with pytest.raises(Refused):
        evolve(evolve(open_course(1, 2, START), Step.START, START), Step.CLOSE, START)


def test_two_pauses_do_not_nest() -> None:
    paused = evolve(open_course(1, 2, START), Step.PAUSE, START, Pause("weather", START, None))
    with pytest.raises(Refused):
        evolve(paused, Step.PAUSE, START, Pause("planned", START, None))
    with pytest.raises(Refused):
        evolve(open_course(1, 2, START), Step.RESUME, START)


@given(SECONDS, SECONDS)
def test_another_promise_keeps_what_was_used(limit: int, used: int) -> None:
    course: Course = set_limits(open_course(1, 2, START), limit, limit + 1)
    assert due_at(course.respond) == at(limit)
    assert due_at(course.resolve) == at(limit + 1)
    assert used_us(course.respond, at(used)) == used * 1_000_000
