"""The nights of a commune: which programmes say something, holidays, and when the lights come on and go off."""

from collections.abc import Sequence
from datetime import date

import numpy as np

from ondijon.apps.console.parts.programmes.shapes import NightShape, Speaking
from ondijon.apps.console.room import Room
from ondijon.domains.lighting.desk.programmes.holidays import public_holidays
from ondijon.domains.lighting.desk.programmes.situation import load_situation
from ondijon.domains.lighting.rules.programmes.calendar import SILENT, rule_by_night
from ondijon.domains.lighting.rules.programmes.lights import of_communes, rows_in
from ondijon.domains.lighting.rules.programmes.local_times import instant_of
from ondijon.domains.lighting.rules.programmes.model import WEEKDAYS, Content
from ondijon.domains.lighting.rules.programmes.resolve import Resolution, in_rank, resolve
from ondijon.domains.lighting.rules.programmes.sun import Place, solve
from ondijon.kernel.arrays import Ints8
from ondijon.kernel.i18n import LANGUAGES


async def list_nights(room: Room, commune: str, first: date, count: int) -> list[NightShape]:
    """`count` nights of a commune from one on, none where it has no light."""
    situation = await load_situation(room.city, room.rows)
    nights = situation.nights(first, count)
    here = of_communes((commune,), situation.lights)
    if not here.any():
        return []
    ranked = [one for one in in_rank(situation.contents) if (rows_in(one.scope, situation.lights) & here).any()]
    said = [(content, rule_by_night(content, nights)) for content in ranked]
    rows = np.flatnonzero(here).astype(np.int32)
    resolution = resolve(situation.lights, situation.contents, nights, situation.allowances(nights), rows)
    return [_show(resolution, said, place, situation.place) for place in range(count)]


def _show(resolution: Resolution, said: Sequence[tuple[Content, Ints8]], place: int, where: Place) -> NightShape:
    """One night; on and off are those of most of the lights."""
    nights = resolution.nights
    night = nights.date_of(place)
    most = int(np.argmax(resolution.signatures.lights))
    profile = resolution.profiles[resolution.profile_of[resolution.by_night[most, place]]]
    solved = solve(profile, night, 1, where)
    return NightShape(
        night,
        WEEKDAYS[night.weekday()],
        {language: _holiday(night, language) for language in LANGUAGES} if nights.holiday[place] else None,
        bool(nights.eve[place]),
        instant_of(round(float(solved.on_s[0]))),
        instant_of(round(float(solved.off_s[0]))),
        [
            Speaking(content.key, content.rules[rules[place]].interval)
            for content, rules in said
            if rules[place] != SILENT
        ],
    )


def _holiday(night: date, language: str) -> str:
    return public_holidays(night.year, night.year, language)[night]
