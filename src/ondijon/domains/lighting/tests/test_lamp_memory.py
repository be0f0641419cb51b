"""Each lamp fault from a handful of reports: what the detector remembers, and when it is an alarm."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ondijon.domains.lighting.alarms import ALARMS
from ondijon.domains.lighting.rules.faults.drive import level_at, share_at
from ondijon.domains.lighting.rules.faults.lamps import NOT_STUCK, WRITES, evolve_lamps
from ondijon.kernel.alarms import AlarmView
from ondijon.kernel.city import City
from ondijon.kernel.detectors import DetectorView
from ondijon.kernel.readings import ReadingBatch, evolve_batch
from ondijon.runtime.alarm_desk import Memory
from ondijon.testing.generated import grid_city

LIGHT = "Streetlight"
RATED_W = 60.0
MINUTE = 60.0


class Street:
    """A few cabinets of lamps of 60 W that report level and power."""

    def __init__(self) -> None:
        self.city: City = grid_city(1, 2)
        self.memory = Memory(self.city)
        self.now_s = 1_000_000.0

    def report(self, rows: Sequence[int], level_pct: float, ratio: float, *, after_s: float = MINUTE) -> None:
        """Each of these lamps says its level and `ratio` of the power that a sound lamp draws there."""
        self.now_s += after_s
        self.take(rows, level_pct, ratio * RATED_W * share_at(level_pct), self.now_s)

    def take(self, rows: Sequence[int], level_pct: float, power_w: float, at_s: float) -> None:
        columns, count = self.city.columns[LIGHT], len(rows)
        at_us = np.full(2 * count, round(at_s * 1e6), np.int64)
        places = np.repeat([columns.property_index[key] for key in ("level_pct", "power_w")], count).astype(np.int16)
        values = np.repeat([level_pct, power_w], count)
        both = np.tile(np.array(rows, np.int32), 2)
        batch = ReadingBatch(LIGHT, both, places, values, at_us, at_us, np.zeros(2 * count, np.uint8))
        newer = evolve_batch(columns, batch)
        list(self.memory.evolve(LIGHT, np.unique(both[newer]), round(self.now_s * 1e6)))

    def learn(self, rows: Sequence[int], ratio: float = 1.02) -> None:
        for _ in range(30):
            self.report(rows, 100.0, ratio)

    def stands(self, kind: str, row: int = 0) -> bool:
        spec = next(one for one in ALARMS if one.key == f"lighting.{kind}")
        assert spec.predicate is not None
        view = AlarmView(self.city.columns[LIGHT], self.city.twins[LIGHT], round(self.now_s * 1e6))
        at = np.array([row], np.int32)
        quiet = spec.suppressed is not None and bool(spec.suppressed(view, at)[0])
        return bool(spec.predicate(view, at)[0]) and not quiet

    def told(self, row: int = 0) -> set[str]:
        return {kind for kind in ("lamp_out", "cycling", "power_drift", "wrong_level") if self.stands(kind, row)}

    def value(self, key: str, row: int = 0) -> float:
        return float(self.city.columns[LIGHT][key][row])


@pytest.fixture
def street() -> Street:
    return Street()


def test_level_and_share_are_each_others_inverse() -> None:
    levels = np.linspace(0.0, 100.0, 21)
    assert level_at(share_at(levels)) == pytest.approx(levels)


def test_a_sound_lamp_learns_its_usual_power_and_tells_nothing_at_any_level(street: Street) -> None:
    street.learn([0])
    for level_pct in (60.0, 35.0, 70.0, 100.0):
        street.report([0], level_pct, 1.02)
    assert street.value("usual_ratio") == pytest.approx(1.02)
    assert street.value("learned_h") == pytest.approx(33 / 60, abs=0.02)
    assert street.value("stuck_level_pct") == NOT_STUCK
    assert street.told() == set()


def test_a_lamp_that_goes_out_twice_in_ten_minutes_cycles_and_is_not_called_out(street: Street) -> None:
    street.learn([0])
    for _ in range(2):
        street.report([0], 100.0, 0.0)
        out = street.told()
        street.report([0], 100.0, 1.02)
        street.report([0], 100.0, 1.02)
    assert out == {"cycling"}
    assert street.told() == {"cycling"}
    for _ in range(40):
        street.report([0], 100.0, 1.02)
    assert street.value("cycling") < 0.6


def test_one_extinction_is_no_cycling(street: Street) -> None:
    street.learn([0])
    street.report([0], 100.0, 0.0)
    assert street.told() == {"lamp_out"}
    street.report([0], 100.0, 1.02)
    assert street.told() == set()


def test_lamps_of_a_cabinet_that_flicker_together_are_not_each_at_their_end(street: Street) -> None:
    street.learn(range(6))
    for _ in range(5):
        street.report(range(6), 100.0, 0.0)
        street.report(range(6), 100.0, 1.02)
    assert street.told() == set()


@pytest.mark.parametrize("factor", [1.25, 0.7])
def test_power_that_creeps_away_is_drift_at_every_level(street: Street, factor: float) -> None:
    street.learn([0])
    for minute in range(1, 41):
        level_pct = 100.0 if minute < 20 else 60.0
        street.report([0], level_pct, 1.02 * (1.0 + (factor - 1.0) * minute / 40.0))
    assert street.told() == {"power_drift"}
    assert street.value("usual_ratio") == pytest.approx(1.02, rel=0.05)


def test_a_drift_over_a_night_is_seen_once_the_lamp_is_well_known(street: Street) -> None:
    street.learn([0])
    street.city.columns[LIGHT]["learned_h"][0] = 300.0
    for minute in range(480):
        street.report([0], 100.0, 1.02 * (1.0 - 0.2 * minute / 480.0))
    assert street.told() == {"power_drift"}


def test_a_lamp_that_keeps_its_power_when_dimmed_is_at_a_wrong_level(street: Street) -> None:
    street.learn([0])
    street.report([0], 60.0, 1.02 * 1.0 / share_at(60.0))
    assert street.told() == {"wrong_level"}
    assert street.value("stuck_level_pct") == pytest.approx(100.0, abs=1.0)
    street.report([0], 100.0, 1.02)
    assert street.told() == {"wrong_level"}, "at full light it is right by chance"
    street.report([0], 60.0, 1.02)
    assert street.told() == set(), "it follows again"


def test_after_a_day_a_lamp_far_below_is_shorted_and_one_somewhat_below_has_drifted(street: Street) -> None:
    street.learn([0, 1])
    street.report([0], 100.0, 0.3, after_s=12 * 3600.0)
    street.report([1], 100.0, 0.7, after_s=0.0)
    assert (street.told(0), street.told(1)) == ({"wrong_level"}, {"power_drift"})


def test_a_stuck_lamp_that_goes_dark_is_out_and_nothing_else(street: Street) -> None:
    street.learn([0])
    street.report([0], 60.0, 1.6)
    street.report([0], 60.0, 0.0)
    assert street.told() == {"lamp_out"}


def test_unlit_lamps_and_half_reports_teach_nothing(street: Street) -> None:
    street.learn([0])
    before = [street.value(key) for key in WRITES]
    street.take([0], 0.0, 0.4, street.now_s + 60.0)
    assert [street.value(key) for key in WRITES] == before
    street.city.columns[LIGHT].observed("level_pct")[0] -= 10_000_000
    view = DetectorView(street.city.columns, street.city.twins, 0)
    assert len(evolve_lamps(view, np.array([0], np.int32)).rows) == 0


REPORTS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from([0.0, 35.0, 60.0, 100.0]),
        st.sampled_from([0.0, 0.5, 1.0, 1.4]),
        st.sampled_from([20.0, 60.0, 200.0, 40_000.0]),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=25)
@given(REPORTS)
def test_late_and_repeated_reports_change_nothing(reports: list[tuple[int, float, float, float]]) -> None:
    plain, noisy = Street(), Street()
    for row, level_pct, ratio, after_s in reports:
        plain.report([row], level_pct, ratio, after_s=after_s)
        noisy.report([row], level_pct, ratio, after_s=after_s)
        power_w = ratio * RATED_W * share_at(level_pct)
        noisy.take([row], level_pct, power_w, noisy.now_s)
        noisy.take([row], 100.0, 0.0, noisy.now_s - 1.0)
    assert _state(plain) == _state(noisy)


@settings(deadline=None, max_examples=25)
@given(REPORTS, st.permutations(range(6)))
def test_the_order_of_lamps_does_not_matter(reports: list[tuple[int, float, float, float]], order: list[int]) -> None:
    plain, turned = Street(), Street()
    for _, level_pct, ratio, after_s in reports:
        plain.report(range(6), level_pct, ratio, after_s=after_s)
        turned.report(order, level_pct, ratio, after_s=after_s)
    assert _state(plain) == _state(turned)


@settings(deadline=None, max_examples=25)
@given(REPORTS, st.integers(0, 40))
def test_a_restart_in_the_middle_changes_nothing(reports: list[tuple[int, float, float, float]], restart: int) -> None:
    plain, broken = Street(), Street()
    for number, (row, level_pct, ratio, after_s) in enumerate(reports):
        if number == restart:
            broken.memory = Memory(broken.city)
        plain.report([row], level_pct, ratio, after_s=after_s)
        broken.report([row], level_pct, ratio, after_s=after_s)
    assert _state(plain) == _state(broken)


def _state(street: Street) -> list[list[str]]:
    columns = street.city.columns[LIGHT]
    return [[f"{value:.9g}" for value in columns[key][:6].tolist()] for key in WRITES]
