"""What a programme would do, before it is published: one night hour by hour, and a year in kWh and EUR."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from msgspec import Struct, structs

from ondijon.domains.lighting.rules.programmes import energy
from ondijon.domains.lighting.rules.programmes.compose import Composition, NightProfile
from ondijon.domains.lighting.rules.programmes.floors import UnderFloor
from ondijon.domains.lighting.rules.programmes.lights import NOWHERE, Lights
from ondijon.domains.lighting.rules.programmes.local_times import instant_of, night_clocks
from ondijon.domains.lighting.rules.programmes.resolve import Resolution
from ondijon.domains.lighting.rules.programmes.strip import mean_levels
from ondijon.domains.lighting.rules.programmes.sun import Place, solve
from ondijon.domains.lighting.rules.programmes.trial import Trial
from ondijon.kernel.arrays import Ints32

YEAR_NIGHTS = 365
MOST_CURVES = 24
MOST_PLACES = 200

Point = tuple[datetime, float, str | None]


class Tariff(Struct, frozen=True):
    """What a kWh costs, and who says so."""

    eur_per_kwh: float
    source: str


class Curve(Struct, frozen=True):
    """Lights that do the same before, and the same after: from each instant a level and the programme that gives it."""

    lights: int
    classes: list[str]
    communes: list[str]
    before: list[Point]
    after: list[Point]


class DayShape(Struct, frozen=True, rename={"since": "from"}):
    """One night from local noon to local noon."""

    since: datetime
    until: datetime
    curves: list[Curve]


class LevelHours(Struct, frozen=True):
    """Mean hours a light spends near a level (tens of %)."""

    level_pct: int
    h: float


class YearShape(Struct, frozen=True):
    """A year of the lights concerned: hours are means a light, kWh and EUR sums; strip: see `strip.mean_levels`."""

    burning_h: float
    off_h: float
    kwh: float
    eur: float
    hours: list[LevelHours]
    strip: list[list[int]] = []


class YearsShape(Struct, frozen=True, rename={"since": "from"}):
    """A year before and after."""

    since: date
    nights: int
    before: YearShape
    after: YearShape
    saved_kwh: float
    saved_eur: float
    eur_per_kwh: float
    price_source: str


class Preview(Struct, frozen=True):
    """Everything that is shown before somebody publishes."""

    night: date
    lights: int
    cabinets: int
    touched: int
    nights_changed: int
    day: DayShape
    year: YearsShape
    under_floor: list[UnderFloor]
    under_floor_lights: int
    under_floor_streets: int
    held_up: int


class Years(NamedTuple):
    """The same lights for a year, before and after."""

    before: YearShape
    after: YearShape


def preview(year: Trial, day: Trial, tariff: Tariff) -> Preview:
    """`year` is tried over a year from tonight on, `day` over the one night that is shown."""
    lights = year.ground.lights
    under = year.under_floor()
    cabinets = np.unique(lights.cabinet[year.rows])
    return Preview(
        night=day.ground.nights.first,
        lights=len(year.rows),
        cabinets=int((cabinets != NOWHERE).sum()),
        touched=int(year.changed.any(axis=1).sum()),
        nights_changed=int(year.changed.any(axis=0).sum()),
        day=_day(day),
        year=_years(year, tariff),
        under_floor=under[:MOST_PLACES],
        under_floor_lights=sum(one.lights for one in under),
        under_floor_streets=len({(one.commune, one.street) for one in under}),
        held_up=year.lights_held_up(),
    )


def price_year(trial: Trial, tariff: Tariff) -> Years:
    """A year of the lights that a trial touches."""
    return Years(_year(trial, trial.before, tariff), _year(trial, trial.after, tariff))


def _years(trial: Trial, tariff: Tariff) -> YearsShape:
    before, after = price_year(trial, tariff)
    nights = min(YEAR_NIGHTS, len(trial.ground.nights))
    strips = [
        mean_levels(one, one.signatures.of_light[trial.rows], trial.ground.place, nights)
        for one in (trial.before, trial.after)
    ]
    return YearsShape(
        trial.ground.nights.first,
        nights,
        structs.replace(before, strip=strips[0]),
        structs.replace(after, strip=strips[1]),
        round(before.kwh - after.kwh, 1),
        round(before.eur - after.eur, 2),
        tariff.eur_per_kwh,
        tariff.source,
    )


def _year(trial: Trial, resolution: Resolution, tariff: Tariff) -> YearShape:
    nights = min(YEAR_NIGHTS, len(trial.ground.nights))
    table = energy.tabulate(resolution, trial.ground.place, nights)
    year = energy.add_up(table, resolution.signatures.of_light[trial.rows], trial.ground.lights.rated_w[trial.rows])
    hours = [LevelHours(ten * 10, round(h, 1)) for ten, h in enumerate(year.hours)]
    eur = round(year.kwh * tariff.eur_per_kwh, 2)
    return YearShape(round(year.burning_h, 1), round(year.off_h, 1), round(year.kwh, 1), eur, hours)


def _day(trial: Trial) -> DayShape:
    ground = trial.ground
    clocks = night_clocks(ground.nights.first, 1, ground.place.timezone)
    before, after = trial.before.signatures.of_light[trial.rows], trial.after.signatures.of_light[trial.rows]
    pairs, of_row = np.unique(np.stack([before, after], axis=1), axis=0, return_inverse=True)
    gathered: dict[tuple[tuple[Point, ...], tuple[Point, ...]], list[int]] = {}
    for place, (left, right) in enumerate(pairs.tolist()):
        curves = draw(trial.before, left, 0, ground.place), draw(trial.after, right, 0, ground.place)
        gathered.setdefault(curves, []).append(place)
    drawn = [
        _curve(ground.lights, trial.rows[np.isin(of_row.reshape(-1), places)], curves)
        for curves, places in gathered.items()
    ]
    drawn.sort(key=lambda curve: (-curve.lights, curve.communes))
    noon, until = (instant_of(float(at[0])) for at in (clocks.noon_s, clocks.until_s))
    return DayShape(noon, until, drawn[:MOST_CURVES])


def _curve(lights: Lights, rows: Ints32, curves: tuple[Sequence[Point], Sequence[Point]]) -> Curve:
    classes = [lights.classes[place] for place in np.unique(lights.lighting_class[rows]).tolist() if place != NOWHERE]
    communes = [lights.communes[place] for place in np.unique(lights.commune[rows]).tolist()]
    return Curve(len(rows), classes, communes, list(curves[0]), list(curves[1]))


def draw(resolution: Resolution, signature: int, night: int, place: Place) -> tuple[Point, ...]:
    """A signature's night as (instant, level in %, programme that gives it), from noon on; level 0 while it is off."""
    composition = resolution.compositions[int(resolution.by_night[signature, night])]
    return draw_composition(resolution, composition, resolution.nights.date_of(night), place)


def draw_composition(resolution: Resolution, composition: Composition, night: date, place: Place) -> tuple[Point, ...]:
    """One composed night as (instant, level in %, programme that gives it)."""
    steps = tuple((change.minute, change.level_pct) for change in composition.changes)
    solved = solve(NightProfile(composition.on, composition.off, steps), night, 1, place)
    noon_s = float(night_clocks(night, 1, place.timezone).noon_s[0])
    points: list[Point] = [(instant_of(noon_s), 0.0, None)]
    for change, at_s, end_s in zip(composition.changes, solved.start_s[0], solved.end_s[0], strict=True):
        source = resolution.contents[change.source].key if change.source != NOWHERE else None
        if end_s > at_s:
            points.append((instant_of(round(float(at_s))), change.level_pct, source))
    if len(points) > 1:
        points.append((instant_of(round(float(solved.off_s[0]))), 0.0, None))
    return tuple(points)
