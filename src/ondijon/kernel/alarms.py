"""Alarm states after ISA-18.2 / IEC 62682: ACTIVE or CLEARED, unacknowledged or acknowledged."""

from collections.abc import Callable
from enum import IntEnum, StrEnum
from typing import Any

from msgspec import Struct

from ondijon.kernel.arrays import Bools, Ints32
from ondijon.kernel.readings import Columns
from ondijon.kernel.twins import TwinsOfType


class Priority(IntEnum):
    """1 is urgent; colour is never alone in saying so."""

    URGENT = 1
    HIGH = 2
    MEDIUM = 3
    LOW = 4


class AlarmState(StrEnum):
    """The four live states and the end (IEC 62682, figure 4, without the shelved side)."""

    UNACKNOWLEDGED = "active_unacknowledged"
    ACKNOWLEDGED = "active_acknowledged"
    RETURNED = "cleared_unacknowledged"
    NORMAL = "normal"


class AlarmStep(StrEnum):
    """What can happen to an alarm."""

    RAISE = "raise"
    CLEAR = "clear"
    ACKNOWLEDGE = "acknowledge"


ALARM_LAW: dict[tuple[AlarmState, AlarmStep], AlarmState] = {
    (AlarmState.NORMAL, AlarmStep.RAISE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, AlarmStep.CLEAR): AlarmState.RETURNED,
    (AlarmState.UNACKNOWLEDGED, AlarmStep.ACKNOWLEDGE): AlarmState.ACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, AlarmStep.CLEAR): AlarmState.NORMAL,
    (AlarmState.RETURNED, AlarmStep.RAISE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.RETURNED, AlarmStep.ACKNOWLEDGE): AlarmState.NORMAL,
}


def evolve_alarm(state: AlarmState, step: AlarmStep) -> AlarmState:
    """The next state, or the same one where the step changes nothing."""
    return ALARM_LAW.get((state, step), state)


class AlarmView(Struct, frozen=True, eq=False):
    """What a predicate may look at: one type's columns and identities, its parents', and the time."""

    columns: Columns
    twins: TwinsOfType
    now_us: int


Predicate = Callable[[AlarmView, Ints32], Bools]
Evidence = Callable[[AlarmView, int], dict[str, Any]]


class RaisedBy(Struct, frozen=True):
    """The event that raises an alarm, and the device whose twin it stands at."""

    event: str
    device: str


class AlarmSpec(Struct, frozen=True, eq=False):
    """One kind of alarm: when it stands, how long before it says so, and how soon somebody must respond.

    predicate(view, rows) tells for each row whether the condition stands; it runs on the rows a batch touched,
    and on all rows each second when `on_tick`; without one, the alarm is `raised_by` an event and clears itself
    after `off_delay_s` of quiet. Cause, consequence and response are catalogue texts.
    """

    key: str
    twin_type: str
    priority: Priority
    response_s: int
    predicate: Predicate | None
    evidence: Evidence
    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    on_tick: bool = False
    procedure: str | None = None
    raised_by: RaisedBy | None = None
