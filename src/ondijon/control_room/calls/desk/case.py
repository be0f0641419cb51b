"""A locked call at the desk: taken up under the law and its version, saved, told, announced."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from ondijon.control_room.calls import queries
from ondijon.control_room.calls.model import PART, UNSEEN, Course, State, Step
from ondijon.control_room.calls.rules.course import may_step
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk

_NOBODY = "OnDijon"


class Case(Struct, frozen=True, eq=False):
    """A call that nobody else changes while this transaction lasts."""

    id: UUID
    row: Row

    @property
    def state(self) -> State:
        return State(self.row["state"])

    @property
    def course(self) -> Course:
        return Course(self.row["rang_at"], self.row["answered_at"], self.row["hung_up_at"])

    @property
    def commune(self) -> str | None:
        commune: str | None = self.row["commune"]
        return commune


async def look_up(desk: ActDesk, call: UUID) -> Case:
    """Lock a call that the actor may answer, whatever its state; raises NotFound, NotAllowed."""
    row = await queries.find(desk.tx, call) if await queries.lock(desk.tx, call) else None
    if row is None:
        raise NotFound(UNSEEN)
    desk.demand("answer", PART, row["commune"], unseen=UNSEEN)
    return Case(call, row)


async def take_up(desk: ActDesk, call: UUID, step: Step, version: int | None = None) -> Case:
    """Lock a call for a step; raises Refused when it changed since `version`, or when the law has no such step."""
    case = await look_up(desk, call)
    if version is not None and version != case.row["version"]:
        raise Refused("error.changed_meanwhile", by=case.row["changed_name"] or _NOBODY)
    if not may_step(case.state, step):
        raise Refused("error.call_step", step=step.value, state=case.state.value)
    return case


async def save(desk: ActDesk, case: Case, **values: Any) -> int:
    """Write some columns; consoles look again. Returns the version."""
    version = await queries.save(desk.tx, case.id, {"changed_by": desk.actor.pseudonym, **values})
    announce(desk, case.id, values.get("commune", case.commune))
    return version


def announce(desk: ActDesk, call: UUID, commune: str | None) -> None:
    desk.announce(PART, f"call:{call}", PART, commune)


def tell(desk: ActDesk, case: Case, happened: str, payload: Mapping[str, Any] | None = None) -> None:
    """The fact `call.{happened}`; it names the call by its number of the room, never the caller."""
    tell_of(desk, case.id, case.row["call_no"], case.commune, happened, payload)


def tell_of(
    desk: ActDesk,
    call: UUID,
    call_no: int,
    commune: str | None,
    happened: str,
    payload: Mapping[str, Any] | None = None,
) -> None:
    desk.tell(
        f"call.{happened}",
        trade=PART,
        commune=commune,
        subject=f"call:{call}",
        payload={"call_no": call_no, **(payload or {})},
    )


def local_day(desk: ActDesk, at: datetime) -> str:
    """An instant as the logbook says it, by the city's own clock."""
    return at.astimezone(ZoneInfo(desk.city.card.timezone)).strftime("%d/%m/%Y %H:%M")
