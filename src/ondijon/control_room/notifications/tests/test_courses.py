"""The ladder of a notice and the course of a delivery, whatever happens to them."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ondijon.control_room.notifications.model import (
    FIRST_RETRY,
    LONGEST_RETRY,
    MOST_TRIES,
    UNREAD_AFTER,
    Delivery,
    Escalation,
    Outcome,
    Rung,
)
from ondijon.control_room.notifications.rules.courses import (
    begin_escalation,
    evolve_attempt,
    evolve_over,
    evolve_read,
    evolve_unread,
    retry_delay,
)

START = datetime(2026, 11, 21, 20, tzinfo=UTC)
ENDED = ("quiet", "read", "over", "unread")


class LadderMachine(RuleBasedStateMachine):
    """Time passes, people read or do not, causes vanish: in any order."""

    @initialize(urgent=st.booleans())
    def begin(self, urgent: bool) -> None:
        self.now = START
        self.urgent = urgent
        self.escalation = begin_escalation(urgent, self.now)
        self.climbed_at: list[datetime] = [self.now]

    def become(self, after: Escalation) -> None:
        before = self.escalation
        assert after.rung - before.rung in (0, 1)
        if before.state in ENDED:
            assert after == before
        if after.rung > before.rung:
            assert self.now - self.climbed_at[-1] >= UNREAD_AFTER
            self.climbed_at.append(self.now)
        self.escalation = after

    @rule(seconds=st.integers(0, 400))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def look(self) -> None:
        self.become(evolve_unread(self.escalation, self.now))

    @rule()
    def read(self) -> None:
        self.become(evolve_read(self.escalation))
        assert self.escalation.state != "waiting"

    @rule()
    def vanish(self) -> None:
        self.become(evolve_over(self.escalation))
        assert self.escalation.state != "waiting"

    @invariant()
    def only_what_waits_is_due(self) -> None:
        assert (self.escalation.state == "waiting") == (self.escalation.due_at is not None)

    @invariant()
    def what_is_not_urgent_chases_nobody(self) -> None:
        if not self.urgent:
            assert self.escalation == Escalation(Rung.DIRECT, "quiet", None)


class DeliveryMachine(RuleBasedStateMachine):
    """Attempts end in any way, as often as they are made."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.delivery = Delivery("queued", 0, self.now)

    @rule(
        outcome=st.builds(
            Outcome, taken=st.booleans(), confirmed=st.booleans(), again=st.booleans(), error=st.just("error.x")
        )
    )
    def attempt(self, outcome: Outcome) -> None:
        before = self.delivery
        tried = Delivery(before.state, before.tries + (before.state == "queued"), before.next_try_at)
        after = evolve_attempt(tried, outcome, self.now)
        if before.state != "queued":
            assert after == tried
        elif outcome.taken:
            assert after.state == ("delivered" if outcome.confirmed else "sent")
        elif not outcome.again or tried.tries == MOST_TRIES:
            assert after.state == "failed"
        else:
            assert after.next_try_at == self.now + retry_delay(tried.tries)
        self.delivery = after

    @invariant()
    def it_ends(self) -> None:
        assert self.delivery.tries <= MOST_TRIES
        assert (self.delivery.state == "queued") == (self.delivery.next_try_at is not None)


TestLadder = LadderMachine.TestCase
TestDelivery = DeliveryMachine.TestCase


def test_an_unread_notice_reaches_everybody_and_then_ends() -> None:
    now, escalation = START, begin_escalation(True, START)
    seen = [escalation.rung]
    for _ in range(10):
        now += UNREAD_AFTER
        escalation = evolve_unread(escalation, now)
        seen.append(escalation.rung)
    assert list(dict.fromkeys(seen)) == [Rung.DIRECT, Rung.LEADERS, Rung.ON_CALL]
    assert escalation.state == "unread"


def test_a_moment_too_early_changes_nothing() -> None:
    escalation = begin_escalation(True, START)
    early = START + UNREAD_AFTER - timedelta(microseconds=1)
    assert evolve_unread(escalation, early) == escalation
    assert evolve_unread(escalation, START + UNREAD_AFTER).rung is Rung.LEADERS


@given(st.integers(1, 40))
def test_each_wait_is_twice_the_one_before_up_to_the_longest(tries: int) -> None:
    delay = retry_delay(tries)
    assert FIRST_RETRY <= delay <= LONGEST_RETRY
    assert retry_delay(tries + 1) == min(delay * 2, LONGEST_RETRY)


def test_the_first_waits_are_a_quarter_a_half_and_a_whole_minute() -> None:
    assert [retry_delay(tries).total_seconds() for tries in (1, 2, 3)] == [15, 30, 60]
