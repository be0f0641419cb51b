"""The law of an incident: from which state which step leads where, and what it does to the clocks."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from ondijon.control_room.incidents.model import OPEN, Course, Pause, SlaClock, State, Step
from ondijon.control_room.incidents.rules.clocks import go_on, meet, run, stand
from ondijon.kernel.errors import Refused

_STAY_OPEN = {state: state for state in OPEN}
_UNTIL_RESOLVED = {**_STAY_OPEN, State.RESOLVED: State.RESOLVED}

# reported > qualified > in_progress > resolved > closed; a state that a step does not name refuses it.
LAW: dict[Step, dict[State, State]] = {
    Step.QUALIFY: {**_UNTIL_RESOLVED, State.REPORTED: State.QUALIFIED},
    Step.START: {State.REPORTED: State.IN_PROGRESS, State.QUALIFIED: State.IN_PROGRESS},
    Step.RESOLVE: dict.fromkeys(OPEN, State.RESOLVED),
    Step.CLOSE: dict.fromkeys((State.REPORTED, State.QUALIFIED, State.RESOLVED), State.CLOSED),
    Step.REOPEN: dict.fromkeys((State.RESOLVED, State.CLOSED), State.IN_PROGRESS),
    Step.MERGE: dict.fromkeys(OPEN, State.MERGED),
    Step.PAUSE: _STAY_OPEN,
    Step.RESUME: _STAY_OPEN,
    Step.TAKE: _UNTIL_RESOLVED,
    Step.RELEASE: _UNTIL_RESOLVED,
    Step.ASSIGN: _UNTIL_RESOLVED,
    Step.SPLIT: _UNTIL_RESOLVED,
    Step.HAND_OVER: _UNTIL_RESOLVED,
    Step.ADD: _UNTIL_RESOLVED,
    Step.DROP: _UNTIL_RESOLVED,
    Step.COMMENT: {**_UNTIL_RESOLVED, State.CLOSED: State.CLOSED},
}


def may_step(course: Course, step: Step) -> bool:
    """Whether the law lets this step happen now."""
    if course.state not in LAW[step]:
        return False
    if step in (Step.PAUSE, Step.RESUME):
        return (course.pause is None) == (step == Step.PAUSE)
    return True


def needs_text(course: Course, step: Step) -> bool:
    """Whether the step must say why: resolving, reopening, and closing what nobody worked on."""
    return step in (Step.RESOLVE, Step.REOPEN) or (step == Step.CLOSE and course.state != State.RESOLVED)


def open_course(respond_s: int, resolve_s: int, at: datetime) -> Course:
    """A new incident: both clocks run from the moment it is known."""
    return Course(State.REPORTED, SlaClock(respond_s, since=at), SlaClock(resolve_s, since=at))


def evolve(course: Course, step: Step, at: datetime, pause: Pause | None = None) -> Course:
    """The course after a step; raises Refused when the law has no such step here. pause: with PAUSE only."""
    if not may_step(course, step):
        raise Refused("error.incident_step", step=step.value, state=course.state.value)
    if step == Step.PAUSE and pause is not None:
        return _both(replace(course, pause=pause), stand, at)
    change = _CHANGES.get(step)
    following = replace(course, state=LAW[step][course.state])
    return following if change is None else change(following, at)


def set_limits(course: Course, respond_s: int, resolve_s: int) -> Course:
    """The same course under another promise; what was used stays used."""
    return replace(
        course,
        respond=replace(course.respond, limit_s=respond_s),
        resolve=replace(course.resolve, limit_s=resolve_s),
    )


def _both(course: Course, change: Callable[[SlaClock, datetime], SlaClock], at: datetime) -> Course:
    return replace(course, respond=change(course.respond, at), resolve=change(course.resolve, at))


def _resume(course: Course, at: datetime) -> Course:
    """The clocks go on when the pause was to end, or now if that is earlier or was left open."""
    if course.pause is None:
        return course
    ended = at if course.pause.until is None else min(at, course.pause.until)
    return _both(replace(course, pause=None), run, ended)


def _qualify(course: Course, at: datetime) -> Course:
    return replace(course, qualified_at=course.qualified_at or at)


def _start(course: Course, at: datetime) -> Course:
    course = _resume(_qualify(course, at), at)
    return replace(course, started_at=course.started_at or at, respond=meet(course.respond, at))


def _resolve(course: Course, at: datetime) -> Course:
    course = _both(_resume(_qualify(course, at), at), meet, at)
    return replace(course, resolved_at=at)


def _close(course: Course, at: datetime) -> Course:
    return replace(_both(_resume(course, at), meet, at), closed_at=at)


def _reopen(course: Course, at: datetime) -> Course:
    again = go_on(course.resolve, at)
    started = course.started_at or at
    return replace(course, resolve=again, started_at=started, resolved_at=None, closed_at=None)


def _merge(course: Course, at: datetime) -> Course:
    """Its clocks stop for good: the other incident's clocks run on."""
    return _both(_resume(course, at), stand, at)


_CHANGES: dict[Step, Callable[[Course, datetime], Course]] = {
    Step.QUALIFY: _qualify,
    Step.START: _start,
    Step.RESOLVE: _resolve,
    Step.CLOSE: _close,
    Step.REOPEN: _reopen,
    Step.RESUME: _resume,
    Step.MERGE: _merge,
}
