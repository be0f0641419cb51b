"""EN 13201 lighting classes: what each requires, what a street's is inferred to be, what a conflict area needs."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

PEAK_HOUR_SHARE = 0.10  # of a day's traffic in its busiest hour (Highway Capacity Manual: K is 0.09 to 0.10 in towns)


class LightingClass(StrEnum):
    """Classes of EN 13201-2:2015: M for motor traffic, C for conflict areas, P for people on foot and slow streets."""

    M1 = "M1"
    M2 = "M2"
    M3 = "M3"
    M4 = "M4"
    M5 = "M5"
    M6 = "M6"
    C0 = "C0"
    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"
    P5 = "P5"
    P6 = "P6"
    P7 = "P7"


class Requirement(Struct, frozen=True):
    """What a class asks to be maintained on average; P7 asks for nothing (performance not determined)."""

    quantity: Literal["luminance_cd_m2", "illuminance_lx"]
    maintained: float
    source: str


_M, _C, _P = (f"EN 13201-2:2015, table {number}" for number in (1, 2, 3))
REQUIREMENTS: dict[LightingClass, Requirement] = {
    **{
        LightingClass(f"M{number}"): Requirement("luminance_cd_m2", value, _M)
        for number, value in enumerate((2.0, 1.5, 1.0, 0.75, 0.5, 0.3), 1)
    },
    **{
        LightingClass(f"C{number}"): Requirement("illuminance_lx", value, _C)
        for number, value in enumerate((50.0, 30.0, 20.0, 15.0, 10.0, 7.5))
    },
    **{
        LightingClass(f"P{number}"): Requirement("illuminance_lx", value, _P)
        for number, value in enumerate((15.0, 10.0, 7.5, 5.0, 3.0, 2.0, 0.0), 1)
    },
}
CLASSES: tuple[LightingClass, ...] = tuple(LightingClass)
CLASS_NO = {lighting_class: number for number, lighting_class in enumerate(CLASSES)}

# The classes of two families that give about the same light on asphalt (CEN/TR 13201-1:2014, comparable levels).
_COMPARABLE_C = {"M1": 1, "M2": 2, "M3": 3, "M4": 4, "M5": 5, "P1": 3, "P2": 4, "P3": 5}
# The darkest class of each family that still promises something.
_DARKEST = {"M": 6, "C": 5, "P": 6}
_BRIGHTEST = {"M": 1, "C": 0, "P": 1}


def required(lighting_class: LightingClass) -> float:
    """What is to be maintained, in cd/m2 (M) or lx (C, P)."""
    return REQUIREMENTS[lighting_class].maintained


def darker(lighting_class: LightingClass, steps: int) -> LightingClass:
    """The class `steps` lower in its family (negative: higher), never beyond the family's ends; P7 stays P7."""
    if lighting_class is LightingClass.P7:
        return lighting_class
    family = lighting_class[0]
    number = int(lighting_class[1]) + steps
    return LightingClass(f"{family}{min(max(number, _BRIGHTEST[family]), _DARKEST[family])}")


def light_ratio(kept: LightingClass, designed: LightingClass) -> float:
    """The share of the designed light that the kept class needs, 0 to 1; both of one family; P7 needs nothing."""
    if kept[0] != designed[0]:
        raise AssertionError(f"{kept} and {designed} are measured differently")
    whole = required(designed)
    return 0.0 if whole == 0.0 else min(1.0, required(kept) / whole)


def conflict_class(lighting_class: LightingClass) -> LightingClass:
    """The class of a crossing or junction: one step above what compares with its street (CEN/TR 13201-1:2014, 6.3)."""
    if lighting_class[0] == "C":
        return darker(lighting_class, -1)
    comparable = _COMPARABLE_C.get(lighting_class)
    # Below M5 and P3 no class C compares: the least of them is the step above.
    return LightingClass.C5 if comparable is None else LightingClass(f"C{comparable - 1}")


class StreetUse(Struct, frozen=True):
    """A street class by the parameters of CEN/TR 13201-1:2014 (tables 1 and 3), all but the traffic itself.

    weight: their sum; high_per_h, moderate_per_h: above which, and from which traffic an hour on it weighs +1 and 0
    (below `moderate_per_h` it weighs -1): vehicles where the family is M, all users where it is P.
    """

    family: Literal["M", "P"]
    weight: int
    high_per_h: float
    moderate_per_h: float


# M: speed (motorway +1, 50 km/h -1), mixed traffic +1, no separation +1, junctions close together +1, parked cars +1,
# dark surroundings -1. P: slow speed +1, all kinds of traffic +2 (on foot and cycle +1), dark surroundings -1.
# Traffic, M: more than 65 % and from 35 % of what separated carriageways carry, else 45 % and 15 % (table 1). What they
# carry: 1,750 vehicles an hour and lane on motorways (four lanes), 1,000, 900 and 750 where junctions stop it (two).
# Traffic, P: the standard gives no numbers; here one user a minute is normal and four are busy.
STREET_USES: dict[str, StreetUse] = {
    "motorway": StreetUse("M", 3, 0.65 * 7_000, 0.35 * 7_000),
    "primary": StreetUse("M", 3, 0.45 * 2_000, 0.15 * 2_000),
    "secondary": StreetUse("M", 2, 0.45 * 1_800, 0.15 * 1_800),
    "tertiary": StreetUse("M", 1, 0.45 * 1_500, 0.15 * 1_500),
    "residential": StreetUse("P", 2, 240.0, 60.0),
    "pedestrian": StreetUse("P", 2, 240.0, 60.0),
    "path": StreetUse("P", 0, 240.0, 60.0),
}
UNKNOWN_USE = STREET_USES["residential"]


def use_of(street_class: str) -> StreetUse:
    """How streets of a class are used; one nobody knows as residential."""
    return STREET_USES.get(street_class, UNKNOWN_USE)


def traffic_weight(use: StreetUse, per_h: float) -> int:
    """+1 for high, 0 for moderate, -1 for low traffic."""
    if per_h > use.high_per_h:
        return 1
    return 0 if per_h >= use.moderate_per_h else -1


def designed_weight(use: StreetUse, lighting_class: LightingClass) -> int:
    """For which traffic a street of this use and class was designed (+1, 0, -1); 0 when the families differ."""
    if lighting_class[0] != use.family:
        return 0
    return min(max(6 - use.weight - int(lighting_class[1]), -1), 1)


def infer_class(street_class: str, vehicles_per_day: int | None) -> LightingClass:
    """The class that an installation on such a street is designed for, by its busiest hour.

    Without a count traffic weighs 0 (moderate). A guess to be marked as one: what a survey or a person says goes first.
    """
    use = use_of(street_class)
    weight = 0 if vehicles_per_day is None else traffic_weight(use, PEAK_HOUR_SHARE * vehicles_per_day)
    number = 6 - use.weight - weight
    return LightingClass(f"{use.family}{min(max(number, _BRIGHTEST[use.family]), _DARKEST[use.family])}")


def read_class(text: str | None) -> LightingClass | None:
    """A class as an inventory writes it; None when it says none, or one of an edition that is not ours."""
    name = (text or "").strip().upper()
    return LightingClass(name) if name in LightingClass.__members__ else None
