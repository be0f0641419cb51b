"""Opening hours in OSM's opening_hours syntax, by the city's own clock and public holidays."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct
from opening_hours import OpeningHours, validate

from ondijon.kernel.city import CityCard
from ondijon.kernel.errors import Refused

_MOST_DAYS = 366
_MOST_CHANGES = 1000


class Opening(Struct, frozen=True):
    """Whether it is open at an instant, and until when that stays so (None = for a year at least)."""

    open: bool
    until: datetime | None


@lru_cache(maxsize=1024)
def read_hours(hours: str, timezone: str, lon: float, lat: float) -> OpeningHours:
    """The parsed text; the place gives sunrise and sunset, and the country whose public holidays `PH` means.

    Raises Refused when it is not opening_hours syntax.
    """
    if not validate(hours):
        raise Refused("error.contact_hours", hours=hours[:80])
    return OpeningHours(
        hours,
        timezone=ZoneInfo(timezone),
        coords=(lat, lon),
        max_interval_days=_MOST_DAYS,
    )


def check_hours(hours: str, city: CityCard) -> None:
    """Raise Refused when the text cannot be read."""
    read_hours(hours, city.timezone, *city.center)


def opening_at(hours: str, city: CityCard, at: datetime) -> Opening:
    """Open or not, in the city's time; what the text calls unknown is not open.

    In the hour that autumn repeats, a time of day opens at its first passing and closes at its second.
    """
    read = read_hours(hours, city.timezone, *city.center)
    here = at.astimezone(ZoneInfo(city.timezone))
    is_open = _is_open(read, here)
    after = here if _by_the_letter(read, here) == is_open or here.fold else _hour_of(here).replace(fold=1)
    until = _next_change(read, after, is_open)
    if until is None:
        return Opening(is_open, None)
    first = until.replace(fold=0)
    if _is_repeated(until) and _is_open(read, first) != is_open:
        until = first
    return Opening(is_open, until.astimezone(UTC))


def _next_change(read: OpeningHours, after: datetime, is_open: bool) -> datetime | None:
    """When it opens or closes next; a text may go on changing between closed and unknown to the end of time."""
    end, until = after + timedelta(days=_MOST_DAYS), read.next_change(after)
    for _ in range(_MOST_CHANGES):
        if until is None or until > end:
            return None
        if _is_open(read, until) != is_open:
            return until
        until = read.next_change(until)
    return None


def _is_open(read: OpeningHours, here: datetime) -> bool:
    if not _is_repeated(here) or _by_the_letter(read, here):
        return _by_the_letter(read, here)
    # Open just before the clock is put back, or just after.
    return _by_the_letter(read, _hour_of(here) + timedelta(minutes=59) if here.fold else _hour_of(here))


def _by_the_letter(read: OpeningHours, here: datetime) -> bool:
    # At its first passing the library takes the last minute before the clock is put back for the one after.
    return read.is_open(here.replace(fold=1))


def _is_repeated(here: datetime) -> bool:
    before, after = here.replace(fold=0).utcoffset(), here.replace(fold=1).utcoffset()
    return before is not None and after is not None and before > after


def _hour_of(here: datetime) -> datetime:
    return here.replace(minute=0, second=0, microsecond=0)
