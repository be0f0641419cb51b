"""The broken glass: rights that somebody takes in an emergency, for minutes, before everybody's eyes."""

from datetime import datetime, timedelta

from msgspec import Struct

LEAST_MINUTES, MOST_MINUTES = 5, 60
SHORTEST_REASON, LONGEST_REASON = 10, 500


class Glass(Struct, frozen=True):
    """Since when somebody holds every right, until when, and when it was given back before that."""

    since: datetime
    until: datetime
    ended_at: datetime | None = None

    def stands_at(self, now: datetime) -> bool:
        """Whether the rights are held at this instant; the first one counts, the last one does not."""
        return self.since <= now < (self.until if self.ended_at is None else min(self.ended_at, self.until))


def break_glass(now: datetime, minutes: int) -> Glass:
    return Glass(now, now + timedelta(minutes=minutes))
