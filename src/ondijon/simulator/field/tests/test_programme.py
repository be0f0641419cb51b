"""Programmes in sun and local time."""

from datetime import UTC, datetime

import pytest

from ondijon.kernel.errors import RemoteProtocolError
from ondijon.simulator.field.programme import Programme, night_of, read_programme
from ondijon.simulator.field.tests.small_city import PROGRAMME


def level_at(programme: Programme, year: int, month: int, day: int, hour: int, minute: int) -> float:
    now_s = datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp()
    return night_of(programme, now_s, 5.04, 47.32).at(now_s)[0]


def with_steps(*steps: tuple[str, float]) -> Programme:
    return read_programme({**PROGRAMME, "steps": [{"from": hour, "level": level} for hour, level in steps]})


def test_the_night_follows_sun_and_steps() -> None:
    programme = read_programme(PROGRAMME)
    # Dijon, 15 October 2026: sunset 18:55, sunrise 8:01 (UTC + 2).
    assert level_at(programme, 2026, 10, 15, 10, 0) == 0.0
    assert level_at(programme, 2026, 10, 15, 16, 45) == 0.0
    assert level_at(programme, 2026, 10, 15, 17, 5) == 1.0
    assert level_at(programme, 2026, 10, 15, 20, 29) == 1.0
    assert level_at(programme, 2026, 10, 15, 20, 30) == 0.6
    assert level_at(programme, 2026, 10, 15, 23, 0) == 0.35
    assert level_at(programme, 2026, 10, 16, 3, 30) == 0.7
    assert level_at(programme, 2026, 10, 16, 5, 50) == 0.7
    assert level_at(programme, 2026, 10, 16, 6, 15) == 0.0


def test_at_tells_until_when_it_holds() -> None:
    now_s = datetime(2026, 10, 15, 21, 0, tzinfo=UTC).timestamp()
    level, lit, until_s = night_of(read_programme(PROGRAMME), now_s, 5.0, 47.3).at(now_s)
    assert (level, lit) == (0.6, True)
    assert until_s == datetime(2026, 10, 15, 23, 0, tzinfo=UTC).timestamp()


def test_offsets_move_the_edges() -> None:
    late = read_programme({**PROGRAMME, "on": {"sun": "sunset", "offset_min": 30}})
    assert level_at(late, 2026, 10, 15, 17, 5) == 0.0
    assert level_at(late, 2026, 10, 15, 17, 35) == 1.0


def test_a_step_before_sunset_is_in_force_when_the_lights_come_on() -> None:
    assert level_at(with_steps(("18:00", 0.8), ("23:00", 0.5)), 2026, 10, 15, 17, 30) == 0.8


def test_in_the_spring_night_the_hour_that_does_not_exist_is_taken_an_hour_later() -> None:
    programme = with_steps(("02:30", 0.2))
    # 29 March 2026: 02:00 becomes 03:00 at 01:00 UTC.
    assert level_at(programme, 2026, 3, 29, 1, 29) == 1.0
    assert level_at(programme, 2026, 3, 29, 1, 30) == 0.2


def test_in_the_autumn_night_the_first_of_two_equal_hours_counts() -> None:
    programme = with_steps(("02:30", 0.2))
    # 25 October 2026: 03:00 becomes 02:00 at 01:00 UTC; 02:30 first occurs at 00:30 UTC.
    assert level_at(programme, 2026, 10, 25, 0, 29) == 1.0
    assert level_at(programme, 2026, 10, 25, 0, 30) == 0.2
    assert level_at(programme, 2026, 10, 25, 1, 30) == 0.2


def test_where_the_sun_does_not_set_the_night_stays_dark() -> None:
    north = read_programme({**PROGRAMME, "position": [18.95, 69.65], "timezone": "Europe/Oslo"})
    assert level_at(north, 2026, 6, 21, 22, 0) == 0.0


@pytest.mark.parametrize(
    "change",
    [
        {"timezone": "Europe/Nowhere"},
        {"timezone": "../../etc/passwd"},
        {"on": {"sun": "moonrise"}},
        {"steps": [{"from": "25:00", "level": 0.5}]},
        {"steps": [{"from": "22:00", "level": 1.5}]},
        {"steps": "none"},
    ],
)
def test_a_programme_that_cannot_be_followed_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(RemoteProtocolError):
        read_programme({**PROGRAMME, **change})
