"""The law of a call, as tables: what it is after what happened, and what may be done in each state."""

# What happened is told by a telephone system, twice or in any order: each instant is kept as the earliest known, and
# the state is read from the instants alone. So the same facts give the same call, however they came.
#
#   answered  hung up   state
#   no        no        ringing
#   yes       no        open
#   yes       yes       ended
#   no        yes       abandoned

import re
from datetime import datetime

from ondijon.control_room.calls.model import (
    EARLY_AT_MOST,
    LATE_AT_MOST,
    PROMISE_AHEAD,
    CallBack,
    Course,
    Happened,
    Outcome,
    State,
    Step,
)
from ondijon.kernel.errors import Refused

STATE_OF = {
    (False, False): State.RINGING,
    (True, False): State.OPEN,
    (True, True): State.ENDED,
    (False, True): State.ABANDONED,
}
MAY: dict[Step, frozenset[State]] = {
    Step.TAKE: frozenset((State.RINGING,)),
    Step.SAVE: frozenset((State.OPEN, State.ENDED)),
    Step.LINK: frozenset((State.OPEN, State.ENDED)),
    Step.PROMISE: frozenset((State.OPEN, State.ENDED)),
    Step.END: frozenset((State.OPEN,)),
    Step.CALL_BACK: frozenset((State.OPEN, State.ENDED)),
}
CALLED_BACK: dict[Outcome, CallBack] = {"reached": "done", "no_answer": "wanted", "gave_up": "gave_up"}
_NUMBER = re.compile(r"\+?[0-9]{3,15}")
_SPACING = re.compile(r"[\s.\-()/]")


def state_of(course: Course) -> State:
    """The state that the instants make."""
    return STATE_OF[course.answered_at is not None, course.hung_up_at is not None]


def may_step(state: State, step: Step) -> bool:
    """Whether a person may do this with a call in that state."""
    return state in MAY[step]


def evolve(course: Course, happened: Happened, at: datetime) -> Course:
    """The course once it is known that this happened then; twice, or in another order, it is the same."""
    answered, hung_up = course.answered_at, course.hung_up_at
    if happened == "answered":
        answered = _earliest(answered, at)
    elif happened in ("ended", "abandoned"):
        hung_up = _earliest(hung_up, at)
    return Course(min(course.rang_at, at), answered, hung_up)


def _earliest(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)


def waited_s(course: Course, now: datetime) -> float:
    """How long the caller waited, or waits, in seconds."""
    until = course.answered_at or course.hung_up_at or now
    return max(0.0, (until - course.rang_at).total_seconds())


def decide_instant(at: datetime, now: datetime) -> datetime:
    """The instant that a telephone system gave; raises Refused when its clock cannot be right."""
    if at > now + EARLY_AT_MOST or at < now - LATE_AT_MOST:
        raise Refused("error.call_time")
    return min(at, now)


def decide_number(text: str | None) -> str | None:
    """A telephone number without spacing; None for none; raises Refused for what is no number."""
    plain = _SPACING.sub("", text or "")
    if not plain:
        return None
    if _NUMBER.fullmatch(plain) is None:
        raise Refused("error.call_number")
    return plain


def decide_promise(at: datetime, now: datetime) -> datetime:
    """A promise lies ahead, and not beyond the day when the caller's number is erased; raises Refused."""
    if not now < at <= now + PROMISE_AHEAD:
        raise Refused("error.call_promise", days=PROMISE_AHEAD.days)
    return at
