"""Nights of kWh from the readings of an energy counter: differences between noons, gaps and resets told apart."""

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Floats, Ints32, Ints64

LONGEST_STEP_US = 2 * 3_600 * 1_000_000
_US_PER_HOUR = 3.6e9


class CounterReadings(Struct, frozen=True, eq=False):
    """Readings of many counters, in order of twin and then of time."""

    twin_no: Ints32
    at_us: Ints64
    kwh: Floats


class MeteredNights(Struct, frozen=True, eq=False):
    """By twin (row) and night (column): kwh, NaN where unknown; coverage, the share of the night that was read."""

    twin_no: Ints32
    kwh: Floats
    coverage: Floats


def roll_up(readings: CounterReadings, noon_us: Ints64, most_kw: dict[int, float]) -> MeteredNights:
    """Consumption of each night between the noons given.

    Between two readings further apart than two hours energy is spread evenly and counts as not covered: a counter
    goes on counting while nobody reads it, so the sum stays right. A counter that falls, or rises faster than
    `most_kw` allows, was reset or replaced: what it counted in that step is unknown, and so is a night with a long
    step of that kind. A night before the first or after the last reading is unknown.
    """
    twins, starts = np.unique(readings.twin_no, return_index=True)
    ends = [*starts[1:].tolist(), len(readings.twin_no)]
    kwh = np.full((len(twins), len(noon_us) - 1), np.nan)
    coverage = np.zeros_like(kwh)
    for row, (twin, start, end) in enumerate(zip(twins.tolist(), starts.tolist(), ends, strict=True)):
        at_us, counted = readings.at_us[start:end], readings.kwh[start:end]
        kwh[row], coverage[row] = _roll_up_one(at_us, counted, noon_us, most_kw.get(twin, np.inf))
    return MeteredNights(twins.astype(np.int32), kwh, coverage)


def _roll_up_one(at_us: Ints64, counted: Floats, noon_us: Ints64, most_kw: float) -> tuple[Floats, Floats]:
    step_us = np.diff(at_us).astype(np.float64)
    rise = np.diff(counted)
    # Half a kWh is a counter's own coarseness.
    broken: Bools = (rise < 0.0) | (rise > most_kw * step_us / _US_PER_HOUR + 0.5)
    long: Bools = step_us > LONGEST_STEP_US
    energy = _between(noon_us, at_us, np.where(broken, 0.0, rise))
    lost = _between(noon_us, at_us, (broken & long).astype(np.float64))
    read_us = _between(noon_us, at_us, np.where(broken | long, 0.0, step_us))
    whole = (noon_us[:-1] >= at_us[0]) & (noon_us[1:] <= at_us[-1])
    kwh = np.where(whole & (lost <= 0.0), energy, np.nan)
    return kwh, np.clip(read_us / np.diff(noon_us), 0.0, 1.0)


def _between(noon_us: Ints64, at_us: Ints64, amount: Floats) -> Floats:
    """How much of what each step holds falls between each two noons, spread evenly over the step."""
    running = np.concatenate(([0.0], np.cumsum(amount)))
    # Instants from the first reading on: whole microseconds since 1970 would cost the interpolation its last digits.
    since = at_us[0]
    spread: Floats = np.diff(
        np.interp((noon_us - since).astype(np.float64), (at_us - since).astype(np.float64), running)
    )
    return spread
