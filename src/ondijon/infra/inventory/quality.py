"""How well an import's twins stand on streets and hang in groups: what a reader must know before trusting either."""

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Floats, Ints64

FAR_M = 50.0
SMALLEST_GROUP, LARGEST_GROUP = 40, 60  # what group_along_streets aims at


class Spread(Struct, frozen=True):
    """Distances in metres from twins to the streets that they were given; far: how many are beyond FAR_M."""

    median_m: float
    p95_m: float
    most_m: float
    far: int


class Groups(Struct, frozen=True):
    """Twins in one cabinet: how many cabinets, sizes, and how many are smaller or larger than aimed at."""

    number: int
    least: int
    median: float
    most: int
    under: int
    over: int


class Quality(Struct, frozen=True):
    """Of the twins of one type; `groups` where they were grouped."""

    type: str
    twins: int
    spread: Spread
    groups: Groups | None = None


def measure_spread(gaps_m: Floats) -> Spread:
    """The distances in short; at least one."""
    median, p95, most = (round(float(value), 1) for value in np.quantile(gaps_m, (0.5, 0.95, 1.0)))
    return Spread(median, p95, most, int((gaps_m > FAR_M).sum()))


def measure_groups(group: Ints64) -> Groups:
    """The sizes of groups numbered from 0; at least one."""
    sizes = np.bincount(group)
    return Groups(
        number=len(sizes),
        least=int(sizes.min()),
        median=float(np.median(sizes)),
        most=int(sizes.max()),
        under=int((sizes < SMALLEST_GROUP).sum()),
        over=int((sizes > LARGEST_GROUP).sum()),
    )
