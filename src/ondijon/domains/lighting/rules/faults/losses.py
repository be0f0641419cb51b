"""Which part of a cabinet's wiring went dark, by likelihood: a whole circuit, or the far end of a feeder."""

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.faults.wiring import Wiring
from ondijon.kernel.arrays import Floats

SOME_CIRCUIT, FIRST_CIRCUIT, CABLE = 4, 5, 9
SHORTEST = 3
# Standard deviations: a meter of class 0.5 and what of it was learned, of the phase's load; one light against its
# rating; all lights of a part together (they are of one age); what dimming does to drivers, at no light.
METER_ERROR, LIGHT_ERROR, PART_ERROR, DIMMED_ERROR = 0.004, 0.025, 0.03, 0.015
# Beyond this a loss is none of the parts that the inventory knows: cables are cut anywhere.
FAR, FREE_W = 25.0, 0.25
CLEAR = 6.0
# What was named stays so until another part is this much likelier: one wrong reading sends no second crew.
HELD = 8.0


class Loss(Struct, frozen=True, eq=False):
    """What of each phase's expected load is gone (shares), in which cabinet, at which level; what it was called."""

    cabinet: int
    level_pct: float
    share: Floats
    named: int = 0


def name_loss(wiring: Wiring, loss: Loss) -> int:
    """The circuit, some circuit where two are alike, or the cable."""
    circuits, tails = unlikeliness(wiring, loss)
    order = np.argsort(circuits)
    held = 0.0 if loss.named < SOME_CIRCUIT else -HELD if loss.named == CABLE else HELD
    if not np.isfinite(circuits[order[0]]) or circuits[order[0]] - held > tails:
        return CABLE
    is_clear = circuits[order[1]] - circuits[order[0]] > CLEAR
    return FIRST_CIRCUIT + int(order[0]) if is_clear else SOME_CIRCUIT


def unlikeliness(wiring: Wiring, loss: Loss) -> tuple[Floats, float]:
    """Of each circuit and of the likeliest far end of a feeder, -2 log likelihood; infinite for what it cannot be."""
    row = loss.cabinet
    rated_w = wiring.rated_w[row]
    circuits_w = wiring.circuits[row] * rated_w
    tails = slice(wiring.first[row], wiring.first[row + 1])
    tails_w = wiring.tails_w[tails][wiring.tail_lights[tails] >= SHORTEST]
    squared, breadth = _compare(wiring, loss, circuits_w)
    count = np.count_nonzero(circuits_w.sum(axis=1))
    # With one circuit alone, all of it gone is the cable at the cabinet.
    possible = (circuits_w.sum(axis=1) > 0.0) & (squared < FAR) & (count > 1)
    circuits = np.where(possible, squared + breadth + 2.0 * np.log(count), np.inf)
    squared, breadth = _compare(wiring, loss, tails_w)
    return circuits, float(np.min(squared + breadth + 2.0 * np.log(max(len(tails_w), 1)), initial=np.inf))


def _compare(wiring: Wiring, loss: Loss, parts_w: Floats) -> tuple[Floats, Floats]:
    """How far (squared, in standard deviations) a loss is from each of these parts, and the log of their spread."""
    rated_w = wiring.rated_w[loss.cabinet]
    light_w = rated_w / np.maximum(wiring.lights[loss.cabinet], 1.0)
    dimmed_w = DIMMED_ERROR * (1.0 - loss.level_pct / 100.0) * rated_w
    own = (METER_ERROR * rated_w + FREE_W) ** 2 + LIGHT_ERROR**2 * parts_w * light_w
    together = PART_ERROR**2 * parts_w[:, :, None] * parts_w[:, None, :]
    spread = own[:, :, None] * np.eye(len(rated_w)) + together + np.outer(dimmed_w, dimmed_w)
    apart_w = (loss.share * rated_w - parts_w)[:, :, None]
    return (apart_w * np.linalg.solve(spread, apart_w)).sum(axis=(1, 2)), np.linalg.slogdet(spread)[1]
