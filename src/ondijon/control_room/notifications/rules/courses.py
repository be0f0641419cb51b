"""The two machines: a notice that climbs until it is read, a delivery that is tried until it is over."""

from datetime import datetime, timedelta

from msgspec import structs

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


def begin_escalation(urgent: bool, now: datetime) -> Escalation:
    """Only what is urgent is chased."""
    return Escalation(Rung.DIRECT, "waiting", now + UNREAD_AFTER) if urgent else Escalation(Rung.DIRECT, "quiet", None)


def evolve_read(escalation: Escalation) -> Escalation:
    """Somebody has read it: nobody else is chased."""
    return structs.replace(escalation, state="read", due_at=None) if escalation.state == "waiting" else escalation


def evolve_over(escalation: Escalation) -> Escalation:
    """What it was about needs nobody any more."""
    return structs.replace(escalation, state="over", due_at=None) if escalation.state == "waiting" else escalation


def evolve_unread(escalation: Escalation, now: datetime) -> Escalation:
    """One rung up when its time has run out; from the last rung it ends unread. Too early changes nothing."""
    if escalation.state != "waiting" or escalation.due_at is None or now < escalation.due_at:
        return escalation
    if escalation.rung is Rung.ON_CALL:
        return Escalation(escalation.rung, "unread", None)
    return Escalation(Rung(escalation.rung + 1), "waiting", now + UNREAD_AFTER)


def retry_delay(tries: int) -> timedelta:
    """How long to wait after the n-th attempt: 15 s, doubled each time, 15 min at most."""
    return min(FIRST_RETRY * (1 << min(tries - 1, 10)), LONGEST_RETRY)


def evolve_attempt(delivery: Delivery, outcome: Outcome, now: datetime) -> Delivery:
    """What an attempt made of a queued delivery; one that has ended stays as it is."""
    if delivery.state != "queued":
        return delivery
    if outcome.taken:
        state = "delivered" if outcome.confirmed else "sent"
        return structs.replace(delivery, state=state, next_try_at=None, last_error=None, receipt=outcome.receipt)
    if outcome.again and delivery.tries < MOST_TRIES:
        return structs.replace(delivery, next_try_at=now + retry_delay(delivery.tries), last_error=outcome.error)
    return structs.replace(delivery, state="failed", next_try_at=None, last_error=outcome.error)
