"""What the telephone system tells, in whatever order it comes."""

from uuid import UUID

from ondijon.control_room.calls import queries
from ondijon.control_room.calls.commands import HearCall
from ondijon.control_room.calls.desk.case import Case, announce, look_up, save, tell, tell_of
from ondijon.control_room.calls.model import MOST_RINGING, PART, Course, State
from ondijon.control_room.calls.rules.course import decide_instant, decide_number, evolve, state_of, waited_s
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.room import ActDesk


async def hear(desk: ActDesk, asked: HearCall) -> dict[str, str]:
    """Take note of one event; the same again, or one that comes late, changes nothing that is known better.

    Only the post itself asks for this, for a telephone system that showed its token. Raises Refused for a clock that
    cannot be right, and when too many calls ring at once to be true.
    """
    if desk.actor.pseudonym != THE_POST.pseudonym:
        raise NotFound("error.unknown_act", key="calls.hear")
    desk.demand("answer", PART, None)
    at = decide_instant(asked.at, desk.now)
    known = await queries.lock_cti(desk.tx, asked.call)
    if known is None:
        call = await _first_heard(desk, asked, Course(at))
    else:
        call = known["id"]
    case = await look_up(desk, call)
    number = _number_of(asked)
    if number is not None and not case.row["anonymous"]:
        await queries.add_number(desk.tx, call, number, desk.now)
    await _move(desk, case, evolve(case.course, asked.event, at), await _agent(desk, asked.agent))
    return {"id": str(call)}


async def _first_heard(desk: ActDesk, asked: HearCall, course: Course) -> UUID:
    if await queries.count_ringing(desk.tx) >= MOST_RINGING:
        raise Refused("error.too_many_calls")
    call = desk.new_id()
    call_no = await queries.insert(desk.tx, call, "cti", asked.call, State.RINGING, course, desk.actor.pseudonym)
    tell_of(desk, call, call_no, None, "rang")
    announce(desk, call, None)
    return call


async def _move(desk: ActDesk, case: Case, course: Course, agent: UUID | None) -> None:
    """Write the course that is known now, and tell what is new."""
    if course == case.course and (agent is None or case.row["taken_by"] is not None):
        return
    before, after = case.state, state_of(course)
    if case.course.answered_at is None and course.answered_at is not None:
        tell(desk, case, "answered", {"waited_s": round(waited_s(course, desk.now))})
    if after == State.ENDED and before != after:
        tell(desk, case, "ended")
    elif after == State.ABANDONED and before != after:
        tell(desk, case, "abandoned", {"waited_s": round(waited_s(course, desk.now))})
    await save(
        desk,
        case,
        state=after.value,
        rang_at=course.rang_at,
        answered_at=course.answered_at,
        hung_up_at=course.hung_up_at,
        taken_by=case.row["taken_by"] or agent,
        lost=False,
    )


def _number_of(asked: HearCall) -> str | None:
    """A number that the network withholds or garbles is none; the event counts all the same."""
    try:
        return decide_number(asked.number)
    except Refused:
        return None


async def _agent(desk: ActDesk, username: str | None) -> UUID | None:
    row = None if username is None else await queries.find_agent(desk.tx, username)
    return None if row is None else row["pseudonym"]
