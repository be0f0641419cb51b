"""Clocks against a promise: pure functions over instants in UTC, so that no change of local time touches them."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from ondijon.control_room.incidents.model import ClockState, SlaClock

_SECOND_US = 1_000_000
_MICROSECOND = timedelta(microseconds=1)


def used_us(clock: SlaClock, now: datetime) -> int:
    """Microseconds that ran until `now`; never less than before, even when `now` is earlier than the last start."""
    if clock.since is None:
        return clock.used_us
    return clock.used_us + max(0, (now - clock.since) // _MICROSECOND)


def run(clock: SlaClock, at: datetime) -> SlaClock:
    """Let it run from `at`, unless it runs already or was met."""
    if clock.since is not None or clock.met_at is not None:
        return clock
    return replace(clock, since=at)


def stand(clock: SlaClock, at: datetime) -> SlaClock:
    """Let it stand still from `at`."""
    return replace(clock, used_us=used_us(clock, at), since=None)


def meet(clock: SlaClock, at: datetime) -> SlaClock:
    """What was promised is done; the first time counts."""
    if clock.met_at is not None:
        return clock
    return replace(stand(clock, at), met_at=at)


def go_on(clock: SlaClock, at: datetime) -> SlaClock:
    """It was not done after all: run again, with what was used before; the time between does not count."""
    return run(replace(clock, met_at=None), at)


def due_at(clock: SlaClock) -> datetime | None:
    """When it runs out, perhaps in the past; None while it stands still."""
    if clock.since is None:
        return None
    return clock.since + timedelta(microseconds=clock.limit_s * _SECOND_US - clock.used_us)


def judge(clock: SlaClock, now: datetime) -> ClockState:
    """Breached once the whole limit is used, whatever came after."""
    if used_us(clock, now) >= clock.limit_s * _SECOND_US:
        return "breached"
    if clock.met_at is not None:
        return "met"
    return "paused" if clock.since is None else "running"
