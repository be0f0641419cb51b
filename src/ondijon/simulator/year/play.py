"""Plays a year of nights: the same demand under every way of lighting, the steering as it is live."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from astral import Observer
from astral.sun import sunrise, sunset
from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints8
from ondijon.kernel.steering import Seen, Steerer
from ondijon.simulator.year.counters import Counters
from ondijon.simulator.year.demand import (
    DAY_SPREAD,
    DRIFT_SPREAD,
    KINDS,
    PEOPLE_SHARE,
    VEHICLE_SHARE,
    Demand,
    kind_of_day,
)
from ondijon.simulator.year.ledger import Ledger
from ondijon.simulator.year.street import Streets

WARM_UP_MIN = 75
STATIC_MARGIN = 0.8  # a programme made from counts of the year before, as careful as the steering is
YEAR_DAYS = 365
DAYS_OF_KIND = (250, 52, 63)


class YearOptions(Struct, frozen=True):
    """first: evening of the first night; every: play every so many nights and count each for all of those."""

    first: date
    seed: int
    lon: float
    lat: float
    timezone: str
    every: int = 1


def play_year(
    streets: Streets, steerer: Steerer, options: YearOptions, watch: Callable[[int], None] = lambda night: None
) -> Ledger:
    """The ledger of a year; steerer: what is judged, over zones in the order of `streets`, one counter each street."""
    year = _Year(streets, steerer, options)
    for night in range(0, YEAR_DAYS, options.every):
        year.play(night)
        watch(night)
    year.ledger.rest(YEAR_DAYS / options.every * 24.0 - year.ledger.lit_min / 60.0)
    return year.ledger


class _Hour:
    """True users of the last sixty minutes: vehicles and people by street."""

    def __init__(self, count: int) -> None:
        self._minutes = np.zeros((60, 2, count))
        self._place = 0
        self.users: Floats = np.zeros((2, count))

    def take(self, users: Floats) -> None:
        self.users = self.users + users - self._minutes[self._place]
        self._minutes[self._place] = users
        self._place = (self._place + 1) % 60


def needed_rank(streets: Streets, users_per_h: Floats, margin: float = 1.0) -> Ints8:
    """0 high, 1 moderate, 2 low traffic, by zone."""
    rank = np.full(users_per_h.shape, 2, np.int8)
    rank[users_per_h >= margin * streets.moderate_per_h] = 1
    # The standard says more than: a limit met exactly is moderate.
    rank[users_per_h > margin * streets.high_per_h] = 0
    return rank


def level_at(streets: Streets, rank: Ints8) -> Floats:
    """The level in % that this traffic needs, by zone."""
    levels: Floats = np.take_along_axis(streets.level_of_rank, rank[:, None].astype(np.int64), axis=1)[:, 0]
    return levels


class _Year:
    """One demand, one set of counters, one programme, and the ledger."""

    def __init__(self, streets: Streets, steerer: Steerer, options: YearOptions) -> None:
        self._streets, self._steerer, self._options = streets, steerer, options
        seed, places = options.seed, len(streets.x_m)
        self._demand = Demand(streets.vehicles_per_day, streets.people_per_day, streets.x_m, streets.y_m, seed)
        self._counters = Counters(places, np.random.default_rng((seed, 9)))
        self._static = make_static(streets, seed)
        self._everywhere = np.ones(len(streets), np.bool_)
        self.ledger = Ledger(streets)

    def play(self, night: int) -> None:
        """One night, warmed up so that counters and hours are known at sunset."""
        zone = ZoneInfo(self._options.timezone)
        on_at, off_at = self._sun(night)
        noon = datetime.combine(self._options.first + timedelta(days=night), time(12), zone)
        memory, hour = self._steerer.begin(), _Hour(len(self._streets.x_m))
        self._demand.begin_night(night)
        at = on_at - timedelta(minutes=WARM_UP_MIN)
        while at < off_at:
            local = at.astimezone(zone)
            kind, lit = kind_of_day(local.weekday()), at >= on_at
            programme = self._static[kind, local.hour]
            steered = self._steerer.steer(self._sight(at, lit, programme), memory)
            memory = steered.memory
            after_noon_min = int((at - noon).total_seconds() // 60)
            counted = self._demand.draw(night, kind, local.hour * 60 + local.minute, after_noon_min)
            hour.take(counted)
            if lit:
                self._note(programme, steered.level_pct, hour)
            self._counters.take(counted, int(at.timestamp() * 1e6))
            at += timedelta(minutes=1)

    def _note(self, programme: Floats, steered_pct: Floats, hour: _Hour) -> None:
        streets, nothing = self._streets, np.isnan(steered_pct)
        needed = level_at(streets, needed_rank(streets, streets.users(*hour.users)))
        adaptive = np.where(nothing, programme, steered_pct)
        levels = {"led": np.full(len(streets), 100.0), "static": programme, "adaptive": adaptive}
        self.ledger.note(needed, levels)
        self.ledger.steered_min += float(np.mean(~nothing))

    def _sight(self, at: datetime, lit: bool, programme: Floats) -> Seen:
        flow = self._counters.flow
        value = {"vehicles_per_h": flow[0], "pedestrians_per_h": flow[1], "temperature_c": self._counters.temperature_c}
        everywhere = self._everywhere
        lights = everywhere if lit else ~everywhere
        now_us = int(at.timestamp() * 1e6)
        return Seen(now_us, value, self._counters.observed_us, lights, ~everywhere, programme)

    def _sun(self, night: int) -> tuple[datetime, datetime]:
        """Sunset of the evening, sunrise of the morning, UTC to the minute."""
        where = Observer(self._options.lat, self._options.lon)
        evening = self._options.first + timedelta(days=night)
        on, off = sunset(where, evening, UTC), sunrise(where, evening + timedelta(days=1), UTC)
        return on.replace(second=0, microsecond=0), off.replace(second=0, microsecond=0)


def make_static(streets: Streets, seed: int) -> Floats:
    """Levels by kind of day, hour and zone: the class of the busiest such hour that was counted the year before."""
    rng = np.random.default_rng((seed, 10))
    levels = np.zeros((len(KINDS), 24, len(streets)))
    for kind, days in enumerate(DAYS_OF_KIND):
        for hour in range(24):
            span = slice(hour * 60, hour * 60 + 60)
            lively = np.exp(rng.normal(0.0, np.hypot(DAY_SPREAD, DRIFT_SPREAD), (days, len(streets.x_m))))
            vehicles = rng.poisson(streets.vehicles_per_day * VEHICLE_SHARE[kind, span].sum() * lively)
            people = rng.poisson(streets.people_per_day * PEOPLE_SHARE[span].sum() * lively)
            busiest = streets.users(vehicles.astype(np.float64), people.astype(np.float64)).max(axis=0)
            levels[kind, hour] = level_at(streets, needed_rank(streets, busiest, STATIC_MARGIN))
    # The last hour's users still count, and the next hour's are on their way.
    return np.maximum(levels, np.maximum(np.roll(levels, -1, axis=1), np.roll(levels, 1, axis=1)))
