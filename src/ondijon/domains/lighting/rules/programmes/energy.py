"""What a year of nights costs: hours at each level, burning hours, kWh and EUR, before they are lived."""

from datetime import date

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.programmes.resolve import Resolution
from ondijon.domains.lighting.rules.programmes.sun import Place, solve
from ondijon.kernel.arrays import Floats, Ints32

# Active power of a dimmed LED driver as a share of its rated power: fixed losses and a line (a straight fit within
# 2 % of rated power to makers' curves between 20 and 100 %). Off by programme it draws nothing that counts here.
FIXED_SHARE = 0.05
TENS = 11


def power_share(level_pct: Floats) -> Floats:
    """Power drawn at a level (0 to 100 % of rated output), as a share of rated power."""
    return np.where(level_pct > 0.0, FIXED_SHARE + (1.0 - FIXED_SHARE) * level_pct / 100.0, 0.0)


class Year(Struct, frozen=True):
    """Means a light, sums for all: hours lit, hours of night without light, kWh, and hours by tens of level."""

    burning_h: float
    off_h: float
    kwh: float
    hours: tuple[float, ...]


class YearTable(Struct, frozen=True, eq=False):
    """By signature: hours lit and dark a light, full-power hours a light, and hours by tens of level."""

    full_h: Floats
    hours: Floats


def tabulate(resolution: Resolution, place: Place, nights: int) -> YearTable:
    """Add up the first `nights` nights of a resolution, the sun reckoned at one place for all."""
    by_night = resolution.profile_of[resolution.by_night[:, :nights]]
    first: date = resolution.nights.first
    full_h = np.zeros(len(by_night))
    hours = np.zeros((len(by_night), TENS))
    for number, profile in enumerate(resolution.profiles):
        used = by_night == number
        if not used.any():
            continue
        solved = solve(profile, first, nights, place)
        spent = solved.hours()
        tens = np.round(solved.levels_pct / 10.0).astype(np.intp)
        tens[(solved.levels_pct > 0.0) & (tens == 0)] = 1  # dim is not dark
        full_h += used @ (spent @ power_share(solved.levels_pct))
        for step, ten in enumerate(tens.tolist()):
            hours[:, ten] += used @ spent[:, step]
    return YearTable(full_h, hours)


def add_up(table: YearTable, of_light: Ints32, rated_w: Floats) -> Year:
    """The year of some lights, by the signature of each."""
    if not len(of_light):
        return Year(0.0, 0.0, 0.0, (0.0,) * TENS)
    watts = np.where(np.isnan(rated_w), 0.0, rated_w)
    mean = table.hours[of_light].mean(axis=0)
    kwh = float(table.full_h[of_light] @ watts) / 1000.0
    return Year(float(mean[1:].sum()), float(mean[0]), kwh, tuple(mean.tolist()))
