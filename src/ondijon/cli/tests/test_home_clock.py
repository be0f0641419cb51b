"""A home's time is the city's, and never goes back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondijon.cli.home_clock import next_time, shift_clock
from ondijon.infra.clocks import HomeTime, SystemClock
from ondijon.kernel.errors import Refused

NOON = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)


def test_the_next_evening_is_today_s_or_tomorrow_s() -> None:
    assert next_time(NOON, "22:00", "Europe/Paris") == datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
    assert next_time(NOON, "11:59", "Europe/Paris") == datetime(2026, 10, 25, 10, 59, tzinfo=UTC)


@pytest.mark.parametrize("nonsense", ["25 o'clock", "2027-13-01T10:00", "Tuesday"])
def test_no_time_is_refused(nonsense: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="bad_time"):
        shift_clock(tmp_path, nonsense, "Europe/Paris")


def test_a_date_and_time_is_the_city_s_unless_it_says_otherwise() -> None:
    twice = "2026-10-25T02:30"
    assert next_time(NOON, twice, "Europe/Paris") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_time(NOON, f"{twice}+01:00", "Europe/Paris") == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_the_past_is_refused() -> None:
    with pytest.raises(Refused, match="past_time"):
        next_time(NOON, "2026-10-23T22:00", "Europe/Paris")


def test_a_home_that_was_set_ahead_stays_ahead_and_is_never_set_back(tmp_path: Path) -> None:
    assert shift_clock(tmp_path, None, "Europe/Paris") == HomeTime()
    first = shift_clock(tmp_path, "22:00", "Europe/Paris")
    assert shift_clock(tmp_path, None, "Europe/Paris") == first
    assert shift_clock(tmp_path, "21:00", "Europe/Paris").offset_s >= first.offset_s


def test_a_home_that_ran_fast_goes_on_from_where_it_got_to(tmp_path: Path) -> None:
    fast = shift_clock(tmp_path, None, "Europe/Paris", 60.0)
    later_s = fast.since_s + 10.0
    assert fast.ahead_s(later_s) == pytest.approx(590.0)
    slow = shift_clock(tmp_path, None, "Europe/Paris")
    assert slow.offset_s >= fast.offset_s
    assert slow.ahead_s(slow.since_s) == pytest.approx(fast.ahead_s(slow.since_s))


@pytest.mark.parametrize("speed", [0.0, -1.0, 0.5, 1e9])
def test_a_clock_neither_crawls_nor_flies(speed: float, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="bad_speed"):
        shift_clock(tmp_path, None, "Europe/Paris", speed)


def test_every_role_reads_the_same_fast_clock() -> None:
    home = HomeTime(offset_s=3600.0, speed=60.0, since_s=datetime.now(UTC).timestamp() - 5.0)
    before, shown, after = (
        home.ahead_s(datetime.now(UTC).timestamp()),
        SystemClock(home).now() - datetime.now(UTC),
        home.ahead_s(datetime.now(UTC).timestamp()),
    )
    assert before - 1.0 <= shown.total_seconds() <= after + 1.0
