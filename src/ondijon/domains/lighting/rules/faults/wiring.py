"""Which lights hang on which phase and circuit of which cabinet, and what they are rated at, as arrays."""

from functools import lru_cache

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Floats, Ints32, Ints64
from ondijon.kernel.twins import TwinsOfType

PHASES = ("L1", "L2", "L3")
CIRCUITS = 4


class Wiring(Struct, frozen=True, eq=False):
    """By (cabinet, phase): rated power in W, number of lights, smallest and largest; by light: its cabinet and feeder.

    order, first: the rows of lights by cabinet, and where each cabinet's begin;
    circuits: share of each phase's rated power on each circuit, shape (cabinets, circuits, phases).
    """

    cabinet: Ints32
    switched: Bools
    order: Ints64
    first: Ints64
    rated_w: Floats
    lights: Floats
    smallest_w: Floats
    largest_w: Floats
    circuits: Floats

    def lights_of(self, cabinets: Ints32) -> tuple[Ints64, Ints64]:
        """The rows of all lights of these cabinets, and for each the place of its cabinet among them."""
        counts = self.first[cabinets + 1] - self.first[cabinets]
        place = np.repeat(np.arange(len(cabinets)), counts)
        within = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.order[self.first[cabinets][place] + within], place


@lru_cache(maxsize=2)
def wire(lights: TwinsOfType, cabinets: TwinsOfType) -> Wiring:
    """The wiring of a city; a light without phase counts to L1, without a rating to nothing."""
    cabinet = lights.rows_of_parents(cabinets)
    count = len(cabinets)
    rated_w = np.nan_to_num(lights.numbers("rated_power_w"))
    phase = np.argmax([lights.where("phase", name) for name in PHASES], axis=0) if len(lights) else np.zeros(0, int)
    circuit = np.clip(np.nan_to_num(lights.numbers("circuit"), nan=1.0), 1, CIRCUITS).astype(np.int64) - 1
    order = np.argsort(cabinet, kind="stable")
    order = order[cabinet[order] >= 0]
    at = (cabinet[order], phase[order])
    shape = (count, len(PHASES))
    total_w, lamps, largest_w, smallest_w = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.full(shape, np.inf)
    np.add.at(total_w, at, rated_w[order])
    np.add.at(lamps, at, 1.0)
    np.maximum.at(largest_w, at, rated_w[order])
    np.minimum.at(smallest_w, at, rated_w[order])
    by_circuit = np.zeros((count, CIRCUITS, len(PHASES)))
    np.add.at(by_circuit, (cabinet[order], circuit[order], phase[order]), rated_w[order])
    shares = by_circuit / np.maximum(total_w, 1e-9)[:, None, :]
    first = np.searchsorted(cabinet[order], np.arange(count + 1))
    switched = lights.where("feeder", "switched")
    return Wiring(cabinet, switched, order, first, total_w, lamps, smallest_w, largest_w, shares)
