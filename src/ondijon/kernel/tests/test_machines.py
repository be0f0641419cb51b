"""The laws of commands and alarms hold whatever happens in whatever order."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ondijon.kernel.alarms import AlarmState, AlarmStep, evolve_alarm, moves_of
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


@given(st.lists(st.sampled_from(list(AlarmStep)), max_size=40))
def test_an_alarm_is_what_its_condition_its_latch_and_its_operator_make_of_it(steps: list[AlarmStep]) -> None:
    state, model = AlarmState.NORMAL, _Model()
    for step in steps:
        state = evolve_alarm(state, step)
        model.take(step)
        assert state.value == model.state


@given(st.sampled_from(list(AlarmStep)))
def test_the_law_as_two_lists_is_the_law(step: AlarmStep) -> None:
    before, after = moves_of(step)
    assert len(set(before)) == len(before)
    for state in AlarmState:
        following = after[before.index(state)] if state in before else state.value
        assert following == evolve_alarm(state, step).value
