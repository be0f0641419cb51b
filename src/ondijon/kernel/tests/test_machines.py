"""The laws of commands and alarms hold whatever happens in whatever order."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.kernel.alarms import AlarmState, AlarmStep, evolve_alarm, moves_of
from ondijon.kernel.commands import (
    OPEN_TARGET_STATES,
    TARGET_LAW,
    CommandRequest,
    CommandState,
    Precondition,
    RiskClass,
    Selection,
    TargetState,
    check_request,
    classify,
    evolve_target,
    summarise,
)
from ondijon.kernel.errors import Refused

target_states = st.sampled_from(list(TargetState))
alarm_steps = st.sampled_from(list(AlarmStep))


def leads_to(state: TargetState) -> set[TargetState]:
    """Every other state that one step can make of this one."""
    return {evolve_target(state, step) for step in TargetState} - {state}


@given(st.lists(target_states, max_size=20))
def test_what_is_settled_stays_except_unknown_that_may_yet_be_confirmed(steps: list[TargetState]) -> None:
    state = TargetState.REQUESTED
    for step in steps:
        former, state = state, evolve_target(state, step)
        if former not in OPEN_TARGET_STATES and state != former:
            assert (former, state) == (TargetState.UNKNOWN, TargetState.CONFIRMED)


def test_nothing_is_confirmed_that_was_never_sent() -> None:
    assert TargetState.CONFIRMED not in TARGET_LAW[TargetState.REQUESTED]
    assert set(TARGET_LAW) == set(TargetState)


def test_a_devices_word_proves_the_sending_but_only_its_report_after_it_proves_the_deed() -> None:
    never_first = {TargetState.CONFIRMED, TargetState.UNKNOWN, TargetState.REQUESTED}
    assert leads_to(TargetState.REQUESTED) == set(TargetState) - never_first


def test_what_is_on_its_way_may_end_in_any_way_but_is_never_called_back() -> None:
    assert leads_to(TargetState.SENT) == set(TargetState) - {TargetState.REQUESTED, TargetState.SENT}


def test_a_device_that_accepted_can_neither_refuse_any_more_nor_let_it_expire() -> None:
    ends = set(TargetState) - OPEN_TARGET_STATES
    assert leads_to(TargetState.ACCEPTED) == ends - {TargetState.REFUSED, TargetState.EXPIRED}


def test_exactly_the_open_states_come_before_an_end() -> None:
    assert {state for state in TargetState if len(leads_to(state)) > 1} == OPEN_TARGET_STATES
    assert leads_to(TargetState.UNKNOWN) == {TargetState.CONFIRMED}


@given(st.dictionaries(target_states, st.integers(0, 3)))
def test_a_command_is_confirmed_only_when_every_target_that_was_not_refused_is(
    numbers: dict[TargetState, int],
) -> None:
    state = summarise(dict(Counter(numbers)))
    others = sum(n for key, n in numbers.items() if key not in (TargetState.CONFIRMED, TargetState.REFUSED))
    assert (state == CommandState.CONFIRMED) == (others == 0 and numbers.get(TargetState.CONFIRMED, 0) > 0)


@given(st.dictionaries(target_states, st.integers(0, 3)))
def test_a_command_is_called_by_what_is_furthest_from_a_good_end(numbers: dict[TargetState, int]) -> None:
    there = {state.name.lower() for state, count in numbers.items() if count}
    worst_first = "requested sent accepted unknown failed expired confirmed refused".split()
    assert summarise(numbers) == next((name for name in worst_first if name in there), "refused")


def test_wide_orders_are_never_less_than_visible_and_above_500_need_two_persons() -> None:
    classes = [classify(RiskClass.REVERSIBLE, count) for count in (50, 51, 500, 501)]
    assert classes == [RiskClass.REVERSIBLE, RiskClass.VISIBLE, RiskClass.VISIBLE, RiskClass.TWO_PERSONS]
    assert classify(RiskClass.SELECT_BEFORE_OPERATE, 51) == RiskClass.SELECT_BEFORE_OPERATE


nan = float("nan")


@pytest.mark.parametrize(
    ("at_least", "at_most", "holding", "failing"),
    [
        (10.0, 20.0, (10.0, 15.0, 20.0), (9.9, 20.1, nan)),
        (10.0, None, (10.0, 1e9), (9.9, nan)),
        (None, 20.0, (-1e9, 20.0), (20.1, nan)),
        (None, None, (0.0,), (nan,)),
    ],
)
def test_a_precondition_holds_between_its_bounds_and_never_for_what_is_unknown(
    at_least: float | None, at_most: float | None, holding: tuple[float, ...], failing: tuple[float, ...]
) -> None:
    bounds = Precondition("urn:twin", "level", at_least, at_most)
    assert all(bounds.holds_for(value) is True for value in holding)
    assert not any(bounds.holds_for(value) for value in failing)


def request(expires_s: int = 60, reason: str = "") -> CommandRequest:
    return CommandRequest("x.y", Selection("all"), {}, reason, expires_s, UUID(int=1))


def test_a_request_lives_from_a_second_to_a_day_and_says_why_in_2000_signs_at_most() -> None:
    for good in (request(1), request(86_400), request(reason="x" * 2_000)):
        check_request(good)
    for bad in (0, 86_401):
        with pytest.raises(Refused) as told:
            check_request(request(bad))
        assert (told.value.key, told.value.values) == ("error.bad_expiry", {"seconds": bad})
    with pytest.raises(Refused) as told:
        check_request(request(reason="x" * 2_001))
    assert (told.value.key, told.value.values) == ("error.reason_too_long", {"most": 2_000})


class _Model:
    """An alarm told apart into what the law must keep apart: condition, latch, and whether somebody has seen it."""

    def __init__(self) -> None:
        self.active, self.latched, self.seen = False, False, True

    def take(self, step: AlarmStep) -> None:
        if step == AlarmStep.RAISE and not self.active:
            self.active, self.latched, self.seen = True, False, False
        elif step in (AlarmStep.CLEAR, AlarmStep.LATCH) and self.active:
            self.active, self.latched = False, step == AlarmStep.LATCH
        elif step == AlarmStep.ACKNOWLEDGE:
            self.seen = True
        elif step == AlarmStep.RESET:
            self.latched = False
        elif step == AlarmStep.UNSHELVE and (self.active or self.latched):
            self.seen = False

    @property
    def state(self) -> str:
        if not (self.active or self.latched):
            return AlarmState.NORMAL if self.seen else AlarmState.RETURNED
        return f"{'active' if self.active else 'latched'}_{'' if self.seen else 'un'}acknowledged"


def walk(steps: Iterable[AlarmStep]) -> AlarmState:
    """The state after these steps, having compared it with the model after each."""
    state, model = AlarmState.NORMAL, _Model()
    for step in steps:
        state = evolve_alarm(state, step)
        model.take(step)
        assert state.value == model.state
    return state


@given(st.lists(alarm_steps, max_size=40))
def test_an_alarm_is_what_its_condition_its_latch_and_its_operator_make_of_it(steps: list[AlarmStep]) -> None:
    walk(steps)


def test_every_state_is_reached_and_takes_every_step_as_the_model_does() -> None:
    ways: dict[AlarmState, tuple[AlarmStep, ...]] = {AlarmState.NORMAL: ()}
    reached = [AlarmState.NORMAL]
    for state in reached:  # grows while it is read
        for step in AlarmStep:
            after = walk((*ways[state], step))
            if after not in ways:
                ways[after] = (*ways[state], step)
                reached.append(after)
    assert set(reached) == set(AlarmState)


@given(st.lists(st.sampled_from([one for one in AlarmStep if one not in (AlarmStep.RESET, AlarmStep.CLEAR)])))
def test_a_kind_that_latches_comes_to_rest_by_a_reset_alone(steps: list[AlarmStep]) -> None:
    assert walk((AlarmStep.RAISE, *steps)) not in (AlarmState.NORMAL, AlarmState.RETURNED)


@given(st.lists(st.sampled_from([one for one in AlarmStep if one != AlarmStep.ACKNOWLEDGE])))
def test_what_nobody_acknowledged_never_goes_away(steps: list[AlarmStep]) -> None:
    assert walk((AlarmStep.RAISE, *steps)).value.endswith("_unacknowledged")


@given(alarm_steps)
def test_the_law_as_two_lists_is_the_law(step: AlarmStep) -> None:
    before, after = moves_of(step)
    assert len(set(before)) == len(before)
    for state in AlarmState:
        following = after[before.index(state)] if state in before else state.value
        assert following == evolve_alarm(state, step).value
