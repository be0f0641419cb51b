"""The rules of maintenance: families, failures to come, the order of renewal, the law of work orders."""

import tomllib
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ondijon
from ondijon.domains.lighting.rules.maintenance import (
    ModelsFile,
    failure_share,
    forecast,
    infer_model,
    warranty_until,
)
from ondijon.domains.lighting.rules.renewal import Candidate, plan_renewal
from ondijon.domains.lighting.rules.work_orders import ENDED, LAW, State, Step, evolve, may_step
from ondijon.kernel.errors import Refused
from ondijon.kernel.inventory import AttributeValue

_CITIES = Path(ondijon.__file__).parent / "cities"
MODELS = msgspec.convert(tomllib.loads((_CITIES / "lighting_models.toml").read_text("utf-8")), ModelsFile).model
BY_KEY = {model.key: model for model in MODELS}


def test_a_family_is_told_by_lamp_power_and_year() -> None:
    def found(lamp_type: str, power_w: float, year: int) -> str | None:
        attributes: dict[str, AttributeValue] = {
            "lamp_type": lamp_type,
            "rated_power_w": power_w,
            "installed_year": year,
        }
        model = infer_model(MODELS, attributes)
        return None if model is None else model.key

    assert found("led", 31.0, 2022) == "led_2"
    assert found("led", 31.0, 2015) == "led_1"
    assert found("sodium", 70.0, 1995) == "sodium_small"
    assert found("sodium", 150.0, 1995) == "sodium_large"
    assert infer_model(MODELS, {"lamp_type": "led"}) is None


def test_at_the_rated_life_half_of_discharge_lamps_are_gone_and_a_tenth_of_led() -> None:
    for key, share in (("sodium_large", 0.5), ("led_2", 0.1)):
        model = BY_KEY[key]
        assert failure_share(np.zeros(1), model.rated_life_h, model)[0] == pytest.approx(share)


@settings(deadline=None)
@given(st.lists(st.floats(0, 120_000), min_size=1, max_size=50), st.sampled_from(sorted(BY_KEY)))
def test_a_forecast_rises_with_the_years_and_never_exceeds_the_lights(hours: list[float], key: str) -> None:
    found = forecast(BY_KEY[key], 2015, np.array(hours), 5)
    assert all(0.0 <= share <= 1.0 for share in failure_share(np.array(hours), 1e9, BY_KEY[key]))
    assert found.expected == sorted(found.expected)
    for low, mean, high in zip(found.low, found.expected, found.high, strict=True):
        assert 0.0 <= low <= mean <= high + 1e-9
        assert not BY_KEY[key].is_led or high <= len(hours)


def test_a_warranty_counts_from_the_year_of_installation() -> None:
    assert warranty_until(BY_KEY["led_2"], 2021) == 2031


def _street(name: str, saved_kwh: float, eur: float) -> Candidate:
    return Candidate("21231", name, 10, saved_kwh * 2, saved_kwh, eur)


def test_what_saves_most_for_each_euro_comes_first_and_years_keep_to_the_budget() -> None:
    streets = [_street("a", 100, 1_000), _street("b", 300, 1_000), _street("c", 150, 1_000)]
    found = plan_renewal(streets, 2027, 2_000, 0.2)
    assert [(one.street, one.year) for one in found.streets] == [("b", 2027), ("c", 2027), ("a", 2028)]
    assert found.years[-1].saved_kwh_to_date == pytest.approx(550)
    assert found.streets[0].payback_years == pytest.approx(1_000 / 60)


def test_a_street_dearer_than_the_budget_waits_until_enough_is_saved_up() -> None:
    found = plan_renewal([_street("a", 100, 2_500)], 2027, 1_000, 0.2)
    assert [(one.street, one.year) for one in found.streets] == [("a", 2029)]
    assert [year.eur for year in found.years] == [0, 0, 2_500]


streets_of_any_kind = st.lists(st.tuples(st.floats(1, 1e5), st.floats(100, 1e5)), max_size=30)


@settings(deadline=None)
@given(streets_of_any_kind, st.floats(1_000, 1e6))
def test_no_programme_spends_what_it_has_not(pairs: list[tuple[float, float]], budget: float) -> None:
    streets = [_street(str(number), saved, eur) for number, (saved, eur) in enumerate(pairs)]
    found = plan_renewal(streets, 2027, budget, 0.2)
    assert len(found.streets) + found.left == len(streets)
    spent = 0.0
    for number, year in enumerate(found.years, 1):
        spent += year.eur
        assert spent <= budget * number + 1e-6
    ratios = [one.kwh_per_eur for one in found.streets]
    assert ratios == sorted(ratios, reverse=True)


@settings(deadline=None)
@given(st.lists(st.sampled_from(Step), max_size=30))
def test_a_work_order_walks_its_table_and_nothing_else(steps: list[Step]) -> None:
    state = State.OPEN
    for step in steps:
        if may_step(state, step):
            state = evolve(state, step)
        else:
            with pytest.raises(Refused):
                evolve(state, step)


def test_what_has_ended_is_only_opened_again_or_shown_in_a_photo() -> None:
    allowed = {state: {step for step in Step if may_step(state, step)} for state in ENDED}
    assert allowed == {State.DONE: {Step.REOPEN, Step.ATTACH}, State.CANCELLED: {Step.REOPEN}}


def test_every_state_is_reached_and_left() -> None:
    assert {to for steps in LAW.values() for to in steps.values()} == set(State)
    assert all(any(may_step(state, step) for step in Step) for state in State)
