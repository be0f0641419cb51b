"""The laws of commands and alarms hold whatever happens in whatever order."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ondijon.kernel.alarms import AlarmState, AlarmStep, evolve_alarm
from ondijon.kernel.commands import (
    OPEN_TARGET_STATES,
    TARGET_LAW,
    CommandState,
    RiskClass,
    TargetState,
    classify,
    evolve_target,
    summarise,
)

target_states = st.sampled_from(list(TargetState))


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


@given(st.dictionaries(target_states, st.integers(0, 3)))
def test_a_command_is_confirmed_only_when_every_target_that_was_not_refused_is(
    numbers: dict[TargetState, int],
) -> None:
    state = summarise(dict(Counter(numbers)))
    others = sum(n for key, n in numbers.items() if key not in (TargetState.CONFIRMED, TargetState.REFUSED))
    assert (state == CommandState.CONFIRMED) == (others == 0 and numbers.get(TargetState.CONFIRMED, 0) > 0)


def test_wide_orders_are_never_less_than_visible_and_above_500_need_two_persons() -> None:
    classes = [classify(RiskClass.REVERSIBLE, count) for count in (50, 51, 500, 501)]
    assert classes == [RiskClass.REVERSIBLE, RiskClass.VISIBLE, RiskClass.VISIBLE, RiskClass.TWO_PERSONS]
    assert classify(RiskClass.SELECT_BEFORE_OPERATE, 51) == RiskClass.SELECT_BEFORE_OPERATE


@given(st.lists(st.sampled_from(list(AlarmStep)), max_size=30))
def test_an_alarm_ends_only_cleared_and_acknowledged(steps: list[AlarmStep]) -> None:
    state, active, seen = AlarmState.NORMAL, False, True
    for step in steps:
        former, state = state, evolve_alarm(state, step)
        if step == AlarmStep.RAISE and not active:
            active, seen = True, False
        elif step == AlarmStep.CLEAR:
            active = False
        elif step == AlarmStep.ACKNOWLEDGE and former != AlarmState.NORMAL:
            seen = True
        assert (state == AlarmState.NORMAL) == (not active and seen)
        assert state.startswith("active") == active
