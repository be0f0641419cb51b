"""Calls as the console shows them, within what a person may see."""

from collections.abc import Sequence
from datetime import datetime

from ondijon.apps.console.parts.calls import queries
from ondijon.apps.console.parts.calls.shapes import (
    Call,
    CallBackShape,
    CallerShape,
    IncidentOfCall,
    Person,
    Place,
    PromiseShape,
)
from ondijon.apps.console.room import Room, Seat
from ondijon.control_room.calls.model import PART, Course
from ondijon.control_room.calls.rules.course import waited_s
from ondijon.kernel.ports import Row


def reach_of(room: Room, seat: Seat) -> queries.Reach:
    """What this person sees of calls."""
    actor, rights = seat.person.actor, room.rights
    return queries.Reach(
        seen=sorted(rights.communes_of(seat.scope, PART)),
        answers=sorted(rights.communes_of(rights.scope_of(actor, "answer"), PART)),
        incidents=rights.trade_pairs(seat.scope),
        pseudonym=actor.pseudonym,
    )


def call_of(row: Row, now: datetime) -> Call:
    """The shape of one row; who may not answer gets neither the caller nor the words."""
    course = Course(row["rang_at"], row["answered_at"], row["hung_up_at"])
    return Call(
        id=row["id"],
        call_no=row["call_no"],
        channel=row["channel"],
        state=row["state"],
        rang_at=row["rang_at"],
        answered_at=row["answered_at"],
        ended_at=row["hung_up_at"],
        waited_s=round(waited_s(course, now), 1),
        taken_by=Person(row["username"], row["taken_name"]) if row["username"] else None,
        caller=CallerShape(row["number"], row["name"]) if row["may_answer"] else None,
        anonymous=row["anonymous"],
        type=row["type"],
        text=row["text"] or "",
        place=_place(row),
        answers=row["answers"] or {},
        incident=_incident(row),
        promise=_promise(row),
        call_back=_call_back(row),
        version=row["version"],
    )


def calls_of(rows: Sequence[Row], now: datetime) -> list[Call]:
    return [call_of(row, now) for row in rows]


def _place(row: Row) -> Place | None:
    if row["lon"] is None:
        return None
    return Place(row["lon"], row["lat"], row["commune"], row["street"], row["address"], row["twin"])


def _incident(row: Row) -> IncidentOfCall | None:
    if row["incident_id"] is None:
        return None
    return IncidentOfCall(
        row["incident_id"], row["incident_number"], row["incident_state"], row["incident_title"] or ""
    )


def _promise(row: Row) -> PromiseShape | None:
    if row["promise_at"] is None:
        return None
    return PromiseShape(row["promise_at"], row["promise"] or "", row["promise_kept"])


def _call_back(row: Row) -> CallBackShape | None:
    if row["call_back"] is None:
        return None
    return CallBackShape(row["call_back"], row["call_back_tries"], row["call_back_since"])
