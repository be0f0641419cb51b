"""The rules of the energy proof: nights, counters, quantiles, models, margins and what may be said."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ondijon.domains.lighting.rules.energy.counters import CounterReadings, roll_up
from ondijon.domains.lighting.rules.energy.nights import LitRule, list_nights, lit_hours, night_of, noons_us
from ondijon.domains.lighting.rules.energy.periods import Change, Nights, load_of, make_whole
from ondijon.domains.lighting.rules.energy.regression import fit, foretell
from ondijon.domains.lighting.rules.energy.saving import Accuracy, CabinetYears, Proof, add_proofs, prove
from ondijon.domains.lighting.rules.energy.sentence import decide_sentence
from ondijon.domains.lighting.rules.energy.student import t_quantile, two_sided

PARIS = ZoneInfo("Europe/Paris")
DIJON = (5.04, 47.32)
HOUR_US = 3_600_000_000


def test_a_night_has_the_date_of_its_evening_and_lasts_from_noon_to_noon() -> None:
    assert night_of(datetime(2026, 11, 21, 3, tzinfo=PARIS), PARIS) == date(2026, 11, 20)
    assert night_of(datetime(2026, 11, 21, 12, tzinfo=PARIS), PARIS) == date(2026, 11, 21)


def test_nights_when_the_clocks_change_have_23_and_25_hours() -> None:
    spring = np.diff(noons_us(date(2026, 3, 28), date(2026, 3, 28), PARIS))
    autumn = np.diff(noons_us(date(2026, 10, 24), date(2026, 10, 24), PARIS))
    assert (spring.tolist(), autumn.tolist()) == ([23 * HOUR_US], [25 * HOUR_US])


def test_dark_hours_follow_the_sun_and_the_offsets() -> None:
    midsummer, midwinter = lit_hours([date(2026, 6, 21), date(2026, 12, 21)], DIJON, LitRule())
    assert midsummer == pytest.approx(8.1, abs=0.2)
    assert midwinter == pytest.approx(15.6, abs=0.2)
    later = lit_hours([date(2026, 6, 21)], DIJON, LitRule(10.0, -10.0))[0]
    assert later == pytest.approx(midsummer - 20 / 60)


# Two-sided 90 % and 95 % points: Abramowitz & Stegun, table 26.10.
@pytest.mark.parametrize(
    ("probability", "degrees", "known"),
    [
        (0.95, 3, 2.353),
        (0.95, 5, 2.015),
        (0.95, 10, 1.812),
        (0.95, 30, 1.697),
        (0.95, 1e6, 1.645),
        (0.975, 5, 2.571),
        (0.975, 12, 2.179),
        (0.975, 60, 2.000),
    ],
)
def test_quantiles_of_student_are_those_of_the_tables(probability: float, degrees: float, known: float) -> None:
    assert t_quantile(probability, degrees) == pytest.approx(known, rel=0.005)


def _counter(at_h: list[float], kwh: list[float], noon_us: int) -> CounterReadings:
    at_us = np.array([noon_us + round(hour * HOUR_US) for hour in at_h], np.int64)
    return CounterReadings(np.full(len(at_h), 7, np.int32), at_us, np.array(kwh, np.float64))


NOONS = noons_us(date(2026, 1, 10), date(2026, 1, 12), PARIS)


def test_nights_are_counter_differences_between_noons() -> None:
    hours = [float(hour) for hour in range(-1, 74)]
    rolled = roll_up(_counter(hours, [hour * 2.0 + 10 for hour in hours], int(NOONS[0])), NOONS, {})
    assert rolled.kwh.tolist() == [[48.0, 48.0, 48.0]]
    assert rolled.coverage.tolist() == [[1.0, 1.0, 1.0]]


def test_a_silence_of_days_keeps_the_sum_and_is_not_called_covered() -> None:
    hours = [-1.0, 0.0, 1.0, 2.0, 60.0, 61.0, *(float(hour) for hour in range(62, 74))]
    rolled = roll_up(_counter(hours, [hour + 1.0 for hour in hours], int(NOONS[0])), NOONS, {})
    assert rolled.kwh.sum() == pytest.approx(72.0)
    assert rolled.coverage[0, 1] == 0.0
    assert rolled.coverage[0, 0] == pytest.approx(2 / 24)


def test_a_reset_loses_its_own_step_only() -> None:
    hours = [float(hour) for hour in range(-1, 74)]
    counts = [hour + 100.0 if hour < 30 else hour - 30.0 for hour in hours]
    rolled = roll_up(_counter(hours, counts, int(NOONS[0])), NOONS, {})
    assert rolled.kwh.tolist() == [[24.0, 23.0, 24.0]]
    assert rolled.coverage[0, 1] == pytest.approx(23 / 24)


def test_a_reset_within_a_silence_leaves_the_night_unknown() -> None:
    hours = [-1.0, 0.0, 1.0, 30.0, *(float(hour) for hour in range(31, 74))]
    counts = [500.0, 501.0, 502.0, 3.0, *(float(hour) for hour in range(4, 47))]
    rolled = roll_up(_counter(hours, counts, int(NOONS[0])), NOONS, {})
    assert np.isnan(rolled.kwh[0, :2]).all()
    assert rolled.kwh[0, 2] == 24.0


def test_a_counter_that_jumps_faster_than_the_contract_was_replaced() -> None:
    hours = [float(hour) for hour in range(-1, 74)]
    counts = [hour + 100.0 if hour < 30 else hour + 90_000.0 for hour in hours]
    rolled = roll_up(_counter(hours, counts, int(NOONS[0])), NOONS, {7: 20.0})
    assert rolled.kwh.tolist() == [[24.0, 23.0, 24.0]]


def test_a_night_without_its_end_is_unknown() -> None:
    hours = [float(hour) for hour in range(-1, 40)]
    rolled = roll_up(_counter(hours, hours, int(NOONS[0])), NOONS, {})
    assert np.isfinite(rolled.kwh[0]).tolist() == [True, False, False]


@given(st.lists(st.floats(0, 3), min_size=73, max_size=73), st.sets(st.integers(1, 71), max_size=60))
@settings(max_examples=60, deadline=None)
def test_whatever_is_not_heard_the_nights_sum_to_what_the_counter_rose(rises: list[float], lost: set[int]) -> None:
    counts = np.concatenate(([0.0], np.cumsum(rises)))[:73]
    heard = [hour for hour in range(73) if hour not in lost]
    rolled = roll_up(_counter([float(hour) for hour in heard], counts[heard].tolist(), int(NOONS[0])), NOONS, {})
    assert rolled.kwh.sum() == pytest.approx(counts[72])
    assert ((rolled.coverage >= 0.0) & (rolled.coverage <= 1.0)).all()


def _nights(rng: np.random.Generator, noise_kwh: float) -> Nights:
    days = list_nights(date(2025, 1, 1), date(2025, 12, 31))
    dark = lit_hours(days, DIJON, LitRule())
    load = load_of(np.array([4.0, 8.0]), [], days, dark)
    return Nights(0.2 + 1.02 * load + rng.normal(0, noise_kwh, load.shape), np.ones(load.shape), load)


def test_a_model_finds_the_line_and_foretells_the_year() -> None:
    nights = _nights(np.random.default_rng(5), 0.5)
    fits = fit(nights.kwh, nights.load, nights.usable)
    assert fits.per_kwh == pytest.approx(1.02, abs=0.01)
    assert (fits.cv_rmse < 0.02).all()
    told = foretell(fits, nights.load, np.ones(nights.load.shape, np.bool_))
    assert told.kwh == pytest.approx(nights.kwh.sum(axis=1), rel=1e-9)
    assert (told.variance > 0).all()


def test_fewer_than_sixty_nights_give_no_model() -> None:
    nights = _nights(np.random.default_rng(5), 0.5)
    usable = nights.usable & (np.arange(365) < 59)
    assert np.isnan(fit(nights.kwh, nights.load, usable).per_kwh).all()


def test_lights_that_came_raise_the_load_while_they_are_there() -> None:
    days = list_nights(date(2025, 1, 1), date(2025, 1, 4))
    changes = [Change(0, date(2025, 1, 2), date(2025, 1, 3), 1.5)]
    assert load_of(np.array([2.0]), changes, days, np.full(4, 10.0)).tolist() == [[20.0, 35.0, 35.0, 20.0]]


def test_unknown_nights_are_filled_by_the_hours_of_darkness_and_cost_certainty() -> None:
    load = np.array([[10.0, 12.0, 14.0, 12.0, 10.0]])
    kwh = load * 0.5
    kwh[0, 2] = np.nan
    whole = make_whole(Nights(kwh, np.ones(kwh.shape), load))
    assert whole.kwh.sum() == pytest.approx(29.0)
    kwh[0, 3:] *= 2.0
    assert make_whole(Nights(kwh, np.ones(kwh.shape), load)).variance[0] > whole.variance[0]


def _years(**changes: object) -> CabinetYears:
    count = 20
    years = CabinetYears(
        baseline_kwh=np.full(count, 1000.0),
        baseline_variance=np.full(count, 25.0),
        is_metered=np.ones(count, np.bool_),
        is_declared=np.zeros(count, np.bool_),
        degrees=np.full(count, 200.0),
        measured_kwh=np.full(count, 350.0),
        measured_variance=np.zeros(count),
        coverage=np.ones(count),
        lights=np.full(count, 30.0),
    )
    return replace(years, **changes)


def _prove(**changes: object) -> Proof:
    proof = prove(_years(**changes), Accuracy())
    assert proof is not None
    return proof


def test_a_saving_and_its_margin_add_up() -> None:
    proof = _prove()
    assert proof.saving_pct == pytest.approx(65.0)
    assert proof.saving_kwh == pytest.approx(13_000.0)
    parts = sum(value**2 for value in proof.points.values()) ** 0.5
    assert proof.saving_pct_margin == pytest.approx(parts)
    assert proof.points["metering"] == pytest.approx(
        two_sided(0.9, 1e6) * 100 * 0.35 * (0.01 / 3**0.5) * (2 / 20) ** 0.5, rel=0.02
    )


def test_cabinets_without_baseline_are_told_by_the_others_at_a_price() -> None:
    some = np.arange(20) < 15
    ragged = np.linspace(300.0, 400.0, 20)
    proof = _prove(is_metered=some, measured_kwh=ragged)
    assert proof.based_share == pytest.approx(0.75)
    assert proof.points["unbased"] > 0.0
    assert proof.saving_pct == pytest.approx(100 * (1 - ragged[:15].mean() / 1000), abs=1e-6)


def test_a_declared_baseline_errs_alike_everywhere() -> None:
    proof = _prove(is_metered=np.zeros(20, np.bool_), is_declared=np.ones(20, np.bool_))
    assert proof.points["declared"] > 3.0
    assert proof.metered_share == 0.0


def test_without_any_baseline_there_is_no_proof() -> None:
    assert prove(_years(is_metered=np.zeros(20, np.bool_)), Accuracy()) is None


def test_communes_together_are_surer_than_each_alone() -> None:
    one = _prove()
    both = add_proofs([one, one])
    assert both.saving_pct == pytest.approx(one.saving_pct)
    assert both.saving_pct_margin < one.saving_pct_margin
    assert both.lights == 2 * one.lights


def test_what_may_be_said_and_what_may_not() -> None:
    proof = _prove()
    assert decide_sentence(proof, 365, baseline_inferred=True).verdict == "proved"
    cases = {
        "coverage": replace(proof, coverage=0.89),
        "unbased": replace(proof, based_share=0.8),
        "inferred": replace(proof, metered_share=0.1),
        "margin": replace(proof, saving_pct=1.0, saving_pct_margin=1.5),
        "no_saving": replace(proof, saving_pct=-5.0, saving_pct_margin=1.5),
    }
    assert {key: decide_sentence(one, 365, baseline_inferred=True).verdict for key, one in cases.items()} == {
        key: key for key in cases
    }
    assert decide_sentence(cases["inferred"], 365, baseline_inferred=False).may_be_said
    assert decide_sentence(proof, 10, baseline_inferred=False).verdict == "short"
    assert not decide_sentence(cases["margin"], 365, baseline_inferred=True).may_be_said
