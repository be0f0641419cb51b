"""How fast a disk fills up, from what was free on it hour by hour."""

import numpy as np

from ondijon.kernel.arrays import Floats

DAY_S = 86_400.0
# Below six hours a single copy or clean-up would be taken for a habit.
LEAST_HISTORY_S = 6 * 3_600.0


def measure_growth(at_s: Floats, free_bytes: Floats) -> float | None:
    """Bytes a day that go, negative where the disk empties; None below six hours of history.

    The median of the slopes between every two samples (Theil 1950, Sen 1968): one large copy or clean-up among many
    hours does not move it.
    """
    if len(at_s) < 2 or float(at_s[-1] - at_s[0]) < LEAST_HISTORY_S:
        return None
    first, second = np.triu_indices(len(at_s), 1)
    lapse_s = at_s[second] - at_s[first]
    apart = lapse_s > 0
    slopes = (free_bytes[first] - free_bytes[second])[apart] / lapse_s[apart]
    return float(np.median(slopes)) * DAY_S


def days_until_full(free_bytes: float, growth_bytes_a_day: float | None) -> float | None:
    """Days until nothing is free at that growth; None while it is not known, or where the disk does not fill up."""
    if growth_bytes_a_day is None or growth_bytes_a_day <= 0:
        return None
    return free_bytes / growth_bytes_a_day
