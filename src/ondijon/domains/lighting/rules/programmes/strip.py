"""A year at a glance: the mean level of some lights in each half hour of each night."""

import numpy as np

from ondijon.domains.lighting.rules.programmes.local_times import NIGHT_MIN, NightClocks, night_clocks
from ondijon.domains.lighting.rules.programmes.resolve import Resolution
from ondijon.domains.lighting.rules.programmes.sun import Place, SolvedNights, solve
from ondijon.kernel.arrays import Floats, Ints32

PART_MIN = 30
PARTS = NIGHT_MIN // PART_MIN


def mean_levels(resolution: Resolution, of_light: Ints32, place: Place, nights: int) -> list[list[int]]:
    """By night and half hour of the city's clocks from noon on: mean level in % of the lights of these signatures."""
    if not len(of_light):
        return []
    first = resolution.nights.first
    clocks = night_clocks(first, nights, place.timezone)
    by_night = resolution.profile_of[resolution.by_night[:, :nights]]
    share = np.bincount(of_light, minlength=len(by_night)) / len(of_light)
    level = np.zeros((nights, PARTS))
    for number, profile in enumerate(resolution.profiles):
        follows = share @ (by_night == number)
        if follows.any():
            level += follows[:, None] * _levels(solve(profile, first, nights, place), clocks)
    rounded: list[list[int]] = np.round(level).astype(int).tolist()
    return rounded


def _levels(solved: SolvedNights, clocks: NightClocks) -> Floats:
    """The mean level of one profile, by night and half hour."""
    begins = np.stack([clocks.instants_s(part * PART_MIN) for part in range(PARTS)], axis=1)
    ends = np.concatenate([begins[:, 1:], clocks.until_s[:, None]], axis=1)
    lit_s = np.zeros_like(begins)
    for step, level in enumerate(solved.levels_pct.tolist()):
        start_s, end_s = solved.start_s[:, step, None], solved.end_s[:, step, None]
        lit_s += level * np.maximum(np.minimum(ends, end_s) - np.maximum(begins, start_s), 0.0)
    # The hour that is missing in spring has no length.
    mean: Floats = lit_s / np.maximum(ends - begins, 1.0)
    return mean
