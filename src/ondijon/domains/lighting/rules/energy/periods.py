"""A cabinet's measured nights of a period made whole, and its baseline told for these nights."""

from datetime import date

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.energy.regression import Fits, fit, foretell
from ondijon.domains.lighting.rules.energy.saving import CabinetYears
from ondijon.kernel.arrays import Bools, Floats, Ints64

USABLE_COVERAGE = 0.9


class Nights(Struct, frozen=True, eq=False):
    """Cabinets (rows) over nights (columns): kwh, NaN where unknown; coverage; load: connected kW times dark hours."""

    kwh: Floats
    coverage: Floats
    load: Floats

    @property
    def usable(self) -> Bools:
        found: Bools = np.isfinite(self.kwh) & (self.coverage >= USABLE_COVERAGE)
        return found


class Whole(Struct, frozen=True, eq=False):
    """Nights without gaps: what was counted or filled in, and the variance of the whole sum, by cabinet."""

    kwh: Floats
    variance: Floats
    coverage: Floats


class Change(Struct, frozen=True):
    """Lights that came to (or left) a cabinet for some days, as power of the baseline's technology."""

    row: int
    from_day: date
    until_day: date | None
    power_kw: float


def load_of(connected_kw: Floats, changes: list[Change], nights: list[date], dark_h: Floats) -> Floats:
    """kWh that the baseline's lights in service would draw at full power each night, by cabinet and night."""
    kw = np.repeat(connected_kw[:, None], len(nights), axis=1)
    days = np.array(nights, "datetime64[D]")
    for change in changes:
        stands = days >= np.datetime64(change.from_day)
        if change.until_day is not None:
            stands &= days <= np.datetime64(change.until_day)
        kw[change.row, stands] += change.power_kw
    load: Floats = np.maximum(kw, 0.0) * dark_h
    return load


def make_whole(nights: Nights) -> Whole:
    """Fill unknown nights by the use per hour of darkness of the known nights around them.

    A cabinet without a single known night stays NaN. The error of a run of unknown nights counts as one: by how much
    the use per hour jumps from night to night, or across the gap, whichever is more.
    """
    kwh, variance = nights.kwh.copy(), np.zeros(len(nights.kwh))
    for row in range(len(kwh)):
        known = np.flatnonzero(np.isfinite(kwh[row]))
        if len(known) == 0:
            variance[row] = np.nan
        elif len(known) < kwh.shape[1]:
            kwh[row], variance[row] = _fill(kwh[row], nights.load[row], known)
    return Whole(kwh, variance, nights.coverage.mean(axis=1))


def _fill(kwh: Floats, load: Floats, known: Ints64) -> tuple[Floats, float]:
    hours = np.maximum(load, 1e-6)
    use = kwh[known] / hours[known]
    filled = np.where(np.isfinite(kwh), kwh, np.interp(np.arange(len(kwh)), known, use) * hours)
    jump = float(np.std(np.diff(use)) / 2**0.5) if len(use) > 2 else float(np.abs(use).mean())
    ends = np.concatenate(([-1], known, [len(kwh)]))
    variance = 0.0
    for left, right in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True):
        if right - left > 1:
            inner = left >= 0 and right < len(kwh)
            # Where within the gap a step happened is anybody's guess: a rectangular error.
            step = abs(float(kwh[right] / hours[right] - kwh[left] / hours[left])) / 12**0.5 if inner else jump
            variance += (max(jump, step) * float(hours[left + 1 : right].sum())) ** 2
    return filled, variance


def compare(before: Nights | None, period: Nights, lights: Floats, declared: Bools) -> tuple[CabinetYears, Fits | None]:
    """Each cabinet's period against its baseline: a model of the metered nights before, or else what was declared.

    declared: cabinets whose connected load before is known by data. lights: in service in the period.
    """
    whole = make_whole(period)
    every = np.ones(period.kwh.shape, np.bool_)
    declared_kwh = period.load.sum(axis=1)
    fits = None if before is None else fit(before.kwh, before.load, before.usable)
    if fits is None:
        metered = np.zeros(len(lights), np.bool_)
        foretold, variance, degrees = declared_kwh, np.zeros(len(lights)), np.zeros(len(lights))
    else:
        metered = np.isfinite(fits.per_kwh) & declared
        told = foretell(fits, period.load, every)
        foretold, variance, degrees = told.kwh, told.variance, fits.degrees
    years = CabinetYears(
        baseline_kwh=np.where(metered, foretold, declared_kwh),
        baseline_variance=np.where(metered, variance, 0.0),
        is_metered=metered,
        is_declared=declared & ~metered,
        degrees=np.where(metered, degrees, 0.0),
        measured_kwh=np.where(np.isfinite(whole.variance), whole.kwh.sum(axis=1), np.nan),
        measured_variance=np.nan_to_num(whole.variance),
        coverage=whole.coverage,
        lights=lights,
    )
    return years, fits
