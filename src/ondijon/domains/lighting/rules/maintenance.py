"""Luminaire families, how long they last, what warranty still covers, and how many will fail."""

from collections.abc import Mapping, Sequence

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats
from ondijon.kernel.inventory import AttributeValue

HOURS_A_YEAR = 4_100.0


class LuminaireModel(Struct, frozen=True, forbid_unknown_fields=True):
    """One family of lighting_models.toml; what it would become as LED is said of discharge lamps only."""

    key: str
    lamp_type: str
    installed_from: int
    power_to_w: float
    lm_per_w: float
    rated_life_h: float
    shape: float
    warranty_years: int
    eur: float
    ballast_factor: float = 1.0
    led_w: float = 0.0
    led_eur: float = 0.0

    @property
    def is_led(self) -> bool:
        return self.lamp_type == "led"


class ModelsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    source: str
    eur_year: int
    model: tuple[LuminaireModel, ...]


class Forecast(Struct, frozen=True):
    """Lights of one family and year: expected failures of the next years, each with an interval of 90 %.

    share_past_life: of the lights, those whose burning hours are above the rated life.
    """

    model: str
    installed_year: int
    lights: int
    mean_hours: float
    share_past_life: float
    expected: list[float]
    low: list[float]
    high: list[float]


def infer_model(models: Sequence[LuminaireModel], attributes: Mapping[str, AttributeValue]) -> LuminaireModel | None:
    """The first family that fits what the inventory says; None when it says too little."""
    lamp_type, power, year = (attributes.get(key) for key in ("lamp_type", "rated_power_w", "installed_year"))
    if not isinstance(power, int | float):
        return None
    since = int(year) if isinstance(year, int | float) else 0
    fitting = (one for one in models if one.lamp_type == lamp_type and power <= one.power_to_w)
    return next((one for one in fitting if since >= one.installed_from), None)


def failure_share(hours: Floats, more_hours: float, model: LuminaireModel) -> Floats:
    """The chance that a light which has burned `hours` fails within `more_hours`: Weibull, by its survival so far.

    The scale follows from the rated life: there, half of discharge lamps are gone (their median life), and one in ten
    LED luminaires (B10 of IEC 62722-2-1, flux and abrupt failures taken together).
    """
    surviving = 0.9 if model.is_led else 0.5
    scale = model.rated_life_h / (-np.log(surviving)) ** (1.0 / model.shape)
    before, after = (hours / scale) ** model.shape, ((hours + more_hours) / scale) ** model.shape
    share: Floats = -np.expm1(before - after)
    return share


def forecast(model: LuminaireModel, installed_year: int, hours: Floats, years: int) -> Forecast:
    """Failures of a cohort over the next years: of LED if what fails is not replaced, a sum of independent chances.

    A discharge lamp is renewed again and again in the same luminaire, whose age says nothing of it: as many fail as
    lamps are used up, lights x hours / rated life (renewal theory), each for itself.

    The interval is that of the sum (normal, 90 %), widened by 20 % of the expected number, because rated lives are
    catalogue values.
    """
    expected, low, high = [], [], []
    for ahead in range(1, years + 1):
        more_hours = ahead * HOURS_A_YEAR
        if model.is_led:
            chance = failure_share(hours, more_hours, model)
            mean, variance, most = float(chance.sum()), float((chance * (1.0 - chance)).sum()), float(len(hours))
        else:
            mean = variance = len(hours) * more_hours / model.rated_life_h
            most = float("inf")
        reach = 1.645 * float(np.sqrt(variance + (0.2 * mean) ** 2))
        expected.append(mean)
        low.append(max(0.0, mean - reach))
        high.append(min(most, mean + reach))
    return Forecast(
        model=model.key,
        installed_year=installed_year,
        lights=len(hours),
        mean_hours=float(hours.mean()),
        share_past_life=float((hours > model.rated_life_h).mean()) if model.is_led else 0.0,
        expected=expected,
        low=low,
        high=high,
    )


def warranty_until(model: LuminaireModel, installed_year: int) -> int:
    """The last year in which the maker answers for it."""
    return installed_year + model.warranty_years
