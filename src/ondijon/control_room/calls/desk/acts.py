"""What people do with calls."""

from ondijon.control_room.calls import queries
from ondijon.control_room.calls.commands import (
    CallBackCall,
    LinkCall,
    OnCall,
    OpenCall,
    PlaceAsked,
    PromiseCall,
    SaveCall,
)
from ondijon.control_room.calls.desk.case import announce, local_day, save, take_up, tell, tell_of
from ondijon.control_room.calls.model import PART, Caller, Course, PlaceOfCall, State, Step, Try
from ondijon.control_room.calls.rules.course import (
    CALLED_BACK,
    decide_number,
    decide_promise,
    evolve,
    state_of,
    waited_s,
)
from ondijon.control_room.calls.rules.place import lies_within
from ondijon.kernel.errors import Refused
from ondijon.kernel.room import ActDesk


async def open_call(desk: ActDesk, asked: OpenCall) -> dict[str, str]:
    """A card by hand, for somebody who is on the line already; it counts in no figure of the queue."""
    desk.demand("answer", PART, None)
    number = decide_number(asked.number)
    call = desk.new_id()
    course = Course(desk.now, desk.now)
    call_no = await queries.insert(desk.tx, call, "hand", None, State.OPEN, course, desk.actor.pseudonym)
    await queries.save(desk.tx, call, {"taken_by": desk.actor.pseudonym})
    if number is not None or asked.name:
        await queries.save_caller(desk.tx, call, Caller(number, asked.name or None), desk.now)
    tell_of(desk, call, call_no, None, "opened")
    announce(desk, call, None)
    return {"id": str(call)}


async def take(desk: ActDesk, asked: OnCall) -> dict[str, int]:
    """Answer a ringing call; one wins, the others are told who."""
    case = await take_up(desk, asked.id, Step.TAKE, asked.version)
    course = evolve(case.course, "answered", desk.now)
    tell(desk, case, "answered", {"waited_s": round(waited_s(course, desk.now))})
    values = {"state": state_of(course).value, "answered_at": course.answered_at, "taken_by": desk.actor.pseudonym}
    return {"version": await save(desk, case, **values)}


async def save_call(desk: ActDesk, asked: SaveCall) -> dict[str, int]:
    """Keep what is noted; the caller, the words and the place each where they belong."""
    case = await take_up(desk, asked.id, Step.SAVE, asked.version)
    number = decide_number(asked.number)
    place = None if asked.place is None else await _locate(desk, asked.place)
    if place is not None:
        desk.demand("answer", PART, place.commune)
    if asked.anonymous or (number is None and not asked.name):
        await queries.forget_caller(desk.tx, case.id)
    else:
        await queries.save_caller(desk.tx, case.id, Caller(number, asked.name or None), desk.now)
    await queries.save_words(desk.tx, case.id, asked.text, asked.answers, desk.now)
    await queries.set_place(desk.tx, case.id, place)
    announce(desk, case.id, case.commune)
    commune = None if place is None else place.commune
    return {"version": await save(desk, case, type=asked.type, anonymous=asked.anonymous, commune=commune)}


async def _locate(desk: ActDesk, asked: PlaceAsked) -> PlaceOfCall:
    """The place with the commune that the point lies in; raises Refused outside of all."""
    for row in await queries.list_communes_near(desk.tx, asked.lon, asked.lat):
        if not row["boundary"] or lies_within(row["boundary"], asked.lon, asked.lat):
            insee = str(row["insee"])
            return PlaceOfCall(
                asked.lon, asked.lat, insee, asked.street or None, asked.address or None, asked.twin or None
            )
    raise Refused("error.place_outside")


async def link(desk: ActDesk, asked: LinkCall) -> dict[str, int]:
    """The call is about an incident that is known; that takes the right to handle the incident too."""
    case = await take_up(desk, asked.id, Step.LINK)
    await desk.perform("incidents.add_source", {"id": str(asked.incident), "kind": "call", "source": str(asked.id)})
    if case.row["incident"] != asked.incident:
        await save(desk, case, incident=asked.incident, call_back=None, call_back_since=None)
        tell(desk, case, "linked", {"incident": str(asked.incident)})
    return {}


async def promise(desk: ActDesk, asked: PromiseCall) -> dict[str, int]:
    """Note what the caller was told, and by when; a new promise takes the place of the former."""
    case = await take_up(desk, asked.id, Step.PROMISE)
    at = decide_promise(asked.at, desk.now)
    await queries.save_promise(desk.tx, case.id, asked.text, desk.now)
    await save(desk, case, promise_at=at, promise_kept=None)
    tell(desk, case, "promised", {"at": at.isoformat(), "day": local_day(desk, at)})
    return {}


async def end(desk: ActDesk, asked: OnCall) -> dict[str, int]:
    """Hang up."""
    case = await take_up(desk, asked.id, Step.END, asked.version)
    course = evolve(case.course, "ended", desk.now)
    tell(desk, case, "ended")
    return {"version": await save(desk, case, state=state_of(course).value, hung_up_at=course.hung_up_at)}


async def call_back(desk: ActDesk, asked: CallBackCall) -> dict[str, int]:
    """Note how calling back went; who was reached in time has the promise kept."""
    case = await take_up(desk, asked.id, Step.CALL_BACK)
    if case.row["call_back"] != "wanted":
        raise Refused("error.no_call_back_wanted")
    await queries.insert_try(
        desk.tx, Try(desk.new_id(), case.id, asked.outcome, asked.text), desk.actor.pseudonym, desk.now
    )
    kept = case.row["promise_kept"]
    if kept is None and case.row["promise_at"] is not None and asked.outcome == "reached":
        kept = desk.now <= case.row["promise_at"]
    tries = case.row["call_back_tries"] + 1
    state = CALLED_BACK[asked.outcome]
    await save(desk, case, call_back=state, call_back_tries=tries, promise_kept=kept)
    tell(desk, case, f"called_back_{asked.outcome}", {"tries": tries})
    return {}
