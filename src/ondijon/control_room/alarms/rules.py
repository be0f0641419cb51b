"""The law of shelving and of silences: always with an end, a reason and an owner, in instants of UTC."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from ondijon.kernel.errors import Refused

LONGEST_SHELVING = timedelta(hours=72)
LONGEST_WORKS = timedelta(days=366)
LONGEST_REASON = 500
MOST_NAMED = 2_000


class ShelvingState(StrEnum):
    """Whether an alarm is put aside (ISA-18.2: shelved), and if not any more, how that ended."""

    NONE = "none"
    SHELVED = "shelved"
    EXPIRED = "expired"
    ENDED = "ended"


class ShelvingStep(StrEnum):
    """What can happen to a shelving; EXTEND: shelved again before its end."""

    SHELVE = "shelve"
    EXTEND = "extend"
    EXPIRE = "expire"
    END = "end"


SHELVING_LAW: dict[tuple[ShelvingState, ShelvingStep], ShelvingState] = {
    (ShelvingState.NONE, ShelvingStep.SHELVE): ShelvingState.SHELVED,
    (ShelvingState.SHELVED, ShelvingStep.EXTEND): ShelvingState.SHELVED,
    (ShelvingState.SHELVED, ShelvingStep.EXPIRE): ShelvingState.EXPIRED,
    (ShelvingState.SHELVED, ShelvingStep.END): ShelvingState.ENDED,
    (ShelvingState.EXPIRED, ShelvingStep.SHELVE): ShelvingState.SHELVED,
    (ShelvingState.ENDED, ShelvingStep.SHELVE): ShelvingState.SHELVED,
}


class Shelving(Struct, frozen=True):
    """One alarm of one twin put aside; `until` as an instant: nights of 25 hours need no care."""

    state: ShelvingState = ShelvingState.NONE
    until: datetime | None = None


def shelve(shelving: Shelving, now: datetime, until: datetime) -> Shelving:
    """Put aside, or for another time; raises Refused when the end is past or more than 72 hours ahead."""
    check_end(now, until, LONGEST_SHELVING)
    step = ShelvingStep.EXTEND if shelving.state == ShelvingState.SHELVED else ShelvingStep.SHELVE
    return Shelving(SHELVING_LAW[shelving.state, step], until)


def pass_time(shelving: Shelving, now: datetime) -> Shelving:
    """What time alone does: a shelving ends by itself at its instant."""
    if shelving.state == ShelvingState.SHELVED and is_due(shelving.until, now):
        return Shelving(SHELVING_LAW[shelving.state, ShelvingStep.EXPIRE])
    return shelving


def end(shelving: Shelving) -> Shelving:
    """Bring back before the end; raises Refused when it is not shelved."""
    following = SHELVING_LAW.get((shelving.state, ShelvingStep.END))
    if following is None:
        raise Refused("error.not_shelved")
    return Shelving(following)


def is_due(until: datetime | None, now: datetime) -> bool:
    """Whether a shelving's instant has come."""
    return until is not None and until <= now


def check_end(now: datetime, until: datetime, longest: timedelta) -> None:
    """Raise Refused unless the end is ahead, by no more than `longest`."""
    if until.tzinfo is None or until <= now:
        raise Refused("error.end_is_past")
    if until - now > longest:
        raise Refused("error.end_too_far", hours=int(longest.total_seconds() // 3600))


def check_count(count: int) -> None:
    """Raise Refused when an act names nothing, or too many things."""
    if not 0 < count <= MOST_NAMED:
        raise Refused("error.bad_count", most=MOST_NAMED)
