"""The law of changes of equipment, and what a light's equipment may be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.domains.lighting.model import STREETLIGHT
from ondijon.domains.lighting.rules.re_equipping import (
    CHOICES,
    EDITABLE,
    LAW,
    NUMBERS,
    TEXTS,
    State,
    Step,
    check_values,
    evolve,
    needs_approval,
)
from ondijon.kernel.errors import Refused

YEAR = 2026


@given(st.lists(st.sampled_from(Step), max_size=8))
def test_values_are_written_at_most_once_and_taken_back_at_most_once(steps: list[Step]) -> None:
    state, done = State.PROPOSED, []
    for step in steps:
        try:
            state = evolve(state, step)
        except Refused:
            continue
        done.append(step)
    assert done.count(Step.APPLY) <= 1 and done.count(Step.UNDO) <= 1
    assert Step.UNDO not in done or done.index(Step.UNDO) > done.index(Step.APPLY)
    assert len(done) <= 2 and (state in (State.PROPOSED, State.APPLIED) or not LAW[state])


def test_every_state_has_its_law_and_can_be_reached() -> None:
    assert set(LAW) == set(State)
    assert {following for law in LAW.values() for following in law.values()} == set(State) - {State.PROPOSED}


@given(st.dictionaries(st.sampled_from([*NUMBERS, *CHOICES, "circuit", "feeder"]), st.one_of(st.none(), st.booleans())))
def test_nothing_that_is_no_value_is_let_in(values: dict[str, bool | None]) -> None:
    with pytest.raises(Refused):
        check_values(values, YEAR)


@given(st.sampled_from(sorted(NUMBERS)), st.integers(-5_000, 5_000))
def test_a_number_is_let_in_exactly_within_its_bounds(key: str, value: int) -> None:
    bounds = NUMBERS[key]
    fits = bounds.low <= value <= bounds.high and not (key == "installed_year" and value > YEAR)
    if fits:
        assert check_values({key: value}, YEAR)[key] == value
    else:
        with pytest.raises(Refused, match="bad_equipment"):
            check_values({key: value}, YEAR)


def test_a_power_that_somebody_wrote_down_is_no_longer_inferred() -> None:
    assert check_values({"rated_power_w": 42.5}, YEAR) == {"rated_power_w": 42.5, "rated_power_inferred": False}
    assert check_values({"lamp_type": "led"}, YEAR) == {"lamp_type": "led"}


def test_a_model_is_a_short_name() -> None:
    assert check_values({"luminaire_model": "Ampera Midi"}, YEAR) == {"luminaire_model": "Ampera Midi"}
    for wrong in ("", " Ampera", "x" * 121, 7, None):
        with pytest.raises(Refused, match="bad_equipment"):
            check_values({"luminaire_model": wrong}, YEAR)


def test_what_can_be_changed_is_declared_by_the_model() -> None:
    declared = {spec.key: spec.choices for spec in STREETLIGHT.attributes}
    assert set(EDITABLE) == set(NUMBERS) | set(CHOICES) | set(TEXTS)
    assert all(declared[key] == choices for key, choices in CHOICES.items())


def test_five_hundred_lights_are_one_persons() -> None:
    assert not needs_approval(500) and needs_approval(501)
