"""What the lights of a city are, read off its inventory once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec
import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.model import STREETLIGHT
from ondijon.domains.lighting.queries import maintenance as queries
from ondijon.domains.lighting.rules.maintenance import (
    HOURS_A_YEAR,
    Forecast,
    LuminaireModel,
    ModelsFile,
    forecast,
    infer_model,
)
from ondijon.domains.lighting.rules.renewal import Candidate
from ondijon.kernel.arrays import Bools, Floats, Ints32
from ondijon.kernel.city import City
from ondijon.kernel.errors import NotFound
from ondijon.kernel.inventory import AttributeValue
from ondijon.kernel.ports import Rows

UNKNOWN = -1


class Park(Struct, frozen=True, eq=False):
    """By row of the city's lights: place of the family in `models` (-1: unknown), and the year of installation."""

    models: Sequence[LuminaireModel]
    model: Ints32
    year: Ints32


async def read_models(rows: Rows) -> ModelsFile:
    """The families; raises NotFound before they were loaded."""
    row = await queries.find_models(rows)
    if row is None:
        raise NotFound("error.not_found")
    return msgspec.convert(row["content"], ModelsFile)


def read_park(city: City, models: tuple[LuminaireModel, ...]) -> Park:
    """The family of each light: what the inventory names, or else by its lamp, power and year."""
    return _read_park(city, models, city.twins[STREETLIGHT.key].edition)


@lru_cache(maxsize=2)
def _read_park(city: City, models: tuple[LuminaireModel, ...], edition: int) -> Park:
    place = {model.key: number for number, model in enumerate(models)}
    known: dict[tuple[AttributeValue, ...], int] = {}
    lights = city.twins[STREETLIGHT.key].records
    found, year = np.full(len(lights), UNKNOWN, np.int32), np.zeros(len(lights), np.int32)
    for row, light in enumerate(lights):
        attributes = light.attributes
        names = ("luminaire_model", "lamp_type", "rated_power_w", "installed_year")
        looked = tuple(attributes.get(name) for name in names)
        if looked not in known:
            known[looked] = _find(models, place, attributes)
        found[row] = known[looked]
        since = looked[3]
        year[row] = int(since) if isinstance(since, int | float) else 0
    return Park(models, found, year)


def _find(models: Sequence[LuminaireModel], place: Mapping[str, int], attributes: Mapping[str, AttributeValue]) -> int:
    named = place.get(str(attributes.get("luminaire_model")))
    if named is not None:
        return named
    inferred = infer_model(models, attributes)
    return UNKNOWN if inferred is None else place[inferred.key]


def seen_rows(city: City, communes: frozenset[str]) -> Bools:
    """Which lights stand in these communes."""
    codes = [code for code, insee in enumerate(city.commune_codes) if insee in communes]
    seen: Bools = np.isin(city.twins[STREETLIGHT.key].commune, codes)
    return seen


def hours_of(city: City, park: Park, this_year: int) -> Floats:
    """Burning hours: the light's own counter, or else its age at 4,100 hours a year; NaN where neither is known."""
    counted = city.columns[STREETLIGHT.key]["burning_h"]
    aged = np.where(park.year > 0, (this_year - park.year + 0.5).clip(0.0) * HOURS_A_YEAR, np.nan)
    hours: Floats = np.where(np.isfinite(counted) & (counted > 0.0), counted, aged)
    return hours


def forecast_cohorts(park: Park, hours: Floats, seen: Bools, years: int) -> list[Forecast]:
    """A forecast for each family and year of installation, largest expected number first."""
    usable = seen & (park.model != UNKNOWN) & np.isfinite(hours)
    cohorts = Counter(zip(park.model[usable].tolist(), park.year[usable].tolist(), strict=True))
    found = []
    for model, year in cohorts:
        rows = usable & (park.model == model) & (park.year == year)
        found.append(forecast(park.models[model], year, hours[rows], years))
    return sorted(found, key=lambda one: -one.expected[0])


def list_candidates(city: City, park: Park, seen: Bools) -> list[Candidate]:
    """Streets with lights that could become LED, and what that would save in a year of full light.

    No dimming is counted: what a programme saves beside, it saves beside.
    """
    lights = city.twins[STREETLIGHT.key]
    power = lights.numbers("rated_power_w")
    sums: dict[tuple[str, str], list[float]] = {}
    for row in np.flatnonzero(seen & (park.model != UNKNOWN) & np.isfinite(power)).tolist():
        model = park.models[park.model[row]]
        if model.is_led or model.led_w <= 0.0:
            continue
        record = lights.records[row]
        street = city.streets.get(record.street_id or "")
        into = sums.setdefault((record.commune, street.name if street else ""), [0.0, 0.0, 0.0, 0.0])
        hours_kwh = HOURS_A_YEAR / 1_000.0
        for place, value in enumerate(
            (1.0, power[row] * model.ballast_factor * hours_kwh, model.led_w * hours_kwh, model.led_eur)
        ):
            into[place] += float(value)
    return [
        Candidate(commune, street, round(count), old_kwh, new_kwh, eur)
        for (commune, street), (count, old_kwh, new_kwh, eur) in sums.items()
        if old_kwh > new_kwh
    ]
