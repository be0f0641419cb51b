"""How a notice and a delivery end, to the word and to the minute."""

from datetime import UTC, datetime, timedelta

import pytest

from ondijon.control_room.notifications.model import Delivery, Escalation, Outcome, Rung
from ondijon.control_room.notifications.rules.courses import (
    begin_escalation,
    evolve_attempt,
    evolve_over,
    evolve_read,
    evolve_unread,
    retry_delay,
)

NOW = datetime(2026, 11, 21, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
QUEUED = Delivery("queued", 1, NOW, "error.before", None)


def test_everybody_has_three_minutes_to_read() -> None:
    direct = begin_escalation(True, NOW)
    assert direct == Escalation(Rung.DIRECT, "waiting", NOW + 3 * MINUTE)
    leaders = evolve_unread(direct, NOW + 5 * MINUTE)
    assert leaders == Escalation(Rung.LEADERS, "waiting", NOW + 8 * MINUTE)
    on_call = evolve_unread(leaders, NOW + 8 * MINUTE)
    assert on_call == Escalation(Rung.ON_CALL, "waiting", NOW + 11 * MINUTE)
    assert evolve_unread(on_call, NOW + 11 * MINUTE) == Escalation(Rung.ON_CALL, "unread", None)
    assert begin_escalation(False, NOW) == Escalation(Rung.DIRECT, "quiet", None)


def test_what_was_read_says_so_and_so_does_what_needs_nobody_any_more() -> None:
    waiting = Escalation(Rung.LEADERS, "waiting", NOW)
    assert evolve_read(waiting) == Escalation(Rung.LEADERS, "read", None)
    assert evolve_over(waiting) == Escalation(Rung.LEADERS, "over", None)
    for ended in ("quiet", "read", "over", "unread"):
        escalation = Escalation(Rung.LEADERS, ended, None)
        assert evolve_read(escalation) == evolve_over(escalation) == evolve_unread(escalation, NOW) == escalation


@pytest.mark.parametrize(("confirmed", "state"), [(True, "delivered"), (False, "sent")])
def test_what_is_taken_keeps_its_receipt_and_no_error(confirmed: bool, state: str) -> None:
    outcome = Outcome(True, confirmed, again=True, receipt="250 ok", error="ignored")
    assert evolve_attempt(QUEUED, outcome, NOW) == Delivery(state, 1, None, None, "250 ok")  # type: ignore[arg-type]


def test_what_is_not_taken_says_why_and_is_tried_ten_times() -> None:
    again = Outcome(False, again=True, error="error.busy")
    assert evolve_attempt(QUEUED, again, NOW) == Delivery("queued", 1, NOW + MINUTE / 4, "error.busy")
    ninth, tenth = (Delivery("queued", tries, NOW) for tries in (9, 10))
    assert evolve_attempt(ninth, again, NOW) == Delivery("queued", 9, NOW + 15 * MINUTE, "error.busy")
    assert evolve_attempt(tenth, again, NOW) == Delivery("failed", 10, None, "error.busy")
    never = Outcome(False, again=False, error="error.no_such_box")
    assert evolve_attempt(QUEUED, never, NOW) == Delivery("failed", 1, None, "error.no_such_box")


def test_what_has_ended_takes_no_other_end() -> None:
    for state in ("sent", "delivered", "failed"):
        delivery = Delivery(state, 3, None, None, "kept")
        for outcome in (Outcome(True, True, receipt="late"), Outcome(False, again=True), Outcome(False)):
            assert evolve_attempt(delivery, outcome, NOW) == delivery


def test_waits_double_from_a_quarter_of_a_minute_to_a_quarter_of_an_hour() -> None:
    waits = [retry_delay(tries) / MINUTE for tries in range(1, 13)]
    assert waits == [0.25, 0.5, 1, 2, 4, 8, 15, 15, 15, 15, 15, 15]
