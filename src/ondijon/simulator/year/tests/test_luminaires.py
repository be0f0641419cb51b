"""Luminaires bought for what sodium lamps give, and energy that is made of hours for any watts."""

import numpy as np
import pytest

from ondijon.simulator.field.physics import STANDBY_W
from ondijon.simulator.year import LUMINAIRES, Ledger, Streets
from ondijon.simulator.year.luminaires import procured_w
from ondijon.simulator.year.street import SOURCES, with_ballast_w


def one_street() -> Streets:
    """Ten lights that stood for 100 W of sodium each."""
    return Streets(
        lights=np.array([10.0]),
        sodium_w=np.array([10.0 * with_ballast_w(100.0)]),
        led_w={"city": np.array([520.0]), "procured": np.array([10.0 * procured_w(100.0)])},
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
