"""Alarm states after ISA-18.2 / IEC 62682: active, cleared or latched, unacknowledged or acknowledged."""

from collections.abc import Callable
from enum import IntEnum, StrEnum
from typing import Any, Literal

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
    """The live states and the end (IEC 62682, figure 4, without the shelved side, which is the card's)."""

    UNACKNOWLEDGED = "active_unacknowledged"
    ACKNOWLEDGED = "active_acknowledged"
    RETURNED = "cleared_unacknowledged"
    LATCHED_UNACKNOWLEDGED = "latched_unacknowledged"
    LATCHED_ACKNOWLEDGED = "latched_acknowledged"
    NORMAL = "normal"


class AlarmStep(StrEnum):
    """What can happen to an alarm; LATCH: its condition is gone, and its kind waits for a person's reset;

    UNSHELVE: the time for which it was put aside is over, so that it is annunciated afresh.
    """

    RAISE = "raise"
    CLEAR = "clear"
    LATCH = "latch"
    ACKNOWLEDGE = "acknowledge"
    RESET = "reset"
    UNSHELVE = "unshelve"


ALARM_LAW: dict[tuple[AlarmState, AlarmStep], AlarmState] = {
    (AlarmState.NORMAL, AlarmStep.RAISE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, AlarmStep.CLEAR): AlarmState.RETURNED,
    (AlarmState.UNACKNOWLEDGED, AlarmStep.LATCH): AlarmState.LATCHED_UNACKNOWLEDGED,
    (AlarmState.UNACKNOWLEDGED, AlarmStep.ACKNOWLEDGE): AlarmState.ACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, AlarmStep.CLEAR): AlarmState.NORMAL,
    (AlarmState.ACKNOWLEDGED, AlarmStep.LATCH): AlarmState.LATCHED_ACKNOWLEDGED,
    (AlarmState.ACKNOWLEDGED, AlarmStep.UNSHELVE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.RETURNED, AlarmStep.RAISE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.RETURNED, AlarmStep.ACKNOWLEDGE): AlarmState.NORMAL,
    (AlarmState.LATCHED_UNACKNOWLEDGED, AlarmStep.RAISE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.LATCHED_UNACKNOWLEDGED, AlarmStep.ACKNOWLEDGE): AlarmState.LATCHED_ACKNOWLEDGED,
    (AlarmState.LATCHED_UNACKNOWLEDGED, AlarmStep.RESET): AlarmState.RETURNED,
    (AlarmState.LATCHED_ACKNOWLEDGED, AlarmStep.RAISE): AlarmState.UNACKNOWLEDGED,
    (AlarmState.LATCHED_ACKNOWLEDGED, AlarmStep.UNSHELVE): AlarmState.LATCHED_UNACKNOWLEDGED,
    (AlarmState.LATCHED_ACKNOWLEDGED, AlarmStep.RESET): AlarmState.NORMAL,
}


def moves_of(step: AlarmStep) -> tuple[list[str], list[str]]:
    """The states that a step changes, and what each becomes, for `unnest($n::text[], $m::text[])`."""
    moves = [(before, after) for (before, other), after in ALARM_LAW.items() if other == step]
    return [before.value for before, _ in moves], [after.value for _, after in moves]


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
    clears: what ends a condition that stands, where that is more than its absence (deadband; catalogue word
    `.deadband`); suppressed: rows where the condition is by design no alarm; latched: stays until somebody resets it;
    path: which path of the topology it speaks of; chatter_raises within chatter_window_s shelve it by themselves;
    together_from: so many twins of one parent whose condition stands since less than the delay need not wait for it.
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
    path: Literal["supply", "link", ""] = ""
    clears: Predicate | None = None
    suppressed: Predicate | None = None
    latched: bool = False
    chatter_raises: int = 5
    chatter_window_s: float = 600.0
    together_from: int = 0
