"""The public holidays of France, by a library, for calendars that know none."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

FRANCE = {"fr": "fr", "en": "en_US"}


@lru_cache(maxsize=8)
def public_holidays(first_year: int, last_year: int, language: str = "fr") -> Mapping[date, str]:
    """Each public holiday of metropolitan France in these years by name, last year included."""
    # A fifth of a second to import, and only who reckons with calendars needs it.
    import holidays

    return dict(holidays.country_holidays("FR", years=range(first_year, last_year + 1), language=FRANCE[language]))


def holidays_around(first: date, last: date) -> frozenset[date]:
    """The public holidays from a day to another, and some beyond."""
    return frozenset(public_holidays(first.year, last.year + 1))
