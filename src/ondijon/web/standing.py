"""What a session is at an instant: open, locked or ended, and when that changes by itself."""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct

State = Literal["open", "locked", "ended"]


class Standing(Struct, frozen=True):
    """A session's own times; idle_lock_s None = it never locks by itself."""

    seen_at: datetime
    ends_at: datetime
    locked_at: datetime | None = None
    idle_lock_s: int | None = None

    @property
    def locks_at(self) -> datetime | None:
        """When it locks, or locked; None when only its end will stop it."""
        if self.locked_at is not None:
            return self.locked_at
        return None if self.idle_lock_s is None else self.seen_at + timedelta(seconds=self.idle_lock_s)

    def state_at(self, now: datetime) -> State:
        """An instant of change belongs to what comes after it."""
        if now >= self.ends_at:
            return "ended"
        locks_at = self.locks_at
        return "locked" if locks_at is not None and now >= locks_at else "open"

    def changes_at(self, now: datetime) -> datetime:
        """The next instant at which its state changes by time alone."""
        locks_at = self.locks_at
        return self.ends_at if locks_at is None or now >= locks_at else min(locks_at, self.ends_at)


def see(standing: Standing, now: datetime) -> Standing:
    """A person's input; a locked or ended session takes none."""
    if standing.state_at(now) != "open":
        return standing
    return Standing(now, standing.ends_at, None, standing.idle_lock_s)


def lock(standing: Standing, now: datetime) -> Standing:
    """Locked by hand, or written down because it stood idle; the first moment counts."""
    if standing.state_at(now) == "ended" or standing.locked_at is not None:
        return standing
    idle_since = standing.locks_at
    locked_at = now if idle_since is None else min(now, idle_since)
    return Standing(standing.seen_at, standing.ends_at, locked_at, standing.idle_lock_s)


def unlock(standing: Standing, now: datetime) -> Standing:
    """Open again, after a proof; what has ended stays so."""
    if standing.state_at(now) == "ended":
        return standing
    return Standing(now, standing.ends_at, None, standing.idle_lock_s)
