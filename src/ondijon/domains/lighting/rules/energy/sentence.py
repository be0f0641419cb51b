"""The sentence that may be said aloud about a saving, or why none may be."""

from typing import Literal

from msgspec import Struct

from ondijon.domains.lighting.rules.energy.saving import Proof

LEAST_COVERAGE = 0.90
LEAST_BASED = 0.90
LEAST_METERED = 0.50
FEWEST_NIGHTS = 28

Verdict = Literal["proved", "no_saving", "margin", "coverage", "unbased", "inferred", "short"]


class Sentence(Struct, frozen=True):
    """verdict: `proved` or `no_saving` may be said; the others say why not. Values are what the words need."""

    verdict: Verdict
    may_be_said: bool
    values: dict[str, float]


def decide_sentence(proof: Proof, nights: int, baseline_inferred: bool) -> Sentence:
    """What may be said; the first reason against it counts.

    A saving may be said when enough nights were read, enough lights have a baseline, that baseline is mostly a meter's
    and not only a deduction, and the margin is smaller than the saving. A use that rose for certain is said as well.
    """
    verdict = _judge(proof, nights, baseline_inferred)
    values = {
        "saving_pct": round(proof.saving_pct, 1),
        "margin_pct": round(proof.saving_pct_margin, 1),
        "rise_pct": round(-proof.saving_pct, 1),
        "measured_kwh": float(round(proof.measured_kwh)),
        "saving_kwh": float(round(proof.saving_kwh)),
        "rise_kwh": float(round(-proof.saving_kwh)),
        "coverage_pct": round(100.0 * proof.coverage, 1),
        "based_pct": round(100.0 * proof.based_share, 1),
        "metered_pct": round(100.0 * proof.metered_share, 1),
        "nights": float(nights),
    }
    return Sentence(verdict, verdict in ("proved", "no_saving"), values)


def _judge(proof: Proof, nights: int, baseline_inferred: bool) -> Verdict:
    if nights < FEWEST_NIGHTS:
        return "short"
    if proof.coverage < LEAST_COVERAGE:
        return "coverage"
    if proof.based_share < LEAST_BASED:
        return "unbased"
    if baseline_inferred and proof.metered_share < LEAST_METERED:
        return "inferred"
    if abs(proof.saving_pct) <= proof.saving_pct_margin:
        return "margin"
    return "proved" if proof.saving_pct > 0.0 else "no_saving"
