"""Which lights hang on which phase and circuit of which cabinet, and what they are rated at, as arrays."""

from functools import lru_cache

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Floats, Ints32, Ints64
from ondijon.kernel.twins import TwinsOfType

PHASES = ("L1", "L2", "L3")
CIRCUITS = 4


class Wiring(Struct, frozen=True, eq=False):
    """By (cabinet, phase): rated power in W, number of lights, smallest, largest; by light: cabinet, phase, feeder.

    order, first: the rows of lights by cabinet, and where each cabinet's begin;
    circuits: share of each phase's rated power on each circuit, shape (cabinets, circuits, phases);
    tails_w: rated power by phase from one light of a feeder (in the inventory's order) to its far end, by cabinet
    like `order`; tail_lights: how many lights that is;
    feeders: whether any light hangs on the permanent and on the switched feeder, shape (cabinets, 2).
    """

    cabinet: Ints32
    phase: Ints64
    switched: Bools
    order: Ints64
    first: Ints64
    rated_w: Floats
    lights: Floats
    smallest_w: Floats
    largest_w: Floats
    circuits: Floats
    tails_w: Floats
    tail_lights: Ints64
    feeders: Bools

    def lights_of(self, cabinets: Ints32) -> tuple[Ints64, Ints64]:
        """The rows of all lights of these cabinets, and for each the place of its cabinet among them."""
        counts = self.first[cabinets + 1] - self.first[cabinets]
        place = np.repeat(np.arange(len(cabinets)), counts)
        within = np.arange(len(place)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self.order[self.first[cabinets][place] + within], place


def wire(lights: TwinsOfType, cabinets: TwinsOfType) -> Wiring:
    """The wiring of a city; a light without phase counts to L1, without a rating to nothing."""
    return _wire(lights, cabinets, lights.edition)


@lru_cache(maxsize=2)
def _wire(lights: TwinsOfType, cabinets: TwinsOfType, edition: int) -> Wiring:
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
    by_phase = rated_w[order, None] * (phase[order, None] == np.arange(len(PHASES)))
    tails = _sum_tails(cabinet[order], switched[order], by_phase)
    feeders = np.zeros((count, 2), np.bool_)
    feeders[cabinet[order], switched[order].astype(np.int64)] = True
    return Wiring(
        cabinet, phase, switched, order, first, total_w, lamps, smallest_w, largest_w, shares, *tails, feeders
    )


def _sum_tails(cabinet: Ints32, switched: Bools, by_phase_w: Floats) -> tuple[Floats, Ints64]:
    """Of each light's feeder what lies from it to the far end: rated power by phase, and number of lights."""
    count = len(cabinet)
    along = np.lexsort((np.arange(count), switched, cabinet))
    feeder = cabinet[along].astype(np.int64) * 2 + switched[along]
    end = np.searchsorted(feeder, feeder, side="right")
    until_w = np.concatenate((np.zeros((1, by_phase_w.shape[1])), np.cumsum(by_phase_w[along], axis=0)))
    return until_w[end] - until_w[:-1], end - np.arange(count)
