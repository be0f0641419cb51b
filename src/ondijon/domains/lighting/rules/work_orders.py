"""The law of a work order: open, assigned, done or cancelled."""

from enum import StrEnum
from typing import Literal

from ondijon.kernel.errors import Refused

Kind = Literal["repair", "replacement", "inspection", "renewal", "other"]
MOST_PHOTOS = 12


class State(StrEnum):
    """Where a work order stands."""

    OPEN = "open"
    ASSIGNED = "assigned"
    DONE = "done"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What people do with it."""

    ASSIGN = "assign"
    RELEASE = "release"
    FINISH = "finish"
    CANCEL = "cancel"
    REOPEN = "reopen"
    ATTACH = "attach"


# A state that a step does not name refuses it.
LAW: dict[Step, dict[State, State]] = {
    Step.ASSIGN: {State.OPEN: State.ASSIGNED, State.ASSIGNED: State.ASSIGNED},
    Step.RELEASE: {State.ASSIGNED: State.OPEN},
    Step.FINISH: {State.OPEN: State.DONE, State.ASSIGNED: State.DONE},
    Step.CANCEL: {State.OPEN: State.CANCELLED, State.ASSIGNED: State.CANCELLED},
    Step.REOPEN: {State.DONE: State.OPEN, State.CANCELLED: State.OPEN},
    Step.ATTACH: {State.OPEN: State.OPEN, State.ASSIGNED: State.ASSIGNED, State.DONE: State.DONE},
}
ENDED = (State.DONE, State.CANCELLED)


def may_step(state: State, step: Step) -> bool:
    """Whether the law lets this step happen."""
    return state in LAW[step]


def evolve(state: State, step: Step) -> State:
    """The state after a step; raises Refused when the law has no such step here."""
    if not may_step(state, step):
        raise Refused("error.lighting_work_order_step", step=step.value, state=state.value)
    return LAW[step][state]
