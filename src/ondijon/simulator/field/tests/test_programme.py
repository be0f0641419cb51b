"""Programmes in sun and local time."""

from datetime import UTC, datetime

import pytest

from ondijon.kernel.errors import RemoteProtocolError
from ondijon.simulator.field.programme import Programme, groups_of, nights_of, read_programme
from ondijon.simulator.field.tests.small_city import PROGRAMME, plan_of


def level_at(programme: Programme, *instant: int, group: int = 0) -> float:
    now_s = datetime(*instant, tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]
    return nights_of(programme, now_s)[group].at(now_s)[0]


def with_plans(*plans: dict[str, object], **changes: object) -> Programme:
    return read_programme({**PROGRAMME, "profiles": list(plans), **changes})


def with_steps(*steps: tuple[str, float]) -> Programme:
    return with_plans(plan_of(("12:00", 1.0), *steps))


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
    level, lit, until_s = nights_of(read_programme(PROGRAMME), now_s)[0].at(now_s)
    assert (level, lit) == (0.6, True)
    assert until_s == datetime(2026, 10, 15, 23, 0, tzinfo=UTC).timestamp()


def test_offsets_move_the_edges() -> None:
    late = with_plans(plan_of(on={"sun": "sunset", "offset_min": 30}))
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
    north = with_plans(plan_of(), position=[18.95, 69.65], timezone="Europe/Oslo")
    assert level_at(north, 2026, 6, 21, 22, 0) == 0.0


def test_local_times_bound_what_the_sun_says() -> None:
    bound = with_plans(plan_of(on={"sun": "sunset", "not_before": "19:30"}, off={"sun": "dawn", "not_after": "06:00"}))
    assert level_at(bound, 2026, 10, 15, 17, 29) == 0.0
    assert level_at(bound, 2026, 10, 15, 17, 30) == 1.0
    assert level_at(bound, 2026, 10, 16, 3, 59) == 0.7
    assert level_at(bound, 2026, 10, 16, 4, 0) == 0.0


def test_where_an_hour_is_missing_a_step_that_the_next_overtakes_falls_away() -> None:
    programme = with_steps(("02:30", 0.2), ("03:00", 0.6))
    # 29 March 2026: 03:00 comes at 01:00 UTC, 02:30 would at 01:30 UTC.
    assert level_at(programme, 2026, 3, 29, 0, 59) == 1.0
    assert level_at(programme, 2026, 3, 29, 1, 0) == 0.6
    assert level_at(programme, 2026, 3, 29, 1, 45) == 0.6
    assert level_at(programme, 2026, 3, 30, 0, 45) == 0.2


def test_each_group_follows_its_own_calendar_night_by_night() -> None:
    dark = plan_of(("12:00", 1.0), ("00:30", 0.0), ("05:00", 1.0))
    groups = [{"calendar": 0}, {"calendar": 1, "devices": ["b", "c"]}]
    programme = with_plans(plan_of(), dark, calendars=["0" * 400, "01" * 200], groups=groups)
    assert groups_of(programme, ["a", "b", "c", "d"]) == [0, 1, 1, 0]
    assert level_at(programme, 2026, 1, 2, 1, 0, group=1) == 0.35
    assert level_at(programme, 2026, 1, 3, 1, 0, group=1) == 0.0
    assert level_at(programme, 2026, 1, 3, 1, 0, group=0) == 0.35


def test_beyond_its_calendar_a_gateway_goes_on_as_52_weeks_before() -> None:
    dark = plan_of(("12:00", 0.0))
    programme = with_plans(plan_of(), dark, calendars=["0" * 40 + "1" + "0" * 359])
    # The 41st night is that of 10 February 2026; 364 nights later the calendar of 400 nights is over.
    assert level_at(programme, 2026, 2, 10, 23, 0) == 0.0
    assert level_at(programme, 2027, 2, 9, 23, 0) == 0.0
    assert level_at(programme, 2027, 2, 10, 23, 0) == 0.6
    assert level_at(programme, 2025, 2, 11, 23, 0) == 0.0


@pytest.mark.parametrize(
    "change",
    [
        {"timezone": "Europe/Nowhere"},
        {"timezone": "../../etc/passwd"},
        {"profiles": [plan_of(on={"sun": "moonrise"})]},
        {"profiles": [plan_of(on={"sun": "sunset", "not_before": "soon"})]},
        {"profiles": [plan_of(("25:00", 0.5))]},
        {"profiles": [plan_of(("22:00", 1.5))]},
        {"profiles": [{**plan_of(), "steps": []}]},
        {"profiles": []},
        {"calendars": ["0" * 90]},
        {"calendars": ["1" * 400]},
        {"groups": []},
        {"groups": [{"calendar": 1}]},
        {"from": "tomorrow"},
    ],
)
def test_a_programme_that_cannot_be_followed_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(RemoteProtocolError):
        read_programme({**PROGRAMME, **change})
