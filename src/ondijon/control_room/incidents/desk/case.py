"""A locked incident at the desk: taken up under the law and its version, saved, told, announced."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from msgspec import Struct

from ondijon.control_room.incidents.model import PART, UNSEEN, Course, Pause, SlaClock, State, Step
from ondijon.control_room.incidents.queries import incidents as queries
from ondijon.control_room.incidents.rules.course import evolve, may_step
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk

_NOBODY = "OnDijon"


class Case(Struct, eq=False):
    """An incident that nobody else changes while this transaction lasts; what and trade follow when they change."""

    id: UUID
    row: Row
    course: Course
    what: str
    trade: str
    commune: str

    @property
    def number(self) -> str:
        return str(self.row["number"])


async def take_up(desk: ActDesk, incident: UUID, step: Step, version: int | None = None) -> Case:
    """Lock an incident for a step.

    Raises NotFound when it may not be seen, NotAllowed without `handle`, Refused when somebody has changed it since
    `version` (and who) or when the law has no such step now.
    """
    case = await look_up(desk, incident)
    if version is not None and version != case.row["version"]:
        raise Refused("error.changed_meanwhile", by=case.row["changed_name"] or _NOBODY)
    if not may_step(case.course, step):
        raise Refused("error.incident_step", step=step.value, state=case.course.state.value)
    return case


async def look_up(desk: ActDesk, incident: UUID) -> Case:
    """Lock an incident that the actor may handle, whatever its state."""
    row = await queries.find(desk.tx, incident) if await queries.lock(desk.tx, incident) else None
    if row is None:
        raise NotFound(UNSEEN)
    desk.demand("handle", row["trade"], row["commune"], unseen=UNSEEN)
    return Case(row["id"], row, course_of(row), row["what"], row["trade"], row["commune"])


def course_of(row: Row) -> Course:
    """The course that a row of `find` holds."""
    respond, resolve = (
        SlaClock(row[f"{name}_limit_s"], row[f"{name}_used_us"], row[f"{name}_since"], row[f"{name}_met_at"])
        for name in ("respond", "resolve")
    )
    pause = None
    if row["pause_id"] is not None:
        pause = Pause(row["pause_reason"], row["pause_since"], row["pause_until"])
    return Course(
        State(row["state"]),
        respond,
        resolve,
        pause,
        row["qualified_at"],
        row["started_at"],
        row["resolved_at"],
        row["closed_at"],
    )


async def advance(desk: ActDesk, case: Case, step: Step, pause: Pause | None = None, **values: Any) -> int:
    """Take the step, keep pauses in line with it, save; returns the version."""
    before, case.course = case.course, evolve(case.course, step, desk.now, pause)
    if before.pause is not None and case.course.pause is None:
        await queries.end_pause(desk.tx, case.id, desk.now)
    if before.pause is None and case.course.pause is not None:
        await queries.insert_pause(desk.tx, desk.new_id(), case.id, case.course.pause)
    return await save(desk, case, **values)


async def save(desk: ActDesk, case: Case, **values: Any) -> int:
    """Write the course and some more columns; returns the version."""
    columns = queries.columns_of(case.course) | values
    columns |= {"changed_by": desk.actor.pseudonym, "changed_at": desk.now}
    return await queries.save(desk.tx, case.id, columns)


async def write_text(desk: ActDesk, case: Case, kind: str, text: str) -> dict[str, str]:
    """Keep what somebody wrote; returns what a fact says of it: its id, or nothing when nothing was written."""
    if not text.strip():
        return {}
    text_id = desk.new_id()
    await queries.insert_text(desk.tx, text_id, case.id, kind, text.strip(), desk.actor.pseudonym, desk.now)
    return {"text": str(text_id)}


def tell(desk: ActDesk, case: Case, happened: str, payload: Mapping[str, Any] | None = None) -> None:
    """The fact `incident.{happened}`, and consoles look again."""
    desk.tell(
        f"incident.{happened}",
        trade=case.trade,
        commune=case.commune,
        subject=f"incident:{case.id}",
        twin=case.row["twin"],
        payload={"number": case.number, "what": case.what, **(payload or {})},
    )
    announce(desk, case)


def announce(desk: ActDesk, case: Case) -> None:
    desk.announce(PART, f"incident:{case.id}", case.trade, case.commune)
