"""What lights were before they were renewed: baselines as versioned data, and one deduced where none is known."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from ondijon.domains.lighting.rules.energy.nights import LitRule
from ondijon.kernel.errors import Refused
from ondijon.kernel.inventory import AttributeValue

MOST_LIGHTS = 100_000
Watts = Annotated[float, Meta(gt=0, le=5_000)]


class Family(Struct, frozen=True, forbid_unknown_fields=True):
    """Old luminaires of one power; power_w: of the lamp; ballast_factor: power at the terminals over power_w.

    replaced_up_to_w: LED luminaires up to this power are taken to have replaced this family.
    """

    key: str
    power_w: Watts
    ballast_factor: Annotated[float, Meta(ge=1, le=2)]
    replaced_up_to_w: Watts


class BaselineFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A city's lighting_baseline.toml; hours_h: of full light a year, for who compares with a bill."""

    valid_from: date
    on_offset_min: float
    off_offset_min: float
    hours_h: float
    eur_per_kwh: float
    eur_source: str
    goal_pct: float
    goal_source: str
    source: str
    family: tuple[Family, ...]
    metered_from: date | None = None
    metered_until: date | None = None


class BaselineLine(Struct, frozen=True):
    """Lights of one family that hung on one cabinet."""

    cabinet: int
    family: str
    power_w: float
    ballast_factor: float
    lights: int

    @property
    def load_kw(self) -> float:
        return self.power_w * self.ballast_factor * self.lights / 1_000.0


class Terms(Struct, frozen=True):
    """What a baseline says beside its lights; metered_*: nights that meters saw before the renewal."""

    valid_from: date
    metered_from: date | None
    metered_until: date | None
    on_offset_min: float
    off_offset_min: float
    hours_h: float
    eur_per_kwh: float
    eur_source: str
    goal_pct: float
    goal_source: str

    @property
    def lit_rule(self) -> LitRule:
        return LitRule(self.on_offset_min, self.off_offset_min)


def check_terms(terms: Terms) -> Terms:
    """Raise Refused when the terms cannot be of any installation."""
    periods = (terms.metered_from is None) == (terms.metered_until is None)
    if terms.metered_from is not None and terms.metered_until is not None:
        periods = terms.metered_from <= terms.metered_until
    if not periods or not 0 < terms.hours_h <= 8_784 or not 0 <= terms.eur_per_kwh <= 10:
        raise Refused("error.lighting_bad_baseline")
    return terms


def terms_of(file: BaselineFile) -> Terms:
    """The terms that a city's file gives to each of its communes."""
    return check_terms(Terms(**{name: getattr(file, name) for name in Terms.__struct_fields__}))


def infer_family(families: Sequence[Family], attributes: Mapping[str, AttributeValue]) -> Family:
    """The family that a light of today is taken to have been: a deduction, marked as one wherever it is shown.

    A LED replaced the first family whose `replaced_up_to_w` reaches its power; anything else is the family nearest
    to its own power.
    """
    rated = attributes.get("rated_power_w")
    power_w = float(rated) if isinstance(rated, int | float) else 0.0
    by_power = sorted(families, key=lambda family: family.power_w)
    if attributes.get("lamp_type") == "led":
        return next((family for family in by_power if power_w <= family.replaced_up_to_w), by_power[-1])
    return min(by_power, key=lambda family: abs(family.power_w - power_w))


def infer_lines(
    families: Sequence[Family], lights: Sequence[tuple[int, Mapping[str, AttributeValue]]]
) -> list[BaselineLine]:
    """Lights (their cabinet and attributes) counted by cabinet and deduced family, in order."""
    counts: dict[tuple[int, str], int] = {}
    for cabinet, attributes in lights:
        place = (cabinet, infer_family(families, attributes).key)
        counts[place] = counts.get(place, 0) + 1
    by_key = {family.key: family for family in families}
    return [
        BaselineLine(cabinet, key, by_key[key].power_w, by_key[key].ballast_factor, count)
        for (cabinet, key), count in sorted(counts.items())
    ]
