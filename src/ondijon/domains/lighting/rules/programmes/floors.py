"""Where a programme asks for less than a floor that no policy lifts."""

from typing import NamedTuple

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.programmes.compose import Composition
from ondijon.domains.lighting.rules.programmes.lights import NOWHERE, Lights
from ondijon.domains.lighting.rules.programmes.local_times import NIGHT_MIN
from ondijon.domains.lighting.rules.programmes.resolve import Resolution
from ondijon.kernel.arrays import Bools, Floats, Ints32

SLACK_PCT = 0.01


class UnderFloor(Struct, frozen=True):
    """The lights of one class in one street that a programme would take below their floor."""

    commune: str
    street: str | None
    lighting_class: str | None
    lights: int
    floor_pct: float
    level_pct: float
    nights: int


class HeldUp(NamedTuple):
    """By signature: on how many nights a programme asks for less than it gets, the least it asks for, and the floor."""

    nights: Ints32
    least_pct: Floats
    floor_pct: Floats


def held_up(resolution: Resolution, key: str) -> HeldUp:
    """Where the floor holds up what the programme `key` asks, by signature."""
    source = next(place for place, content in enumerate(resolution.contents) if content.key == key)
    least = np.array([_least_asked(composition, source) for composition in resolution.compositions])
    by_night = least[resolution.by_night]
    below = ~np.isnan(by_night)
    worst = np.where(below, by_night, np.inf).min(axis=1, initial=np.inf)
    return HeldUp(below.sum(axis=1).astype(np.int32), worst, resolution.signatures.floor_pct)


def _least_asked(composition: Composition, source: int) -> float:
    """The least that a layer asks for in vain in a night; NaN when it gets all that it asks for."""
    ends = [change.minute for change in composition.changes[1:]] + [NIGHT_MIN]
    in_vain = [
        change.asked_pct
        for change, end in zip(composition.changes, ends, strict=True)
        if change.source == source and change.asked_pct < change.level_pct - SLACK_PCT and end > change.minute
    ]
    return min(in_vain, default=float("nan"))


def list_under_floor(resolution: Resolution, lights: Lights, key: str) -> list[UnderFloor]:
    """By street and class, most lights first."""
    held = held_up(resolution, key)
    of_light = resolution.signatures.of_light
    rows = np.flatnonzero((of_light != NOWHERE) & (held.nights > 0)[of_light])
    found: dict[tuple[int, int, int], list[int]] = {}
    for row in rows.tolist():
        place = int(lights.commune[row]), int(lights.street[row]), int(lights.lighting_class[row])
        found.setdefault(place, []).append(int(of_light[row]))
    listed = [_sum_up(lights, place, signatures, held) for place, signatures in found.items()]
    return sorted(listed, key=lambda one: (-one.lights, one.commune, one.street or ""))


def _sum_up(lights: Lights, place: tuple[int, int, int], signatures: list[int], held: HeldUp) -> UnderFloor:
    commune, street, lighting_class = place
    worst = min(signatures, key=lambda signature: float(held.least_pct[signature] - held.floor_pct[signature]))
    return UnderFloor(
        lights.communes[commune],
        None if street == NOWHERE else lights.streets[street][1],
        None if lighting_class == NOWHERE else lights.classes[lighting_class],
        len(signatures),
        float(held.floor_pct[worst]),
        float(held.least_pct[worst]),
        max(int(held.nights[signature]) for signature in signatures),
    )


def lights_held_up(resolution: Resolution, key: str) -> Bools:
    """Which lights the floor holds up above what the programme asks."""
    of_light = resolution.signatures.of_light
    held: Bools = (of_light != NOWHERE) & (held_up(resolution, key).nights > 0)[of_light]
    return held
