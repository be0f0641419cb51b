"""A home's time is the city's, and never goes back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondijon.cli.home_clock import next_time, shift_clock
from ondijon.kernel.errors import Refused

NOON = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)


def test_the_next_evening_is_today_s_or_tomorrow_s() -> None:
    assert next_time(NOON, "22:00", "Europe/Paris") == datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    assert next_time(NOON, "11:59", "Europe/Paris") == datetime(2026, 10, 25, 10, 59, tzinfo=UTC)


def test_no_time_of_day_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="bad_time"):
        shift_clock(tmp_path, "25 o'clock", "Europe/Paris")


def test_a_home_that_was_set_ahead_stays_ahead_and_is_never_set_back(tmp_path: Path) -> None:
    assert shift_clock(tmp_path, None, "Europe/Paris") == 0.0
    first = shift_clock(tmp_path, "22:00", "Europe/Paris")
    assert shift_clock(tmp_path, None, "Europe/Paris") == first
    assert shift_clock(tmp_path, "21:00", "Europe/Paris") >= first
