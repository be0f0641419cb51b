"""What follows for calls from what happens to their incident, and from time."""

from uuid import UUID

from ondijon.control_room.calls import queries
from ondijon.control_room.calls.desk.case import local_day, look_up, save, tell
from ondijon.control_room.calls.model import LOST_AFTER, State
from ondijon.kernel.errors import NotFound
from ondijon.kernel.events import Event
from ondijon.kernel.room import ActDesk

MOST_AT_ONCE = 200
LINKED, REOPENED = "incident.linked", "incident.reopened"
OVER = ("incident.resolved", "incident.closed")


async def follow_incidents(desk: ActDesk, events: list[Event]) -> None:
    """A call goes where its incident goes; when that is over, its caller is to be told."""
    for event in events:
        incident = _id_in(event.subject)
        if incident is None:
            continue
        if event.key == LINKED:
            await _link(desk, _id_in(event.payload.get("call")), incident)
            continue
        for row in await queries.list_of_incident(desk.tx, incident):
            if event.key in OVER:
                await _want_call_back(desk, row["id"])
            elif event.key == REOPENED:
                await _want_none(desk, row["id"])


def _id_in(text: object) -> UUID | None:
    """The id at the end of `incident:{id}`, or an id alone."""
    if not isinstance(text, str):
        return None
    try:
        return UUID(text.rpartition(":")[2])
    except ValueError:
        return None


async def _link(desk: ActDesk, call: UUID | None, incident: UUID) -> None:
    if call is None:
        return
    try:
        case = await look_up(desk, call)
    except NotFound:  # what an incident calls a call need not be one of ours
        return
    if case.row["incident"] != incident:
        await save(desk, case, incident=incident)
        tell(desk, case, "linked", {"incident": str(incident)})


async def _want_call_back(desk: ActDesk, call: UUID) -> None:
    case = await look_up(desk, call)
    kept = case.row["promise_kept"]
    if kept is None and case.row["promise_at"] is not None and desk.now <= case.row["promise_at"]:
        kept = True
    if not case.row["reachable"] or case.row["anonymous"] or case.row["call_back"] is not None:
        if kept != case.row["promise_kept"]:
            await save(desk, case, promise_kept=kept)
        return
    await save(desk, case, call_back="wanted", call_back_since=desk.now, call_back_tries=0, promise_kept=kept)
    tell(desk, case, "call_back_wanted")


async def _want_none(desk: ActDesk, call: UUID) -> None:
    """It is not over after all: nobody is told so before it is again."""
    case = await look_up(desk, call)
    if case.row["call_back"] is not None:
        await save(desk, case, call_back=None, call_back_since=None)


async def tell_broken_promises(desk: ActDesk) -> None:
    """Tell `call.promise_broken` once for each promise whose date has passed; `people` is who took the call."""
    for row in await queries.list_broken(desk.tx, desk.now, MOST_AT_ONCE):
        case = await look_up(desk, row["id"])
        await save(desk, case, promise_kept=False)
        people = [str(case.row["taken_by"])] if case.row["taken_by"] is not None else []
        at = case.row["promise_at"]
        payload = {"at": at.isoformat(), "day": local_day(desk, at), "people": people}
        tell(desk, case, "promise_broken", payload)


async def give_up_lost(desk: ActDesk) -> None:
    """A call that rings for a quarter of an hour is one whose end nobody told: it leaves the list, and every figure."""
    for row in await queries.list_lost(desk.tx, desk.now - LOST_AFTER, MOST_AT_ONCE):
        case = await look_up(desk, row["id"])
        await save(desk, case, state=State.ABANDONED.value, lost=True)
        tell(desk, case, "lost")


async def give_up_unreachable(desk: ActDesk) -> None:
    """Whose number has been erased cannot be called back any more."""
    for row in await queries.list_unreachable(desk.tx, MOST_AT_ONCE):
        case = await look_up(desk, row["id"])
        await save(desk, case, call_back="gave_up")
        tell(desk, case, "call_back_lapsed")
