"""Towns of metered cabinets by lot, and the proof of their saving beside the truth."""

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.energy import periods
from ondijon.domains.lighting.rules.energy.counters import CounterReadings, roll_up
from ondijon.domains.lighting.rules.energy.nights import LitRule, list_nights, lit_hours, noons_us
from ondijon.domains.lighting.rules.energy.saving import Accuracy, Proof, prove
from ondijon.kernel.arrays import Floats
from ondijon.simulator.metering import Sky, Town, draw_town, read_meters, sky_over, use_of

PLACE, TIMEZONE = (5.04, 47.32), "Europe/Paris"
OFFSETS_MIN = (10.0, -10.0)
BEFORE, YEAR, NIGHTS = date(2013, 1, 1), date(2025, 1, 1), 365


class ProvenTown(Struct, frozen=True):
    """What the rules found from the counters alone, and what was true."""

    proof: Proof
    true_pct: float
    true_kwh: float

    @property
    def error_points(self) -> float:
        return self.proof.saving_pct - self.true_pct

    @property
    def is_within(self) -> bool:
        return abs(self.error_points) <= self.proof.saving_pct_margin


def prove_town(seed: int, cabinets: int) -> ProvenTown:
    """Draw a town, read its meters for a year before and a year after, prove its saving."""
    rng = np.random.default_rng(seed)
    town = draw_town(rng, cabinets, YEAR)
    skies = [sky_over(first, NIGHTS, PLACE, TIMEZONE, OFFSETS_MIN) for first in (BEFORE, YEAR)]
    before, after = (
        use_of(cabinets, town.batches, town.changes, sky, np.random.default_rng([seed, 1]), rng) for sky in skies
    )
    old = _rolled_up(before.old_kwh, skies[0], town, rng)
    new = _rolled_up(after.actual_kwh, skies[1], town, rng)
    metered = np.array(town.metered_before)
    old_kwh = np.where(metered[:, None], old.kwh, np.nan)
    connected = _connected_kw(town)
    nights = [
        periods.Nights(kwh, found.coverage, _load(town, connected, sky))
        for kwh, found, sky in ((old_kwh, old, skies[0]), (new.kwh, new, skies[1]))
    ]
    cabinet_of, count = ([getattr(one, name) for one in town.batches] for name in ("cabinet", "lights"))
    lights: Floats = np.bincount(cabinet_of, count, cabinets).astype(np.float64)
    years, _ = periods.compare(nights[0], nights[1], lights, np.array(town.declared))
    proof = prove(years, Accuracy())
    assert proof is not None
    true_kwh = float(after.old_kwh.sum() - after.actual_kwh.sum())
    return ProvenTown(proof, 100.0 * true_kwh / float(after.old_kwh.sum()), true_kwh)


def _rolled_up(kwh: Floats, sky: Sky, town: Town, rng: np.random.Generator) -> periods.Nights:
    counted = read_meters(kwh, sky, rng)
    noons = noons_us(sky.days[0], sky.days[-1], ZoneInfo(TIMEZONE))
    most_kw = dict.fromkeys(range(town.cabinets), 60.0)
    rolled = roll_up(CounterReadings(counted.cabinet, counted.at_us, counted.kwh), noons, most_kw)
    return periods.Nights(rolled.kwh, rolled.coverage, np.zeros_like(rolled.kwh))


def _connected_kw(town: Town) -> Floats:
    """What the records say hung on each cabinet: the families' own powers, not those of the very lamps."""
    kw = np.zeros(town.cabinets)
    for batch in town.batches:
        kw[batch.cabinet] += batch.lights * batch.old_w / 1000.0
    return kw


def _load(town: Town, connected: Floats, sky: Sky) -> Floats:
    days = list_nights(sky.days[0], sky.days[-1])
    changes = [
        periods.Change(one.cabinet, one.day, None, one.lights * one.old_w / 1000.0)
        for one in town.changes
        if one.recorded
    ]
    return periods.load_of(connected, changes, days, lit_hours(days, PLACE, LitRule(*OFFSETS_MIN)))
