"""Where the field is simulated, so is its past: metered nights before and after the renewal, for the energy proof."""

import asyncio
import logging
import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct

from ondijon.cli.engines import Engines
from ondijon.cli.places import city_folder
from ondijon.domains.lighting.desk.baseline import cabinets_of, read_file
from ondijon.domains.lighting.model import CABINET, STREETLIGHT
from ondijon.domains.lighting.queries import energy as queries
from ondijon.domains.lighting.rules.baseline import BaselineFile, infer_family
from ondijon.domains.lighting.rules.energy.counters import CounterReadings, roll_up
from ondijon.domains.lighting.rules.energy.nights import night_of, noons_us
from ondijon.kernel.city import City, CityCard
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.inventory import AttributeValue
from ondijon.simulator.metering import Batch, Sky, read_meters, sky_over, use_of

log = logging.getLogger(__name__)

# The post starts first; then one handful of cabinets after another.
BEGIN_AFTER_S, PAUSE_S = 20.0, 0.5
AT_ONCE = 16
STEPS = ((10.5, 0.6), (13.0, 0.35), (17.5, 0.7))
MOST_KW = 60.0
Row = tuple[int, date, float | None, float]


class Past(Struct, frozen=True, eq=False):
    """What is made up: the baseline's period with the old lamps, and the last years as they were."""

    card: CityCard
    file: BaselineFile
    before: Sky | None
    since: Sky


async def remember_past(engines: Engines) -> None:
    """Write the simulated past of each cabinet that has none yet; labelled `simulated`, in the background."""
    await asyncio.sleep(BEGIN_AFTER_S)
    past = read_past(engines)
    lights = lights_by_cabinet(engines.city)
    for commune in engines.city.commune_codes:
        twins = [twin for twin in cabinets_of(engines.city, commune) if twin in lights]
        for place in range(0, len(twins), AT_ONCE):
            await _write_some(engines, past, commune, {twin: lights[twin] for twin in twins[place : place + AT_ONCE]})


async def _write_some(
    engines: Engines, past: Past, commune: str, lights: dict[int, list[dict[str, AttributeValue]]]
) -> None:
    """Until it is done: what is lost with the database's connection is made again."""
    while True:
        try:
            known = await queries.list_simulated(engines.rows, list(lights))
            wanted = {twin: found for twin, found in lights.items() if twin not in known}
            if wanted:
                rows = await asyncio.to_thread(make_nights, past, wanted)
                async with engines.rows.transaction() as tx:
                    await queries.add_simulated_nights(tx, rows)
                    years = sorted({row[1].year for row in rows if row[1] >= past.file.valid_from})
                    await queries.mark_due(tx, [(commune, year) for year in years], engines.clock.now())
                await asyncio.sleep(PAUSE_S)
            return
        except EngineAway as error:
            log.warning("the simulated past waits: %s", error)
            await asyncio.sleep(PAUSE_S)


def read_past(engines: Engines) -> Past:
    """The periods to be made up: the baseline's, and from the first of January of last year until the last night."""
    card = engines.city.card
    text = (city_folder(engines.card.city) / "lighting_baseline.toml").read_text("utf-8")
    file = read_file(tomllib.loads(text))
    offsets = file.on_offset_min, file.off_offset_min
    last = night_of(engines.clock.now(), ZoneInfo(card.timezone)) - timedelta(days=1)
    first = date(last.year - 1, 1, 1)
    since = sky_over(first, (last - first).days + 1, card.center, card.timezone, offsets)
    if file.metered_from is None or file.metered_until is None:
        return Past(card, file, None, since)
    nights = (file.metered_until - file.metered_from).days + 1
    return Past(card, file, sky_over(file.metered_from, nights, card.center, card.timezone, offsets), since)


def lights_by_cabinet(city: City) -> dict[int, list[dict[str, AttributeValue]]]:
    """The attributes of each cabinet's lights, by the cabinet's number."""
    cabinets = city.twins[CABINET.key]
    found: dict[int, list[dict[str, AttributeValue]]] = {}
    for light in city.twins[STREETLIGHT.key].records:
        row = cabinets.row_of.get(light.part_of or "")
        if row is not None:
            found.setdefault(int(cabinets.twin_no[row]), []).append(light.attributes)
    return found


def make_nights(past: Past, lights: dict[int, list[dict[str, AttributeValue]]]) -> list[Row]:
    """The nights of some cabinets, through simulated counters and the same roll-up as real ones."""
    twins = list(lights)
    batches = [batch for row, twin in enumerate(twins) for batch in _batches(past.file, row, twin, lights[twin])]
    seed = [twins[0], past.since.days[0].toordinal()]
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for sky, period in ((past.before, "before"), (past.since, "since")):
        if sky is not None:
            use = use_of(len(twins), batches, [], sky, np.random.default_rng([*seed, 1]), rng)
            kwh = use.old_kwh if period == "before" else use.actual_kwh
            counted = read_meters(kwh, sky, rng)
            rows += _rolled_up(twins, sky, CounterReadings(counted.cabinet, counted.at_us, counted.kwh), past.card)
    return rows


def _rolled_up(twins: Sequence[int], sky: Sky, readings: CounterReadings, card: CityCard) -> list[Row]:
    noons = noons_us(sky.days[0], sky.days[-1], ZoneInfo(card.timezone))
    rolled = roll_up(readings, noons, dict.fromkeys(range(len(twins)), MOST_KW))
    return [
        (twins[row], day, kwh if kwh == kwh else None, coverage)
        for row, (nights, covered) in enumerate(zip(rolled.kwh.tolist(), rolled.coverage.tolist(), strict=True))
        for day, kwh, coverage in zip(sky.days, nights, covered, strict=True)
    ]


def _batches(file: BaselineFile, row: int, twin: int, lights: Sequence[dict[str, AttributeValue]]) -> list[Batch]:
    """Lights of one power, kind and year together; a LED is younger than its year says by some months at most."""
    counts: dict[tuple[str, float, int | None], int] = {}
    for attributes in lights:
        family = infer_family(file.family, attributes)
        year = attributes.get("installed_year") if attributes.get("lamp_type") == "led" else None
        rated = attributes.get("rated_power_w")
        watts = float(rated) if isinstance(rated, int | float) else 0.0
        place = (family.key, watts, int(year) if isinstance(year, int | float) else None)
        counts[place] = counts.get(place, 0) + 1
    by_key = {family.key: family for family in file.family}
    return [
        Batch(
            row,
            count,
            by_key[key].power_w * by_key[key].ballast_factor,
            watts,
            None if year is None else date(year, 1 + twin % 12, 1),
            STEPS,
        )
        for (key, watts, year), count in counts.items()
    ]
