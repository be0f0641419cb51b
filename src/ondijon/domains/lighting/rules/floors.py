"""The least level a light may be dimmed to without an authorised policy, by class, crossing and commune."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.classes import CLASS_NO, CLASSES, LightingClass, light_ratio
from ondijon.kernel.arrays import Bools, Floats, Ints8, Ints16
from ondijon.kernel.errors import Refused


class ClassFloor(Struct, frozen=True, forbid_unknown_fields=True, rename={"lighting_class": "class"}):
    """The class that must be kept at the quietest hour where `lighting_class` is what was designed."""

    lighting_class: LightingClass
    kept: LightingClass
    source: str


class CommuneFloor(Struct, frozen=True, forbid_unknown_fields=True, rename={"lighting_class": "class"}):
    """What a commune asks for beyond its classes: it can only raise a floor. No class: every class."""

    commune: str
    least_pct: float
    source: str
    lighting_class: LightingClass | None = None
    crossings_only: bool = False


class FloorFile(Struct, frozen=True, forbid_unknown_fields=True):
    """lighting_floors.toml: one row a class, none left out."""

    floors: tuple[ClassFloor, ...]


class FloorTable(Struct, frozen=True, eq=False):
    """Floors in %, by class number (see `classes.CLASS_NO`), crossing (0, 1) and commune number."""

    pct: Floats
    floors: tuple[ClassFloor, ...]
    commune_floors: tuple[CommuneFloor, ...]


def read_floors(content: dict[str, Any]) -> tuple[ClassFloor, ...]:
    """The rows of lighting_floors.toml; raises Refused when one is wrong, or a class has none."""
    try:
        floors = msgspec.convert(content, FloorFile).floors
    except msgspec.ValidationError as error:
        raise Refused("lighting.refusal.bad_floors", problem=str(error)[:200]) from error
    named = [floor.lighting_class for floor in floors]
    wrong = [name for name in CLASSES if named.count(name) != 1]
    wrong += [floor.lighting_class for floor in floors if floor.kept[0] != floor.lighting_class[0]]
    if wrong:
        raise Refused("lighting.refusal.bad_floors", problem=", ".join(wrong))
    return floors


def make_table(
    floors: Sequence[ClassFloor], commune_floors: Sequence[CommuneFloor], communes: Sequence[str]
) -> FloorTable:
    """Floors for `communes` by number.

    The method: dimming to l % of the rated output gives l % of the maintained luminance or illuminance (an LED's light
    is in proportion to its level, output kept constant over its life). So the floor of a light designed for a class
    is the ratio of what the kept class requires to what the designed one does (EN 13201-2), rounded up to whole %.
    """
    pct = np.zeros((len(CLASSES), 2, len(communes)))
    for floor in floors:
        ratio = light_ratio(floor.kept, floor.lighting_class)
        pct[CLASS_NO[floor.lighting_class]] = np.ceil(round(ratio * 100.0, 6))
    place = {insee: number for number, insee in enumerate(communes)}
    for asked in commune_floors:
        if asked.commune not in place:
            continue
        classes = slice(None) if asked.lighting_class is None else CLASS_NO[asked.lighting_class]
        crossings = slice(1, 2) if asked.crossings_only else slice(None)
        part = pct[classes, crossings, place[asked.commune]]
        np.maximum(part, min(asked.least_pct, 100.0), out=part)
    return FloorTable(pct, tuple(floors), tuple(commune_floors))


def floor_pct(table: FloorTable, class_no: Ints8, on_crossing: Bools, commune_no: Ints16) -> Floats:
    """The floor of each light, % of its rated output; arrays by light."""
    floors: Floats = table.pct[class_no, on_crossing.astype(np.int8), commune_no]
    return floors
