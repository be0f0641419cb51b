"""The saving of a group of cabinets in a period and its margin at 90 % confidence (IPMVP option B, ASHRAE 14)."""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.energy.student import two_sided
from ondijon.kernel.arrays import Bools, Floats

CONFIDENCE = 0.90
Source = Literal["model", "declared", "metering", "gaps", "inventory", "unbased"]
SOURCES: tuple[Source, ...] = ("model", "declared", "metering", "gaps", "inventory", "unbased")
_MANY = 1e6


class Accuracy(Struct, frozen=True):
    """What is known of errors that no data of ours shows, as relative standard uncertainties.

    metering: of one meter, class B of EN 50470-3 (+- 1 %, rectangular: 1 % / sqrt 3); declared: of a baseline's
    connected power where no meter saw it (lamp and ballast tolerance +- 10 %, rectangular); inventory: the share of
    lights whose coming or going the records missed.
    """

    metering: float = 0.01 / 3**0.5
    declared: float = 0.10 / 3**0.5
    inventory: float = 0.02


class CabinetYears(Struct, frozen=True, eq=False):
    """Cabinets over one period, by row; baseline: what the old lights would have used in these same nights.

    is_metered: the baseline is a model of metered nights; is_declared: it is watts, ballast and hours; neither: none.
    lights: in service, for the share that has a baseline; degrees: of the model's error.
    """

    baseline_kwh: Floats
    baseline_variance: Floats
    is_metered: Bools
    is_declared: Bools
    degrees: Floats
    measured_kwh: Floats
    measured_variance: Floats
    coverage: Floats
    lights: Floats

    @property
    def has_baseline(self) -> Bools:
        found: Bools = self.is_metered | self.is_declared
        return found


class Proof(Struct, frozen=True):
    """A saving as it may be said; margins reach to either side at 90 %, `points` are the parts of the margin.

    coverage: of all lights' nights, those of cabinets that were never heard too.
    """

    cabinets: int
    lights: int
    baseline_kwh: float
    measured_kwh: float
    saving_kwh: float
    saving_kwh_margin: float
    saving_pct: float
    saving_pct_margin: float
    coverage: float
    based_share: float
    metered_share: float
    degrees: float
    points: dict[str, float]


class _Errors(Struct, frozen=True, eq=False):
    """Variances in kWh^2 of baseline and of measurement, by source, and of the two together."""

    baseline: dict[Source, float]
    measured: dict[Source, float]


def prove(years: CabinetYears, accuracy: Accuracy) -> Proof | None:
    """The saving over all these cabinets; None where no cabinet has a baseline or nothing was measured.

    Cabinets without a baseline get one by the ratio of the others (ratio estimator), with its error.
    """
    based = years.has_baseline & np.isfinite(years.measured_kwh) & np.isfinite(years.baseline_kwh)
    if not based.any() or years.baseline_kwh[based].sum() <= 0.0:
        return None
    unbased = ~years.has_baseline & np.isfinite(years.measured_kwh)
    known_baseline = float(years.baseline_kwh[based].sum())
    added_kwh, added_variance = _extrapolate(
        years.baseline_kwh[based], years.measured_kwh[based], years.measured_kwh[unbased]
    )
    counted = based | unbased
    baseline, measured = known_baseline + added_kwh, float(years.measured_kwh[counted].sum())
    errors = _errors(years, based, counted, accuracy, added_variance)
    share = measured / baseline
    by_source = {source: errors.baseline[source] * share**2 + errors.measured[source] for source in SOURCES}
    degrees = _welch_satterthwaite(by_source, float(years.degrees[based & years.is_metered].sum()))
    reach = two_sided(CONFIDENCE, degrees)
    lights = float(years.lights[counted].sum())
    return Proof(
        cabinets=int(counted.sum()),
        lights=round(lights),
        baseline_kwh=baseline,
        measured_kwh=measured,
        saving_kwh=baseline - measured,
        saving_kwh_margin=reach * float(np.sqrt(sum(errors.baseline.values()) + sum(errors.measured.values()))),
        saving_pct=100.0 * (1.0 - share),
        saving_pct_margin=100.0 * reach * float(np.sqrt(sum(by_source.values()))) / baseline,
        coverage=float(np.average(years.coverage, weights=np.maximum(years.lights, 1.0))),
        based_share=float(years.lights[based].sum()) / max(lights, 1.0),
        metered_share=float(years.baseline_kwh[based & years.is_metered].sum()) / baseline,
        degrees=degrees,
        points={str(source): 100.0 * reach * value**0.5 / baseline for source, value in by_source.items()},
    )


def _errors(years: CabinetYears, based: Bools, counted: Bools, accuracy: Accuracy, added_variance: float) -> _Errors:
    """Meters err each for itself; a declared power errs alike everywhere; the records miss lights one by one."""
    metered, declared = based & years.is_metered, based & years.is_declared
    baseline, measured = years.baseline_kwh, years.measured_kwh
    a_light = baseline[based] / np.maximum(years.lights[based], 1.0)
    return _Errors(
        baseline={
            "model": float(years.baseline_variance[metered].sum()),
            "declared": (accuracy.declared * float(baseline[declared].sum())) ** 2,
            "metering": accuracy.metering**2 * float((baseline[metered] ** 2).sum()),
            "gaps": 0.0,
            "inventory": float((accuracy.inventory * years.lights[based] * a_light**2).sum()),
            "unbased": added_variance,
        },
        measured={
            "model": 0.0,
            "declared": 0.0,
            "metering": accuracy.metering**2 * float((measured[counted] ** 2).sum()),
            "gaps": float(years.measured_variance[counted].sum()),
            "inventory": 0.0,
            "unbased": 0.0,
        },
    )


def _extrapolate(baseline: Floats, measured: Floats, others: Floats) -> tuple[float, float]:
    """The baseline of cabinets that have none, by the ratio of those that have, and the variance of that sum.

    Ratio estimator under a model whose error grows with size (Cochran, Sampling Techniques, 6.7).
    """
    total, more = float(measured.sum()), float(others.sum())
    if more <= 0.0 or total <= 0.0:
        return 0.0, 0.0
    ratio = float(baseline.sum()) / total
    sized = np.maximum(measured, 1e-9)
    squares = float(((baseline - ratio * measured) ** 2 / sized).sum()) / max(len(baseline) - 1, 1)
    return ratio * more, squares * (more + more**2 / total)


def _welch_satterthwaite(by_source: dict[Source, float], model_degrees: float) -> float:
    """Degrees of freedom of the combined uncertainty (GUM, G.4); what is not estimated from data has many."""
    whole = sum(by_source.values())
    if whole <= 0.0:
        return _MANY
    parts = sum(
        value**2 / (max(model_degrees, 1.0) if source in ("model", "gaps") else _MANY)
        for source, value in by_source.items()
    )
    return min(whole**2 / parts, _MANY) if parts > 0.0 else _MANY


def add_proofs(proofs: Sequence[Proof]) -> Proof:
    """Several communes together: their errors are their own, except a declared power's, which errs alike everywhere."""
    baseline, measured = sum(one.baseline_kwh for one in proofs), sum(one.measured_kwh for one in proofs)
    lights = max(sum(one.lights for one in proofs), 1)
    kwh_margin = sum(one.saving_kwh_margin**2 for one in proofs) ** 0.5
    points: dict[str, float] = {
        source: _add_points([one.points[source] * one.baseline_kwh for one in proofs], source == "declared") / baseline
        for source in SOURCES
    }

    def mean(values: Iterable[float]) -> float:
        return sum(value * one.lights for value, one in zip(values, proofs, strict=True)) / lights

    return Proof(
        cabinets=sum(one.cabinets for one in proofs),
        lights=lights,
        baseline_kwh=baseline,
        measured_kwh=measured,
        saving_kwh=baseline - measured,
        saving_kwh_margin=kwh_margin,
        saving_pct=100.0 * (1.0 - measured / baseline),
        saving_pct_margin=sum(value**2 for value in points.values()) ** 0.5,
        coverage=mean(one.coverage for one in proofs),
        based_share=mean(one.based_share for one in proofs),
        metered_share=sum(one.metered_share * one.baseline_kwh for one in proofs) / baseline,
        degrees=min(one.degrees for one in proofs),
        points=points,
    )


def _add_points(parts: Sequence[float], alike: bool) -> float:
    return sum(parts) if alike else sum(part**2 for part in parts) ** 0.5
