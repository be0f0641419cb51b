"""Rights taken in an emergency last minutes, are given for a reason, and end on their instant whatever happens."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from msgspec.structs import replace

from ondijon.control_room.identity.model import Glass, break_glass
from ondijon.control_room.identity.rules import decide_break
from ondijon.kernel.errors import Refused

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
REASON = "fuite de gaz, rue fermée"
MOMENT = timedelta(microseconds=1)
LONGEST = timedelta(minutes=60)


def refusal(standing: Glass | None = None, reason: str = REASON, minutes: int = 30) -> tuple[str, dict[str, object]]:
    """Why the glass is not broken: the error's key and values."""
    with pytest.raises(Refused) as told:
        decide_break(standing, reason, minutes, NOW)
    return told.value.key, dict(told.value.values)


class EmergencyRights(RuleBasedStateMachine):
    """Breaking, giving back and waiting in any order, beside the instants that rights were asked for and returned."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.glass: Glass | None = None
        self.ends_at = NOW

    @rule(minutes=st.integers(0, 70))
    def break_it(self, minutes: int) -> None:
        allowed = 5 <= minutes <= 60 and self.now >= self.ends_at
        try:
            self.glass = decide_break(self.glass, REASON, minutes, self.now)
        except Refused:
            assert not allowed
        else:
            assert allowed
            self.ends_at = self.now + timedelta(minutes=minutes)

    @rule()
    def give_it_back(self) -> None:
        if self.glass is not None and self.glass.ended_at is None:
            self.glass = replace(self.glass, ended_at=self.now)
            self.ends_at = min(self.ends_at, self.now)

    @rule(seconds=st.integers(0, 3_000))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def rights_are_held_until_they_end_and_not_a_moment_longer(self) -> None:
        assert (self.glass is not None and self.glass.stands_at(self.now)) == (self.now < self.ends_at)

    @invariant()
    def nobody_holds_them_for_more_than_an_hour_without_asking_again(self) -> None:
        assert self.glass is None or not self.glass.stands_at(self.now + LONGEST)


TestEmergencyRights = EmergencyRights.TestCase


@given(st.integers(5, 60))
def test_rights_begin_at_once_and_end_on_their_minute(minutes: int) -> None:
    glass = decide_break(None, REASON, minutes, NOW)
    end = NOW + timedelta(minutes=minutes)
    assert glass == break_glass(NOW, minutes) == Glass(NOW, end)
    assert [glass.stands_at(at) for at in (NOW - MOMENT, NOW, end - MOMENT, end)] == [False, True, True, False]


def test_rights_given_back_end_then_and_a_late_note_of_it_never_prolongs_them() -> None:
    early, late = NOW + timedelta(minutes=7), NOW + timedelta(minutes=90)
    glass = replace(break_glass(NOW, 30), ended_at=early)
    assert [glass.stands_at(at) for at in (early - MOMENT, early)] == [True, False]
    end = NOW + timedelta(minutes=30)
    assert [replace(glass, ended_at=late).stands_at(at) for at in (end - MOMENT, end)] == [True, False]


def test_rights_are_held_for_five_to_sixty_minutes() -> None:
    for minutes in (5, 60):
        assert decide_break(None, REASON, minutes, NOW).until - NOW == timedelta(minutes=minutes)
    for minutes in (-30, 0, 4, 61):
        assert refusal(minutes=minutes) == ("error.glass_minutes", {"least": 5, "most": 60})


def test_a_reason_says_something_in_ten_to_five_hundred_signs() -> None:
    for reason in ("x" * 10, "x" * 500, f"  {'x' * 500}  "):
        assert decide_break(None, reason, 30, NOW).since == NOW
    for reason in ("", "x" * 9, f"  {'x' * 9}  ", " " * 20, "x" * 501):
        assert refusal(reason=reason) == ("error.glass_reason", {"shortest": 10, "longest": 500})


def test_what_is_broken_is_not_broken_again_before_it_ends() -> None:
    standing = break_glass(NOW - timedelta(minutes=30), 30)
    assert decide_break(standing, REASON, 5, NOW).since == NOW
    longer = break_glass(NOW - timedelta(minutes=30), 31)
    assert refusal(longer) == ("error.glass_already_broken", {})
    assert decide_break(replace(longer, ended_at=NOW), REASON, 5, NOW).since == NOW
