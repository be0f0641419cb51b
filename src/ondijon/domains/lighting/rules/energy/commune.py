"""A commune's year: its saving with margin, month by month, cabinet by cabinet, and what may be said of it."""

from collections.abc import Sequence
from datetime import date

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.energy.periods import Change, Nights, compare, load_of, make_whole
from ondijon.domains.lighting.rules.energy.regression import Fits, foretell
from ondijon.domains.lighting.rules.energy.saving import Accuracy, CabinetYears, Proof, prove
from ondijon.kernel.arrays import Bools, Floats


class CommuneNights(Struct, frozen=True, eq=False):
    """A commune's cabinets (rows) over nights (columns); dark_h: hours that the baseline's lights burned each night."""

    days: list[date]
    kwh: Floats
    coverage: Floats
    dark_h: Floats
    is_simulated: bool


class Month(Struct, frozen=True):
    """One month: what the old lights would have used in its nights, and what was measured (gaps filled in)."""

    first_day: date
    nights: int
    baseline_kwh: float
    measured_kwh: float
    coverage: float


class CabinetYear(Struct, frozen=True):
    """One cabinet; basis: where its baseline comes from."""

    twin_no: int
    lights: int
    basis: str
    baseline_kwh: float
    measured_kwh: float
    saving_pct: float
    coverage: float


class ModelFigures(Struct, frozen=True):
    """How good the baseline's models are, over the cabinets that have one (ASHRAE 14-2014, 4.2)."""

    cabinets: int
    nights: int
    cv_rmse_median: float
    cv_rmse_worst: float
    r_squared_median: float


class CommuneYear(Struct, frozen=True):
    """Everything a page shows of one commune and year."""

    since_day: date
    until_day: date
    nights: int
    proof: Proof
    eur: float
    eur_margin: float
    eur_per_kwh: float
    baseline_inferred: bool
    is_simulated: bool
    model: ModelFigures | None
    months: list[Month]
    cabinets: list[CabinetYear]


def prove_commune(
    *,
    twins: Sequence[int],
    lights: Sequence[int],
    connected_kw: Sequence[float],
    before: CommuneNights | None,
    period: CommuneNights,
    changes: Sequence[Change],
    eur_per_kwh: float,
    baseline_inferred: bool,
) -> CommuneYear | None:
    """The saving of the period's nights; None where there is nothing to compare.

    connected_kw: of the baseline's lights by cabinet, 0 where nothing is known of them.
    """
    connected = np.array(connected_kw, np.float64)
    nights, old = _with_load(connected, changes, period), None
    if before is not None:
        old = _with_load(connected, changes, before)
    years, fits = compare(old, nights, np.array(lights, np.float64), connected > 0.0)
    proof = prove(years, Accuracy())
    if proof is None:
        return None
    return CommuneYear(
        since_day=period.days[0],
        until_day=period.days[-1],
        nights=len(period.days),
        proof=proof,
        eur=proof.saving_kwh * eur_per_kwh,
        eur_margin=proof.saving_kwh_margin * eur_per_kwh,
        eur_per_kwh=eur_per_kwh,
        baseline_inferred=baseline_inferred,
        is_simulated=period.is_simulated or (before is not None and before.is_simulated),
        model=_figures(fits, years.is_metered),
        months=_months(period.days, nights, years, fits),
        cabinets=_cabinets(twins, years),
    )


def _with_load(connected: Floats, changes: Sequence[Change], found: CommuneNights) -> Nights:
    return Nights(found.kwh, found.coverage, load_of(connected, list(changes), found.days, found.dark_h))


def _figures(fits: Fits | None, metered: Bools) -> ModelFigures | None:
    if fits is None or not metered.any():
        return None
    cv, r_squared = fits.cv_rmse[metered], fits.r_squared[metered]
    return ModelFigures(
        cabinets=int(metered.sum()),
        nights=round(float(fits.nights[metered].mean())),
        cv_rmse_median=float(np.median(cv)),
        cv_rmse_worst=float(cv.max()),
        r_squared_median=float(np.median(r_squared)),
    )


def _months(days: Sequence[date], nights: Nights, years: CabinetYears, fits: Fits | None) -> list[Month]:
    """Of the cabinets that have a baseline and were measured."""
    counted = years.has_baseline & np.isfinite(years.measured_kwh)
    filled = make_whole(nights).kwh
    month_of = np.array([day.year * 12 + day.month - 1 for day in days])
    found = []
    for month in np.unique(month_of).tolist():
        wanted = month_of == month
        every = np.broadcast_to(wanted, nights.kwh.shape)
        told = nights.load[:, wanted].sum(axis=1)
        if fits is not None:
            told = np.where(years.is_metered, foretell(fits, nights.load, every).kwh, told)
        found.append(
            Month(
                first_day=date(month // 12, month % 12 + 1, 1),
                nights=int(wanted.sum()),
                baseline_kwh=float(told[counted].sum()),
                measured_kwh=float(filled[counted][:, wanted].sum()),
                coverage=float(nights.coverage[counted][:, wanted].mean()),
            )
        )
    return found


def _cabinets(twins: Sequence[int], years: CabinetYears) -> list[CabinetYear]:
    counted = np.flatnonzero(years.has_baseline & np.isfinite(years.measured_kwh) & (years.baseline_kwh > 0.0))
    return [
        CabinetYear(
            twin_no=twins[row],
            lights=int(years.lights[row]),
            basis="metered" if years.is_metered[row] else "declared",
            baseline_kwh=float(years.baseline_kwh[row]),
            measured_kwh=float(years.measured_kwh[row]),
            saving_pct=float(100.0 * (1.0 - years.measured_kwh[row] / years.baseline_kwh[row])),
            coverage=float(years.coverage[row]),
        )
        for row in counted.tolist()
    ]
