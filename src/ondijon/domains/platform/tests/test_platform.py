"""How a disk's end is foreseen, and when the post's own state needs somebody."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.domains.platform import alarms
from ondijon.domains.platform.model import SERVICE
from ondijon.domains.platform.rules import days_until_full, measure_growth
from ondijon.kernel.alarms import AlarmView
from ondijon.kernel.arrays import Floats
from ondijon.kernel.readings import Columns
from ondijon.kernel.twins import TwinsOfType

HOUR_S, GIB = 3_600.0, float(1 << 30)
ONE = np.zeros(1, np.int32)


def view(**values: float) -> AlarmView:
    columns = Columns(SERVICE.key, [one.key for one in SERVICE.properties], 1)
    for key, value in values.items():
        columns[key][0] = value
    return AlarmView(columns, TwinsOfType(SERVICE.key, (), ONE, ()), 0)


def test_less_than_six_hours_tell_nothing() -> None:
    hours = np.arange(6.0)
    assert measure_growth(hours * HOUR_S, 100 * GIB - hours * GIB) is None
    assert measure_growth(np.zeros(0), np.zeros(0)) is None
    assert days_until_full(GIB, None) is None


def test_an_even_growth_is_told_in_days() -> None:
    hours = np.arange(49.0)
    growth = measure_growth(hours * HOUR_S, 100 * GIB - hours * GIB)
    assert growth == pytest.approx(24 * GIB)
    assert days_until_full(52 * GIB, growth) == pytest.approx(52 / 24)


def test_one_large_copy_is_no_habit() -> None:
    hours = np.arange(49.0)
    free = np.where(hours >= 30, 40 * GIB, 100 * GIB) - hours * GIB
    assert measure_growth(hours * HOUR_S, free) == pytest.approx(24 * GIB, rel=0.05)


def test_a_disk_that_empties_is_never_full() -> None:
    hours = np.arange(49.0)
    growth = measure_growth(hours * HOUR_S, 100 * GIB + hours * GIB)
    assert growth is not None and growth < 0
    assert days_until_full(GIB, growth) is None


@given(
    st.lists(st.floats(0, 1e12), min_size=7, max_size=40),
    st.floats(-1e9, 1e9),
)
def test_a_steady_drain_more_is_that_much_more_growth(free: list[float], drain_a_day: float) -> None:
    at_s: Floats = np.arange(float(len(free))) * HOUR_S
    before = measure_growth(at_s, np.array(free, np.float64))
    after = measure_growth(at_s, np.array(free) - at_s / 86_400 * drain_a_day)
    assert before is not None and after is not None
    assert after - before == pytest.approx(drain_a_day, abs=1.0)


@pytest.mark.parametrize(("age_h", "old"), [(25.9, False), (26.1, True), (8_760.0, True), (float("nan"), False)])
def test_a_backup_is_old_after_26_hours_and_unknown_where_none_is_set_up(age_h: float, old: bool) -> None:
    seen = view(backup_age_h=age_h)
    assert alarms.is_backup_old(seen, ONE).tolist() == [old]
    assert alarms.show_backup(seen, 0) == ({} if np.isnan(age_h) else {"backup_age_h": age_h})


@pytest.mark.parametrize(("days", "rises", "clears"), [(6.9, True, False), (7.5, False, False), (8.1, False, True)])
def test_a_disk_that_fills_within_a_week_clears_a_day_later(days: float, rises: bool, clears: bool) -> None:
    seen = view(disk_full_days=days)
    assert alarms.is_disk_filling(seen, ONE).tolist() == [rises]
    assert alarms.has_room_again(seen, ONE).tolist() == [clears]
    assert not alarms.is_disk_filling(view(), ONE)[0]
