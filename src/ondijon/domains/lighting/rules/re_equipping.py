"""A change of equipment is applied at once or after a second person's word, and can be taken back once.

The law:
    proposed -> applied | rejected | lapsed
    applied  -> undone
Everything else is a state that stays.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from msgspec import Struct

from ondijon.domains.lighting.model import LUMINAIRES, STREETLIGHT
from ondijon.kernel.commands import TWO_PERSONS_ABOVE
from ondijon.kernel.errors import Refused
from ondijon.kernel.inventory import AttributeValue

LAPSES_AFTER = timedelta(hours=24)
LONGEST_REASON = 2_000


class State(StrEnum):
    """Where a change of equipment stands."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    REJECTED = "rejected"
    LAPSED = "lapsed"
    UNDONE = "undone"


class Step(StrEnum):
    """What can happen to one."""

    APPLY = "apply"
    REJECT = "reject"
    LAPSE = "lapse"
    UNDO = "undo"


LAW: dict[State, dict[Step, State]] = {
    State.PROPOSED: {Step.APPLY: State.APPLIED, Step.REJECT: State.REJECTED, Step.LAPSE: State.LAPSED},
    State.APPLIED: {Step.UNDO: State.UNDONE},
    State.REJECTED: {},
    State.LAPSED: {},
    State.UNDONE: {},
}


def evolve(state: State, step: Step) -> State:
    """The state after a step; raises Refused when the law does not allow it."""
    following = LAW[state].get(step)
    if following is None:
        raise Refused("error.re_equipment_over", state=state)
    return following


class Bounds(Struct, frozen=True):
    """What a number may be, both ends included."""

    low: float
    high: float


# The largest flood light of a stadium draws 2 kW; a mast of 40 m is the tallest that road lighting uses.
NUMBERS = {"rated_power_w": Bounds(1, 2_000), "installed_year": Bounds(1900, 2100), "mounting_height_m": Bounds(1, 40)}
CHOICES = {"lamp_type": ("led", "sodium", "other"), "luminaire": LUMINAIRES}
TEXTS = {"luminaire_model": 120}
EDITABLE = tuple(spec.key for spec in STREETLIGHT.attributes if spec.key in (*NUMBERS, *CHOICES, *TEXTS))


def check_values(values: Mapping[str, AttributeValue], this_year: int) -> dict[str, AttributeValue]:
    """What the lights get, with what follows from it; raises Refused when a value cannot be.

    A power that a person wrote down is no longer inferred.
    """
    if not values:
        raise Refused("error.nothing_changes")
    for key, value in values.items():
        if not _fits(key, value) or (key == "installed_year" and isinstance(value, int) and value > this_year):
            raise Refused("error.bad_equipment", key=key[:64], value=str(value)[:64])
    written = dict(values)
    if "rated_power_w" in written:
        written["rated_power_inferred"] = False
    return written


def _fits(key: str, value: AttributeValue) -> bool:
    if key in CHOICES:
        return value in CHOICES[key]
    if key in TEXTS:
        return isinstance(value, str) and value == value.strip() and 0 < len(value) <= TEXTS[key]
    if key not in NUMBERS or isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if key == "installed_year" and not isinstance(value, int):
        return False
    return NUMBERS[key].low <= value <= NUMBERS[key].high


def needs_approval(lights: int) -> bool:
    """Whether a second person must agree, as with orders."""
    return lights > TWO_PERSONS_ABOVE
