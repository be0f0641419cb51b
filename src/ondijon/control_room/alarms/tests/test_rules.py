"""Shelving always ends, at its own instant, never later than 72 hours on, also in the night of 25 hours."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.control_room.alarms.rules import (
    LONGEST_SHELVING,
    LONGEST_WORKS,
    SHELVING_LAW,
    Shelving,
    ShelvingState,
    ShelvingStep,
    check_count,
    check_end,
    end,
    is_due,
    pass_time,
    shelve,
)
from ondijon.kernel.errors import Refused

NOW = datetime(2026, 10, 24, 20, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PARIS = ZoneInfo("Europe/Paris")
steps = st.lists(
    st.one_of(
        st.tuples(st.just("shelve"), st.integers(-10, 5_000)),
        st.tuples(st.just("wait"), st.integers(0, 3_000)),
        st.tuples(st.just("end"), st.just(0)),
    ),
    max_size=30,
)


def refusal(act: Callable[[], object]) -> tuple[str, dict[str, object]]:
    """Why it is refused: the error's key and values."""
    with pytest.raises(Refused) as told:
        act()
    return told.value.key, dict(told.value.values)


@given(steps)
def test_whatever_happens_nothing_is_shelved_beyond_its_end_or_beyond_72_hours(moves: list[tuple[str, int]]) -> None:
    shelving, now = Shelving(), NOW
    for move, minutes in moves:
        try:
            if move == "shelve":
                shelving = shelve(shelving, now, now + timedelta(minutes=minutes))
            elif move == "end":
                shelving = end(shelving)
            else:
                now += timedelta(minutes=minutes)
        except Refused:
            assert move == "end" or not 0 < minutes <= 72 * 60
        shelving = pass_time(shelving, now)
        if shelving.state == ShelvingState.SHELVED:
            assert shelving.until is not None
            assert now < shelving.until <= now + LONGEST_SHELVING
        else:
            assert shelving.until is None


def test_the_law_never_leaves_shelved_but_by_time_or_by_somebody() -> None:
    leaving = {step: after for (before, step), after in SHELVING_LAW.items() if before == ShelvingState.SHELVED}
    assert leaving == {
        ShelvingStep.EXTEND: ShelvingState.SHELVED,
        ShelvingStep.EXPIRE: ShelvingState.EXPIRED,
        ShelvingStep.END: ShelvingState.ENDED,
    }
    for state in (ShelvingState.NONE, ShelvingState.EXPIRED, ShelvingState.ENDED):
        assert SHELVING_LAW[state, ShelvingStep.SHELVE] == ShelvingState.SHELVED
        assert (state, ShelvingStep.EXPIRE) not in SHELVING_LAW


def test_until_half_past_two_the_second_time_is_an_hour_later_than_the_first_time() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=0).astimezone(UTC)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1).astimezone(UTC)
    assert second - first == timedelta(hours=1)
    shelving = shelve(Shelving(), NOW, second)
    assert pass_time(shelving, first).state == ShelvingState.SHELVED
    assert pass_time(shelving, second - timedelta(microseconds=1)).state == ShelvingState.SHELVED
    assert pass_time(shelving, second).state == ShelvingState.EXPIRED


@pytest.mark.parametrize(
    ("ahead", "key"),
    [
        (timedelta(0), "error.end_is_past"),
        (timedelta(seconds=-1), "error.end_is_past"),
        (LONGEST_SHELVING + timedelta(microseconds=1), "error.end_too_far"),
    ],
)
def test_an_end_that_is_past_or_too_far_is_refused(ahead: timedelta, key: str) -> None:
    assert refusal(lambda: shelve(Shelving(), NOW, NOW + ahead))[0] == key


def test_72_hours_are_allowed_and_an_end_without_a_zone_is_not() -> None:
    assert shelve(Shelving(), NOW, NOW + LONGEST_SHELVING).state == ShelvingState.SHELVED
    local = datetime(2026, 12, 1)  # noqa: DTZ001 (that is the point)
    assert refusal(lambda: check_end(NOW, local, LONGEST_SHELVING)) == ("error.end_is_past", {})
    assert refusal(lambda: check_end(NOW, NOW + 4 * 24 * HOUR, LONGEST_SHELVING)) == (
        "error.end_too_far", {"hours": 72}
    )  # fmt: skip


def test_works_may_last_a_year_of_366_days_and_not_an_instant_more() -> None:
    year = 366 * 24 * HOUR
    check_end(NOW, NOW + year, LONGEST_WORKS)
    longer = NOW + year + timedelta(microseconds=1)
    assert refusal(lambda: check_end(NOW, longer, LONGEST_WORKS)) == ("error.end_too_far", {"hours": 366 * 24})


def test_what_is_not_shelved_cannot_be_brought_back() -> None:
    for state in (ShelvingState.NONE, ShelvingState.EXPIRED, ShelvingState.ENDED):
        assert refusal(partial(end, Shelving(state))) == ("error.not_shelved", {})
    assert end(shelve(Shelving(), NOW, NOW + HOUR)) == Shelving(ShelvingState.ENDED)


def test_time_ends_nothing_that_has_no_end() -> None:
    assert not is_due(None, NOW)
    assert pass_time(Shelving(), NOW) == Shelving()


def test_an_act_names_something_but_not_everything() -> None:
    check_count(1)
    check_count(2_000)
    for count in (-1, 0, 2_001):
        assert refusal(partial(check_count, count)) == ("error.bad_count", {"most": 2_000})
