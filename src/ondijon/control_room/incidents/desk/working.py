"""Works on an incident: qualified, owned, started, paused, resolved, closed, reopened."""

from datetime import timedelta
from typing import Any

from ondijon.control_room.incidents.commands import (
    AssignIncident,
    MoveIncident,
    OnIncident,
    PauseIncident,
    QualifyIncident,
    ResumeIncident,
)
from ondijon.control_room.incidents.desk.case import Case, advance, take_up, tell, write_text
from ondijon.control_room.incidents.desk.opening import choose_type
from ondijon.control_room.incidents.desk.people import find_colleague
from ondijon.control_room.incidents.desk.place import locate
from ondijon.control_room.incidents.model import Pause, State, Step
from ondijon.control_room.incidents.queries import incidents as queries
from ondijon.control_room.incidents.queries import parts
from ondijon.control_room.incidents.rules.course import needs_text, set_limits
from ondijon.kernel.errors import Refused
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.room import ActDesk

LONGEST_PAUSE = timedelta(days=90)
_HAPPENED = {
    Step.START: "started",
    Step.RESOLVE: "resolved",
    Step.CLOSE: "closed",
    Step.REOPEN: "reopened",
}


async def qualify(desk: ActDesk, asked: QualifyIncident) -> dict[str, int]:
    """Say what it really is; another type brings its own promise, another place its own commune."""
    case = await take_up(desk, asked.id, Step.QUALIFY, asked.version)
    was_reported = case.course.state == State.REPORTED
    values: dict[str, Any] = {
        "severity": asked.severity,
        "title": asked.title.strip() or None,
        "description": asked.description.strip() or None,
    }
    if asked.type != case.row["type"]:
        chosen = await choose_type(desk, asked.type, None)
        case.trade, case.what = chosen.type.trade, chosen.type.fr
        case.course = set_limits(case.course, chosen.type.respond_s, chosen.type.resolve_s)
        values |= {"type": chosen.type.key, "type_version": chosen.version, "trade": chosen.type.trade}
    if asked.place is not None:
        place = await locate(desk, asked.place, None, None)
        case.commune = place.commune
        values |= {"commune": place.commune, "street": place.street, "address": place.address, "twin": place.twin}
        await queries.move_to(desk.tx, case.id, place.lon, place.lat)
    desk.demand("handle", case.trade, case.commune)
    version = await advance(desk, case, Step.QUALIFY, **values)
    tell(desk, case, "qualified" if was_reported else "corrected", {"type": asked.type, "severity": asked.severity})
    _announce_former(desk, case)
    return {"version": version}


def _announce_former(desk: ActDesk, case: Case) -> None:
    """Who saw it where it was looks again too."""
    desk.announce("incidents", f"incident:{case.id}", case.row["trade"], case.row["commune"])


async def take(desk: ActDesk, asked: OnIncident) -> dict[str, int]:
    """Own it; who owns it already changes nothing."""
    case = await take_up(desk, asked.id, Step.TAKE, asked.version)
    if case.row["owner"] == desk.actor.pseudonym:
        return {"version": case.row["version"]}
    version = await advance(desk, case, Step.TAKE, owner=desk.actor.pseudonym)
    tell(desk, case, "taken")
    return {"version": version}


async def release(desk: ActDesk, asked: OnIncident) -> dict[str, int]:
    """Give it back to the room."""
    case = await take_up(desk, asked.id, Step.RELEASE, asked.version)
    if case.row["owner"] is None:
        raise Refused("error.incident_not_owned")
    version = await advance(desk, case, Step.RELEASE, owner=None)
    tell(desk, case, "released")
    return {"version": version}


async def assign(desk: ActDesk, asked: AssignIncident) -> dict[str, int]:
    """Give it to somebody who may handle it."""
    case = await take_up(desk, asked.id, Step.ASSIGN, asked.version)
    to = await find_colleague(desk, case, asked.username, "handle")
    version = await advance(desk, case, Step.ASSIGN, owner=to.pseudonym)
    tell(desk, case, "assigned", {"to": str(to.pseudonym), "people": [str(to.pseudonym)]})
    return {"version": version}


async def start(desk: ActDesk, asked: MoveIncident) -> dict[str, int]:
    """Work begins; who begins it owns it when nobody does."""
    return await _move(desk, asked, Step.START)


async def resolve(desk: ActDesk, asked: MoveIncident) -> dict[str, int]:
    """What was wrong is right again; the text says how."""
    return await _move(desk, asked, Step.RESOLVE)


async def close(desk: ActDesk, asked: MoveIncident) -> dict[str, int]:
    """Nothing is left to do; without any work done the text says why."""
    return await _move(desk, asked, Step.CLOSE)


async def reopen(desk: ActDesk, asked: MoveIncident) -> dict[str, int]:
    """It was not over; the text says why."""
    return await _move(desk, asked, Step.REOPEN)


async def _move(desk: ActDesk, asked: MoveIncident, step: Step) -> dict[str, int]:
    case = await take_up(desk, asked.id, step, asked.version)
    if needs_text(case.course, step) and not asked.text.strip():
        raise Refused("error.incident_text_needed")
    values: dict[str, Any] = {}
    if step == Step.START and case.row["owner"] is None and desk.actor.pseudonym != THE_POST.pseudonym:
        values["owner"] = desk.actor.pseudonym
    version = await advance(desk, case, step, **values)
    payload: dict[str, Any] = await write_text(desk, case, _HAPPENED[step], asked.text)
    if step != Step.START:
        payload["calls"] = await parts.list_calls(desk.tx, case.id)
    tell(desk, case, _HAPPENED[step], payload)
    return {"version": version}


async def pause(desk: ActDesk, asked: PauseIncident) -> dict[str, int]:
    """Both clocks stand still, for a reason, until they are let go or until the time said."""
    case = await take_up(desk, asked.id, Step.PAUSE, asked.version)
    until = asked.until
    if until is not None and (until.tzinfo is None or not desk.now < until <= desk.now + LONGEST_PAUSE):
        raise Refused("error.pause_until", days=LONGEST_PAUSE.days)
    version = await advance(desk, case, Step.PAUSE, Pause(asked.reason, desk.now, until))
    tell(desk, case, "paused", {"reason": asked.reason, "until": asked.until})
    return {"version": version}


async def resume(desk: ActDesk, asked: ResumeIncident) -> dict[str, int]:
    """The clocks run again."""
    case = await take_up(desk, asked.id, Step.RESUME, asked.version)
    version = await advance(desk, case, Step.RESUME)
    tell(desk, case, "resumed")
    return {"version": version}
