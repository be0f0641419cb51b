"""Policies: the law of their states, and that nothing but an authorised one lowers a floor."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from ondijon.domains.lighting.rules.classes import CLASSES, LightingClass
from ondijon.domains.lighting.rules.policies import (
    Policy,
    PolicyState,
    PolicyStep,
    decide_policy,
    evolve_policy,
    is_in_force,
    least_allowed_pct,
    policy_allows,
)
from ondijon.kernel.errors import NotAllowed, Refused

CLAIRE, AMINE = UUID(int=1), UUID(int=2)
NIGHT = date(2026, 11, 21)
POLICY = Policy(UUID(int=3), "21166", (LightingClass.P4,), False, 60, 300, 0.0, NIGHT, NIGHT, PolicyState.AUTHORISED)
steps = st.lists(st.tuples(st.sampled_from(list(PolicyStep)), st.sampled_from((CLAIRE, AMINE))), max_size=6)


@given(steps)
def test_no_course_ends_in_force_by_one_person_alone(course: list[tuple[PolicyStep, UUID]]) -> None:
    state, second = PolicyState.PROPOSED, None
    for step, actor in course:
        try:
            state = evolve_policy(state, step, CLAIRE, actor)
        except (Refused, NotAllowed):
            continue
        second = actor if step is PolicyStep.AUTHORISE else second
    if state is PolicyState.AUTHORISED:
        assert second == AMINE


@given(steps)
def test_what_is_over_stays_over(course: list[tuple[PolicyStep, UUID]]) -> None:
    for over in (PolicyState.REJECTED, PolicyState.REVOKED):
        for step, actor in course:
            with pytest.raises(Refused):
                evolve_policy(over, step, CLAIRE, actor)


def test_one_cannot_authorise_what_one_proposed_but_may_withdraw_it() -> None:
    with pytest.raises(NotAllowed):
        evolve_policy(PolicyState.PROPOSED, PolicyStep.AUTHORISE, CLAIRE, CLAIRE)
    assert evolve_policy(PolicyState.PROPOSED, PolicyStep.REJECT, CLAIRE, CLAIRE) is PolicyState.REJECTED


policies = st.builds(
    Policy,
    id=st.uuids(),
    commune=st.sampled_from(("21166", "21231")),
    classes=st.lists(st.sampled_from(CLASSES), max_size=3).map(tuple),
    crossings=st.booleans(),
    from_min=st.integers(0, 1439),
    to_min=st.integers(0, 1439),
    least_pct=st.floats(0, 100),
    since=st.just(NIGHT) | st.just(NIGHT + timedelta(days=1)),
    until=st.just(NIGHT + timedelta(days=1)),
    state=st.sampled_from(list(PolicyState)),
)


@given(st.lists(policies, max_size=5), st.floats(0, 100), st.sampled_from(CLASSES), st.booleans(), st.integers(0, 1439))
def test_only_an_authorised_policy_that_means_this_light_now_lowers_its_floor(
    some: list[Policy], floor_pct: float, lighting_class: LightingClass, on_crossing: bool, minute: int
) -> None:
    def least(those: list[Policy]) -> float:
        return least_allowed_pct(
            those,
            floor_pct,
            commune="21166",
            lighting_class=lighting_class,
            on_crossing=on_crossing,
            night=NIGHT,
            minute=minute,
        )

    assert least(some) <= floor_pct
    if least(some) < floor_pct:
        alone = [one for one in some if least([one]) == least(some)]
        assert alone
        assert all(one.state is PolicyState.AUTHORISED and one.commune == "21166" for one in alone)
        assert all(one.crossings or not on_crossing for one in alone)
        assert all(not one.classes or lighting_class in one.classes for one in alone)


def test_hours_may_span_midnight() -> None:
    late = structs.replace(POLICY, from_min=23 * 60, to_min=5 * 60)
    assert is_in_force(late, NIGHT, 23 * 60) and is_in_force(late, NIGHT, 4 * 60 + 59)
    assert not is_in_force(late, NIGHT, 5 * 60) and not is_in_force(late, NIGHT - timedelta(days=1), 60)


def test_a_street_may_be_dark_within_its_policy_and_not_a_minute_longer() -> None:
    def dark_at(minute: int, *, on_crossing: bool = False) -> bool:
        return policy_allows(
            [POLICY],
            40.0,
            0.0,
            commune="21166",
            lighting_class=LightingClass.P4,
            on_crossing=on_crossing,
            night=NIGHT,
            minute=minute,
        )

    assert dark_at(60) and dark_at(299)
    assert not dark_at(59) and not dark_at(300) and not dark_at(120, on_crossing=True)


def test_a_policy_of_the_past_or_of_a_level_that_is_none_cannot_be_proposed() -> None:
    assert decide_policy(POLICY, NIGHT) == POLICY
    for wrong in (
        {"until": NIGHT - timedelta(days=1)},
        {"until": NIGHT + timedelta(days=9_999)},
        {"from_min": 1_440},
        {"least_pct": 101.0},
    ):
        with pytest.raises(Refused):
            decide_policy(structs.replace(POLICY, **wrong), NIGHT)
