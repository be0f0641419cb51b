"""Counters as they are: a wrong gain, rounding, hours of silence, values that freeze; one a street."""

import numpy as np

from ondijon.kernel.arrays import Bools, Floats, Ints64

GAIN_SPREAD = 0.05
NOISE_USERS = 0.5
OUTAGES_A_YEAR = 8.0
FREEZES_A_YEAR = 3.0
YEAR_MIN = 365.0 * 1_440.0
OUTAGE_MEDIAN_MIN, OUTAGE_SPREAD = 90.0, 1.2
QUARTER_MIN = 15


class Counters:
    """What each street's counter reports at each minute: the flow of the last 15 minutes, and how warm it is."""

    def __init__(self, count: int, rng: np.random.Generator) -> None:
        self._rng = rng
        self._gain = np.clip(rng.normal(1.0, GAIN_SPREAD, (2, count)), 0.85, 1.15)
        self._recent = np.zeros((QUARTER_MIN, 2, count))
        self._place = 0
        self._silent_min = np.zeros(count)
        self._frozen_min = np.zeros(count)
        self.flow: Floats = np.zeros((2, count))
        self.temperature_c: Floats = np.zeros(count)
        self.observed_us: Ints64 = np.zeros(count, np.int64)
        self.minutes_out = 0

    def take(self, counted: Floats, now_us: int) -> None:
        """One more minute of users (vehicles and people by street); what is reported is known a minute later."""
        self._recent[self._place] = counted
        self._place = (self._place + 1) % QUARTER_MIN
        self._fail()
        users = self._recent.sum(axis=0) * self._gain
        users = np.maximum(np.round(users + self._rng.normal(0.0, NOISE_USERS, users.shape) * (users > 0)), 0.0)
        warmth = np.round(self._rng.normal(12.0, 0.15, len(self.temperature_c)), 2)
        lives = self._frozen_min <= 0
        self.flow = np.where(lives, users * (60.0 / QUARTER_MIN), self.flow)
        self.temperature_c = np.where(lives, warmth, self.temperature_c)
        self.observed_us = np.where(self._silent_min <= 0, now_us, self.observed_us)

    def _fail(self) -> None:
        self._silent_min -= 1.0
        self._frozen_min -= 1.0
        for left_min, a_year in ((self._silent_min, OUTAGES_A_YEAR), (self._frozen_min, FREEZES_A_YEAR)):
            falls = self._draw(len(left_min), a_year)
            left_min[falls] = OUTAGE_MEDIAN_MIN * np.exp(self._rng.normal(0.0, OUTAGE_SPREAD, int(falls.sum())))
        self.minutes_out += int(np.count_nonzero((self._silent_min > 0) | (self._frozen_min > 0)))

    def _draw(self, count: int, a_year: float) -> Bools:
        falls: Bools = self._rng.random(count) < a_year / YEAR_MIN
        return falls
