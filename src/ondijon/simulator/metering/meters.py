"""What a post gets to see of the use: counters with a bias, coarse, reset, swapped, and at times unheard for days."""

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ondijon.simulator.metering.sky import Sky

Doubles = NDArray[np.float64]

CLASS_LIMIT = 0.01  # class B of EN 50470-3
COARSE_KWH = 0.01
LOST_MESSAGES = 0.05
SILENCES_A_YEAR, LONGEST_SILENCE_NIGHTS = 3.0, 10
SWAPS_A_YEAR = 0.15


class Counted(Struct, frozen=True, eq=False):
    """Readings of all counters in order of cabinet and time."""

    cabinet: NDArray[np.int32]
    at_us: NDArray[np.int64]
    kwh: Doubles


def read_meters(kwh: Doubles, sky: Sky, rng: np.random.Generator) -> Counted:
    """Hourly readings of the counters behind this use (kWh by cabinet and night, nights in a row)."""
    found = [_read_one(row, used, sky, rng) for row, used in enumerate(kwh)]
    cabinet, at_us, counted = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Counted(cabinet.astype(np.int32), at_us.astype(np.int64), counted)


def _read_one(row: int, used: Doubles, sky: Sky, rng: np.random.Generator) -> tuple[Doubles, Doubles, Doubles]:
    first_s, last_s = float(sky.noon_s[0]), float(sky.noon_s[-1] + sky.length_h[-1] * 3600.0)
    at_s = np.arange(first_s, last_s + 1.0, 3600.0) + rng.uniform(0.0, 60.0)
    at_s = np.concatenate(([first_s - 60.0], at_s, [last_s + 90.0]))
    running = _count(used, sky, at_s) * (1.0 + rng.uniform(-CLASS_LIMIT, CLASS_LIMIT))
    for swap_s in rng.uniform(first_s, last_s, rng.poisson(SWAPS_A_YEAR * len(used) / 365.0)):
        later = at_s >= swap_s
        new_meter = 1.0 + rng.uniform(-CLASS_LIMIT, CLASS_LIMIT)
        start = running[later][0] if later.any() else 0.0
        # A new meter starts at nought, or at what it counted on a test bench.
        running[later] = (running[later] - start) * new_meter + rng.choice([0.0, 12.3])
    heard = rng.random(len(at_s)) >= LOST_MESSAGES
    for silent_s in rng.uniform(first_s, last_s, rng.poisson(SILENCES_A_YEAR * len(used) / 365.0)):
        lasts_s = rng.uniform(0.2, LONGEST_SILENCE_NIGHTS) * 86_400.0
        heard &= (at_s < silent_s) | (at_s > silent_s + lasts_s)
    heard[[0, -1]] = True
    kept = np.floor(running[heard] / COARSE_KWH) * COARSE_KWH
    return np.full(int(heard.sum()), row, np.float64), np.round(at_s[heard] * 1e6), kept


def _count(used: Doubles, sky: Sky, at_s: Doubles) -> Doubles:
    """The true counter at these instants: nothing by day, evenly between on and off."""
    on_s, off_s = sky.noon_s + sky.on_h * 3600.0, sky.noon_s + sky.off_h * 3600.0
    edges = np.column_stack((on_s, off_s)).ravel()
    counts = np.column_stack((np.concatenate(([0.0], np.cumsum(used)[:-1])), np.cumsum(used))).ravel()
    running: Doubles = np.interp(at_s, edges, counts)
    return running
