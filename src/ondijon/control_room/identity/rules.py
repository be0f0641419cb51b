"""When the glass may be broken."""

from datetime import datetime

from ondijon.control_room.identity.model import (
    LEAST_MINUTES,
    LONGEST_REASON,
    MOST_MINUTES,
    SHORTEST_REASON,
    Glass,
    break_glass,
)
from ondijon.kernel.errors import Refused


def decide_break(standing: Glass | None, reason: str, minutes: int, now: datetime) -> Glass:
    """The glass as it will stand; raises Refused without a reason, a length, or when it is broken already."""
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        raise Refused("error.glass_minutes", least=LEAST_MINUTES, most=MOST_MINUTES)
    if not SHORTEST_REASON <= len(reason.strip()) <= LONGEST_REASON:
        raise Refused("error.glass_reason", shortest=SHORTEST_REASON, longest=LONGEST_REASON)
    if standing is not None and standing.stands_at(now):
        raise Refused("error.glass_already_broken")
    return break_glass(now, minutes)
