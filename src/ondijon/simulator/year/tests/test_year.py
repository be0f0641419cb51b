"""A year of light in small: demand, counters that fail, a careful programme, and what the ledger says of each."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from ondijon.kernel.steering import Seen, Steered
from ondijon.simulator.year import SCENARIOS, Demand, Ledger, Streets, YearOptions, play_year
from ondijon.simulator.year.counters import QUARTER_MIN, Counters
from ondijon.simulator.year.demand import PEOPLE_SHARE, VEHICLE_SHARE, kind_of_day
from ondijon.simulator.year.play import make_static, needed_rank
from ondijon.simulator.year.street import with_ballast_w

OPTIONS = YearOptions(date(2027, 1, 1), 3, 5.04, 47.32, "Europe/Paris", every=200)


def streets(count: int = 3) -> Streets:
    """Streets of ten lights: a busy one, a usual one, a quiet one."""
    numbers = np.arange(count, dtype=np.int32)
    return Streets(
        lights=np.full(count, 10.0),
        sodium_w=np.full(count, 10.0 * with_ballast_w(100.0)),
        led_w={"city": np.full(count, 520.0)},
        counts_people=np.zeros(count, np.bool_),
        level_of_rank=np.tile([100.0, 67.0, 40.0], (count, 1)),
        high_per_h=np.full(count, 675.0),
        moderate_per_h=np.full(count, 225.0),
        place=numbers,
        vehicles_per_day=np.array([20_000.0, 4_000.0, 300.0]),
        people_per_day=np.zeros(count),
        x_m=numbers.astype(np.float64) * 1_000.0,
        y_m=np.zeros(count),
    )


class Always:
    """Steers to one level, or (NaN) not at all."""

    causes: tuple[str, ...] = ("always",)

    def __init__(self, level_pct: float) -> None:
        self._level_pct = level_pct

    def begin(self) -> None:
        return None

    def steer(self, seen: Seen, memory: Any) -> Steered:
        return Steered(np.full(len(seen.lit), self._level_pct), np.zeros(len(seen.lit), np.int8), None, None)

    def known(self, steered: Steered, zone: int) -> dict[str, Any]:
        return {}


def test_a_day_s_shares_add_up_to_one() -> None:
    assert VEHICLE_SHARE.sum(axis=1) == pytest.approx(np.ones(3), rel=1e-6)
    assert PEOPLE_SHARE.sum() == pytest.approx(1.0)
    assert [kind_of_day(day) for day in range(7)] == [0, 0, 0, 0, 0, 1, 2]


def test_the_same_seed_gives_the_same_traffic() -> None:
    def draw() -> Any:
        demand = Demand(np.array([900.0]), np.array([100.0]), np.zeros(1), np.zeros(1), 5)
        demand.begin_night(0)
        return np.array([demand.draw(0, 0, minute, minute) for minute in range(60)])

    assert np.array_equal(draw(), draw())


def test_a_counter_reports_the_flow_of_its_last_quarter_within_its_gain() -> None:
    counters = Counters(50, np.random.default_rng(1))
    for minute in range(QUARTER_MIN):
        counters.take(np.full((2, 50), 4.0), minute * 60_000_000)
    assert np.all(np.abs(counters.flow - 240.0) <= 0.15 * 240.0 + 8.0)


def test_counters_fall_silent_and_freeze_and_come_back() -> None:
    counters = Counters(400, np.random.default_rng(2))
    for minute in range(3_000):
        counters.take(np.full((2, 400), 1.0), minute * 60_000_000)
    silent = counters.observed_us < 2_999 * 60_000_000
    assert 0 < counters.minutes_out < 0.2 * 400 * 3_000
    assert np.count_nonzero(silent) < 40


def test_a_limit_met_exactly_is_moderate_and_not_high() -> None:
    some = streets()
    assert needed_rank(some, np.array([675.0, 225.0, 224.9])).tolist() == [1, 1, 2]


def test_a_careful_programme_gives_busy_streets_more_light_at_every_hour() -> None:
    static = make_static(streets(), 3)
    assert np.all(static[:, :, 0] >= static[:, :, 1]) and np.all(static[:, :, 1] >= static[:, :, 2])
    assert static[0, 3, 2] == 40.0 and static[0, 18, 0] == 100.0


def test_all_light_is_never_under_class_and_too_little_is_counted() -> None:
    bright = play_year(streets(), Always(100.0), OPTIONS)
    dark = play_year(streets(), Always(10.0), OPTIONS)
    assert bright.under_min["adaptive"].sum() == 0
    assert np.all(dark.under_min["adaptive"] == dark.lit_min)
    assert dark.deepest_pct["adaptive"].max() == 90.0


def test_without_steering_the_programme_holds_and_need_costs_least() -> None:
    ledger = play_year(streets(), Always(float("nan")), OPTIONS)
    assert ledger.kwh("adaptive", "city").tolist() == ledger.kwh("static", "city").tolist()
    assert ledger.steered_min == 0.0
    total = {name: float(ledger.kwh(name, "city").sum()) for name in (*SCENARIOS, "needed")}
    assert total["needed"] <= total["static"] < total["led"] < total["baseline"]


def test_savings_are_against_sodium_with_its_ballast() -> None:
    ledger = Ledger(streets())
    ledger.note(np.full(3, 100.0), {"led": np.full(3, 100.0)})
    assert ledger.kwh("baseline", "city")[0] == pytest.approx(1_170.0 / 60e3)
    assert ledger.saving_pct("led", "city") == pytest.approx(100.0 * (1.0 - 524.0 / 1_170.0), abs=0.05)
