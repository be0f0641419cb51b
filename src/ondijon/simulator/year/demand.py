"""How much traffic a street has at each minute of a year: hours, days, seasons, chance and evenings out; seeded."""

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats

# Shares (%) of a day's traffic by hour in towns, made to add up to one; shapes as counts in French towns have them:
# two peaks on working days, one broad afternoon on Sundays, later nights on Saturdays.
WORKING = (
    0.9,
    0.5,
    0.4,
    0.3,
    0.4,
    1.0,
    2.8,
    6.2,
    7.4,
    5.8,
    5.2,
    5.3,
    5.6,
    5.7,
    5.7,
    5.9,
    6.7,
    7.9,
    8.3,
    6.6,
    4.6,
    3.1,
    2.3,
    1.5,
)
SATURDAY = (
    1.8,
    1.1,
    0.8,
    0.6,
    0.5,
    0.7,
    1.3,
    2.4,
    3.9,
    5.5,
    6.7,
    7.2,
    6.7,
    6.2,
    6.5,
    6.7,
    6.8,
    7.0,
    6.9,
    6.0,
    4.8,
    3.9,
    3.4,
    2.6,
)
SUNDAY = (
    2.6,
    1.9,
    1.4,
    0.9,
    0.7,
    0.6,
    0.8,
    1.3,
    2.4,
    4.1,
    6.2,
    7.2,
    6.2,
    5.9,
    6.9,
    7.3,
    7.6,
    7.8,
    7.4,
    6.3,
    5.0,
    3.9,
    2.8,
    1.8,
)
PEOPLE = (
    1.2,
    0.7,
    0.4,
    0.3,
    0.3,
    0.6,
    1.6,
    4.8,
    6.6,
    5.2,
    5.6,
    6.4,
    7.6,
    6.6,
    6.0,
    6.4,
    7.4,
    8.4,
    7.8,
    6.0,
    4.2,
    2.9,
    2.0,
    1.6,
)
DAY_SPREAD = 0.15  # of the logarithm, of one street from day to day
DRIFT_SPREAD = 0.10  # and within the hour
DRIFT_MIN = 30.0
EVENINGS_OUT = 40  # matches, concerts and the like in a year, all over the city
EVENING_REACH_M = 700.0
EVENING_FACTOR = 4.0
EVENING_MIN = (25, 75)  # how long it takes until everybody has gone
DAY_MIN = 1_440
KINDS = ("working", "saturday", "sunday")


class Traffic(Struct, frozen=True):
    """A street's usual day by class: vehicles where nobody counted, people on foot and cycling; invented, by class."""

    vehicles_per_day: float
    people_per_day: float


TRAFFIC: dict[str, Traffic] = {
    "motorway": Traffic(60_000.0, 0.0),
    "primary": Traffic(15_000.0, 1_500.0),
    "secondary": Traffic(7_500.0, 1_000.0),
    "tertiary": Traffic(3_200.0, 700.0),
    "residential": Traffic(650.0, 350.0),
    "pedestrian": Traffic(150.0, 4_000.0),
    "path": Traffic(0.0, 250.0),
}


class Evening(Struct, frozen=True):
    """Many people on their way home at once: where, in which night, from which minute after noon."""

    night: int
    from_min: int
    lasts_min: int
    x_m: float
    y_m: float


def kind_of_day(weekday: int, is_holiday: bool = False) -> int:
    """0 working day, 1 Saturday, 2 Sunday and holidays (weekday: Monday is 0)."""
    return 2 if weekday == 6 or is_holiday else int(weekday == 5)


def _by_minute(shares: tuple[float, ...]) -> Floats:
    """Shares of the day by minute of it, straight from one hour's middle to the next."""
    hours = np.array(shares) / np.sum(shares)
    middles = (np.arange(-1, 25) + 0.5) * 60.0
    wrapped = np.concatenate((hours[-1:], hours, hours[:1]))
    return np.asarray(np.interp(np.arange(DAY_MIN) + 0.5, middles, wrapped) / 60.0)


VEHICLE_SHARE = np.stack([_by_minute(shares) for shares in (WORKING, SATURDAY, SUNDAY)])
PEOPLE_SHARE = _by_minute(PEOPLE)


class Demand:
    """Expected users of each street by minute; drawn night after night from its own seed."""

    def __init__(self, vehicles_per_day: Floats, people_per_day: Floats, x_m: Floats, y_m: Floats, seed: int) -> None:
        self._vehicles = vehicles_per_day
        self._people = people_per_day
        self._x_m, self._y_m = x_m, y_m
        self.rng = np.random.default_rng((seed, 7))
        self._evenings = self._draw_evenings(np.random.default_rng((seed, 8)))
        self._day = np.ones(len(x_m))
        self._drift = np.zeros(len(x_m))
        self._near: Floats = np.ones(len(x_m))

    def _draw_evenings(self, rng: np.random.Generator) -> dict[int, Evening]:
        found = {}
        for night in rng.choice(365, EVENINGS_OUT, replace=False).tolist():
            place = int(rng.integers(len(self._x_m)))
            begins = int(rng.integers(9 * 60 + 30, 12 * 60 + 30))
            lasts = int(rng.integers(*EVENING_MIN))
            found[night] = Evening(night, begins, lasts, float(self._x_m[place]), float(self._y_m[place]))
        return found

    def begin_night(self, night: int) -> None:
        """Draw how lively each street is this time."""
        self._day = np.exp(self.rng.normal(0.0, DAY_SPREAD, len(self._day)) - DAY_SPREAD**2 / 2)
        evening = self._evenings.get(night)
        if evening is None:
            self._near = np.zeros(len(self._day))
        else:
            away = np.hypot(self._x_m - evening.x_m, self._y_m - evening.y_m)
            self._near = np.clip(1.5 - away / EVENING_REACH_M, 0.0, 1.0) * (EVENING_FACTOR - 1.0)

    def draw(self, night: int, kind: int, minute_of_day: int, after_noon_min: int) -> Floats:
        """Who passes in this minute: vehicles and people by street."""
        expected = np.stack(self.expect(night, kind, minute_of_day, after_noon_min))
        return self.rng.poisson(expected).astype(np.float64)

    def expect(self, night: int, kind: int, minute_of_day: int, after_noon_min: int) -> tuple[Floats, Floats]:
        """Vehicles and people expected in this minute, by street."""
        keep = np.exp(-1.0 / DRIFT_MIN)
        shock = self.rng.normal(0.0, DRIFT_SPREAD * np.sqrt(1.0 - keep**2), len(self._drift))
        self._drift = self._drift * keep + shock
        lively = self._day * np.exp(self._drift) * (1.0 + self._near * self._crowd(night, after_noon_min))
        return (
            self._vehicles * VEHICLE_SHARE[kind, minute_of_day] * lively,
            self._people * PEOPLE_SHARE[minute_of_day] * lively,
        )

    def _crowd(self, night: int, after_noon_min: int) -> float:
        """How much of the evening's crowd is on its way: up within ten minutes, then down."""
        evening = self._evenings.get(night)
        if evening is None:
            return 0.0
        since = after_noon_min - evening.from_min
        up = min(max(since / 10.0, 0.0), 1.0)
        return up * min(max((evening.lasts_min - since) / 15.0, 0.0), 1.0)
