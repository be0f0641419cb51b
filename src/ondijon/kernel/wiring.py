"""How a network is probably wired where nobody says: circuits and phases of a cabinet, groups of neighbours."""

import numpy as np

from ondijon.kernel.arrays import Floats, Ints64

PHASE_COUNT = 3
LIGHTS_PER_CIRCUIT = 15
FEWEST_CIRCUITS, MOST_CIRCUITS = 2, 4
MOST_ON_FEEDER = 60
MOST_ON_UPLINK = 30
# Uplinks follow antennas, not cables: their groups are cut along other axes.
UPLINK_BEARING_RAD = 0.7


def wire_circuits(places: Floats, streets: Ints64, cabinet: Floats) -> tuple[Ints64, Ints64]:
    """Circuit (from 1) and phase (0 to 2) of each light of one cabinet; places in metres, in order along the streets.

    Two to four circuits leave the cabinet by direction; a street stays on one circuit where sizes allow; the phases
    alternate from light to light along a circuit, as installers balance them.
    """
    count = len(places)
    circuits = int(np.clip(round(count / LIGHTS_PER_CIRCUIT), FEWEST_CIRCUITS, MOST_CIRCUITS))
    _, number = np.unique(streets, return_inverse=True)
    away = places - cabinet
    weight = np.bincount(number)
    middle = np.column_stack([np.bincount(number, away[:, axis]) / weight for axis in (0, 1)])
    bearing = np.arctan2(middle[:, 1], middle[:, 0])[number]
    order = np.lexsort((np.arange(count), number, bearing))
    borders = np.flatnonzero(np.diff(number[order])) + 1
    circuit = np.zeros(count, np.int64)
    circuit[order] = np.searchsorted(_cuts(count, circuits, borders), np.arange(count), side="right") + 1
    phase = np.zeros(count, np.int64)
    for one in range(1, circuits + 1):
        mine = np.flatnonzero(circuit == one)
        phase[mine] = np.arange(len(mine)) % PHASE_COUNT
    return circuit, phase


def _cuts(count: int, parts: int, borders: Ints64) -> Ints64:
    """Where equal parts end, moved to the nearest border between streets when one is near."""
    cuts = []
    for part in range(1, parts):
        ideal = round(part * count / parts)
        near = borders[np.abs(borders - ideal) <= count / (4 * parts)]
        cuts.append(int(near[np.argmin(np.abs(near - ideal))]) if len(near) else ideal)
    return np.array(cuts, np.int64)


def group_neighbours(places: Floats, most: int, bearing_rad: float = 0.0) -> Ints64:
    """Groups of at most `most` neighbours, numbered from 0: halved along the longer side again and again."""
    turned = places @ np.array(
        [[np.cos(bearing_rad), -np.sin(bearing_rad)], [np.sin(bearing_rad), np.cos(bearing_rad)]]
    )
    groups = np.zeros(len(places), np.int64)
    stack = [np.arange(len(places))]
    number = 0
    while stack:
        rows = stack.pop()
        if len(rows) <= most:
            groups[rows] = number
            number += 1
            continue
        axis = int(np.argmax(np.ptp(turned[rows], axis=0)))
        rows = rows[np.argsort(turned[rows, axis], kind="stable")]
        stack += [rows[len(rows) // 2 :], rows[: len(rows) // 2]]
    return groups
