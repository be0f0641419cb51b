"""The class of every light: a person's word on its street, else surveyed, else inferred; one step up on a crossing."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import shapely
from msgspec import Struct

from ondijon.domains.lighting.rules.classes import (
    CLASS_NO,
    CLASSES,
    LightingClass,
    conflict_class,
    infer_class,
    read_class,
    required,
    use_of,
)
from ondijon.kernel.arrays import Bools, Floats, Ints8

CROSSING_M = 15.0
UNKNOWN_STREET = "residential"
StreetKey = tuple[str, str]


class StreetArc(Struct, frozen=True):
    """What is known of one arc; arcs of one street share commune and name."""

    commune: str
    street: str
    street_class: str
    vehicles_per_day: int | None


class LightPlace(Struct, frozen=True):
    """A light: its commune, its street if it has one, the class that its inventory says."""

    commune: str
    street: str | None
    surveyed: str | None


class LightClasses(Struct, frozen=True, eq=False):
    """By light: numbers of its own class and of its street's, whether any of it was inferred."""

    class_no: Ints8
    street_class_no: Ints8
    inferred: Bools


def classes_of_streets(arcs: Iterable[StreetArc]) -> dict[StreetKey, LightingClass]:
    """The inferred class of each street: that of the arc which asks for the most light."""
    found: dict[StreetKey, LightingClass] = {}
    for arc in arcs:
        key = (arc.commune, arc.street)
        inferred = infer_class(arc.street_class, arc.vehicles_per_day)
        known = found.get(key)
        if known is None or _more(inferred, known):
            found[key] = inferred
    return found


def uses_of_streets(arcs: Iterable[StreetArc]) -> dict[StreetKey, str]:
    """The street class of each street: that of its arc with the weightiest use."""
    found: dict[StreetKey, str] = {}
    for arc in arcs:
        key = (arc.commune, arc.street)
        if key not in found or _rank(arc.street_class) > _rank(found[key]):
            found[key] = arc.street_class
    return found


def _rank(street_class: str) -> tuple[bool, int]:
    use = use_of(street_class)
    return use.family == "M", use.weight


def _more(one: LightingClass, other: LightingClass) -> bool:
    """Streets for motor traffic go before others; within a family what requires more."""
    return (one[0] == "M", required(one)) > (other[0] == "M", required(other))


def find_on_crossing(places: Floats, crossings: Floats) -> Bools:
    """Which places (metres) lie within 15 m of a crossing."""
    near = np.zeros(len(places), np.bool_)
    if len(crossings):
        tree = shapely.STRtree(shapely.points(crossings))
        near[tree.query(shapely.points(places), predicate="dwithin", distance=CROSSING_M)[0]] = True
    return near


def classify_lights(
    lights: Sequence[LightPlace],
    on_crossing: Bools,
    said: Mapping[StreetKey, LightingClass],
    inferred: Mapping[StreetKey, LightingClass],
) -> LightClasses:
    """The class of each light; `said` is what people said of streets."""
    unknown = infer_class(UNKNOWN_STREET, None)
    own = np.zeros(len(lights), np.int8)
    of_street = np.zeros(len(lights), np.int8)
    guessed = np.zeros(len(lights), np.bool_)
    for row, light in enumerate(lights):
        key = (light.commune, light.street or "")
        known = said.get(key) or read_class(light.surveyed)
        base = known or inferred.get(key, unknown)
        of_street[row] = CLASS_NO[base]
        crosses = bool(on_crossing[row]) and base[0] != "C"
        own[row] = CLASS_NO[conflict_class(base) if crosses else base]
        guessed[row] = known is None or crosses
    return LightClasses(own, of_street, guessed)


def name_of(class_no: int) -> str:
    """A class by its number."""
    return CLASSES[class_no].value
