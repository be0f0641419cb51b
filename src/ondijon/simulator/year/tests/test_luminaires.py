"""Luminaires bought for what sodium lamps give, and energy that is made of hours for any watts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.simulator.field.physics import STANDBY_W
from ondijon.simulator.year import LUMINAIRES, Ledger, Streets
from ondijon.simulator.year.luminaires import (
    AGEING,
    COMPREHENSIVE_LM_PER_W,
    LEAST_PACKAGE_LM,
    LUMINAIRE_MAINTENANCE,
    UTILANCE,
    UTILANCE_HEIGHTS,
    designed_w,
    lx_of_luminance,
    procured_w,
)
from ondijon.simulator.year.street import SOURCES, with_ballast_w


def one_street() -> Streets:
    """Ten lights that stood for 100 W of sodium each."""
    return Streets(
        lights=np.array([10.0]),
        sodium_w=np.array([10.0 * with_ballast_w(100.0)]),
        led_w={
            "city": np.array([520.0]),
            "procured": np.array([10.0 * procured_w(100.0)]),
            "designed": np.array([267.0]),
        },
        counts_people=np.zeros(1, np.bool_),
        level_of_rank=np.array([[100.0, 67.0, 40.0]]),
        high_per_h=np.array([675.0]),
        moderate_per_h=np.array([225.0]),
        place=np.zeros(1, np.int32),
        vehicles_per_day=np.array([4_000.0]),
        people_per_day=np.zeros(1),
        x_m=np.zeros(1),
        y_m=np.zeros(1),
    )


def an_hour(level_pct: float) -> Ledger:
    """Sixty lit minutes at this level, and one hour of day."""
    ledger = Ledger(one_street())
    for _ in range(60):
        ledger.note(np.array([40.0]), {"adaptive": np.array([level_pct])})
    ledger.rest(1.0)
    return ledger


@pytest.mark.parametrize(("lamp_w", "led_w"), [(70.0, 28.89), (100.0, 45.86), (150.0, 75.67)])
def test_a_luminaire_is_bought_for_the_light_that_the_lamp_maintained(lamp_w: float, led_w: float) -> None:
    assert procured_w(lamp_w) == pytest.approx(led_w, abs=0.01)
    assert f"{led_w:.1f} W for {lamp_w:.0f} W" in SOURCES["procured"]


def test_a_lamp_without_a_known_flux_is_refused() -> None:
    with pytest.raises(KeyError):
        procured_w(35.0)


def watts(lx: float, width_m: float = 10.0, spacing_m: float = 27.0, height_m: float = 8.0) -> float:
    return float(designed_w(*(np.array([value]) for value in (lx, width_m, spacing_m, height_m)))[0])


def test_a_street_s_class_asks_for_its_own_watts() -> None:
    assert watts(lx_of_luminance(0.75)) == pytest.approx(47.4, abs=0.1), "M4 on 10 m of carriageway"
    assert watts(lx_of_luminance(0.5)) == pytest.approx(31.6, abs=0.1), "M5"


@given(st.floats(1.0, 50.0), st.floats(4.0, 16.0), st.floats(15.0, 45.0), st.floats(4.0, 12.0))
def test_a_designed_street_is_never_below_its_class(
    lx: float, width_m: float, spacing_m: float, height_m: float
) -> None:
    flux_lm = watts(lx, width_m, spacing_m, height_m) * COMPREHENSIVE_LM_PER_W / AGEING
    utilance = float(np.interp(width_m / height_m, UTILANCE_HEIGHTS, UTILANCE))
    reached_lx = flux_lm * utilance * LUMINAIRE_MAINTENANCE / (width_m * spacing_m)
    assert reached_lx >= lx * (1.0 - 1e-9)


def test_no_luminaire_is_smaller_than_the_least_that_is_made() -> None:
    assert watts(0.0) == watts(0.5) == pytest.approx(LEAST_PACKAGE_LM * AGEING / COMPREHENSIVE_LM_PER_W)


def test_full_light_for_an_hour_takes_the_watts_and_two_hours_of_standby() -> None:
    ledger = an_hour(100.0)
    for luminaires in LUMINAIRES:
        wh = float(one_street().led_w[luminaires][0]) + 2.0 * 10.0 * STANDBY_W
        assert ledger.kwh("adaptive", luminaires)[0] == pytest.approx(wh / 1e3, rel=1e-5)
    assert ledger.kwh("baseline", "city").tolist() == ledger.kwh("baseline", "procured").tolist()


def test_lights_that_are_off_take_standby_alone() -> None:
    assert an_hour(0.0).kwh("adaptive", "procured")[0] == pytest.approx(2.0 * 10.0 * STANDBY_W / 1e3)


def test_fewer_watts_save_more_and_the_minutes_under_class_are_the_same() -> None:
    ledger = an_hour(30.0)
    assert ledger.saving_pct("adaptive", "procured") > ledger.saving_pct("adaptive", "city")
    as_city = 520.0 / float(one_street().led_w["procured"][0])
    assert ledger.saving_pct("adaptive", "procured", as_city) == pytest.approx(ledger.saving_pct("adaptive", "city"))
    assert ledger.under_min["adaptive"].tolist() == [60.0]
