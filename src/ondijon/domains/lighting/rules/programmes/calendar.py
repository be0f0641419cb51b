"""Which nights a programme speaks on: ranges, days of the evening, public holidays and their eves, single dates."""

from collections.abc import Container
from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.programmes.model import WEEKDAYS, Calendar, Content, Range
from ondijon.kernel.arrays import Bools, Ints8, Ints32

SILENT = -1


class Nights(Struct, frozen=True, eq=False):
    """Successive nights by the date of their evening, one element a night."""

    first: date
    ordinal: Ints32
    weekday: Ints8
    month_day: Ints32
    holiday: Bools
    eve: Bools

    def __len__(self) -> int:
        return len(self.ordinal)

    def date_of(self, place: int) -> date:
        return self.first + timedelta(days=place)


def make_nights(first: date, count: int, holidays: Container[date]) -> Nights:
    """`count` nights from the evening of `first` on; `holidays` are dates."""
    days = [first + timedelta(days=n) for n in range(count + 1)]
    free = np.array([day in holidays for day in days], np.bool_)
    return Nights(
        first=first,
        ordinal=np.array([day.toordinal() for day in days[:-1]], np.int32),
        weekday=np.array([day.weekday() for day in days[:-1]], np.int8),
        month_day=np.array([day.month * 100 + day.day for day in days[:-1]], np.int32),
        holiday=free[:-1],
        eve=free[1:],
    )


def nights_within(calendar: Calendar, nights: Nights) -> Bools:
    """Which of the nights the calendar has."""
    within = np.zeros(len(nights), np.bool_)
    if calendar.ranges or calendar.days or not calendar.dates:
        within = _in_ranges(calendar.ranges, nights) & _on_days(calendar, nights)
    within |= _on_dates(calendar.dates, nights)
    return within & ~_on_dates(calendar.except_dates, nights)


def _in_ranges(ranges: tuple[Range, ...], nights: Nights) -> Bools:
    if not ranges:
        return np.ones(len(nights), np.bool_)
    within: Bools = np.logical_or.reduce([_in_range(one, nights) for one in ranges])
    return within


def _in_range(one: Range, nights: Nights) -> Bools:
    if len(one.first) == len("MM-DD"):
        first, last = (int(text[:2]) * 100 + int(text[3:]) for text in (one.first, one.last))
        after, before = nights.month_day >= first, nights.month_day <= last
        within: Bools = (after & before) if first <= last else (after | before)
        return within
    first, last = (date.fromisoformat(text).toordinal() for text in (one.first, one.last))
    within = (nights.ordinal >= first) & (nights.ordinal <= last)
    return within


def _on_days(calendar: Calendar, nights: Nights) -> Bools:
    if not calendar.days:
        return np.ones(len(nights), np.bool_)
    weekdays = [place for place, day in enumerate(WEEKDAYS) if day in calendar.days]
    within: Bools = np.isin(nights.weekday, weekdays)
    if "holiday" in calendar.days:
        within |= nights.holiday
    if "eve" in calendar.days:
        within |= nights.eve
    return within


def _on_dates(dates: tuple[date, ...], nights: Nights) -> Bools:
    return np.isin(nights.ordinal, [day.toordinal() for day in dates])


def rule_by_night(content: Content, nights: Nights) -> Ints8:
    """For each night the place of the first rule whose calendar has it, SILENT where none has."""
    chosen = np.full(len(nights), SILENT, np.int8)
    for place in reversed(range(len(content.rules))):
        chosen[nights_within(content.rules[place].calendar, nights)] = place
    return chosen
