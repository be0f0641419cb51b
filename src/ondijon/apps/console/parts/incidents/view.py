"""Incidents as the console shows them, within what a person may see."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from ondijon.apps.console.parts.incidents import queries
from ondijon.apps.console.parts.incidents.may import list_possible
from ondijon.apps.console.parts.incidents.shapes import (
    Asset,
    ClockShape,
    Counts,
    FileShape,
    HandedOver,
    Incident,
    IncidentDetail,
    IncidentTypeShape,
    Moment,
    Named,
    Numbered,
    Participant,
    PauseShape,
    Place,
    Sla,
    Source,
)
from ondijon.control_room.incidents.desk.case import course_of
from ondijon.control_room.incidents.model import UNSEEN, Course, SlaClock
from ondijon.control_room.incidents.rules.clocks import due_at, judge, used_us
from ondijon.kernel.city import City
from ondijon.kernel.errors import NotFound
from ondijon.kernel.i18n import Catalogue
from ondijon.kernel.identity import THE_POST, Actor
from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Rights, Scope

MOST_MOMENTS = 500
_HIDDEN = frozenset(["text", "calls", "people", "to", "what"])


class Reader(Struct, frozen=True, eq=False):
    """Who reads, in which language, and what with."""

    city: City
    rows: Rows
    rights: Rights
    now: datetime
    actor: Actor
    scope: Scope
    words: Catalogue
    language: str


async def list_incidents(reader: Reader, wanted: queries.Wanted, most: int) -> tuple[list[Incident], int]:
    """The incidents wanted, and how many there are."""
    seen = reader.rights.trade_pairs(reader.scope)
    found = await queries.list_wanted(reader.rows, seen, wanted, most)
    total = len(found) if len(found) < most else await queries.count_wanted(reader.rows, seen, wanted)
    return [Incident(**_fields_of(row, reader)) for row in found], total


async def find_row(reader: Reader, incident: UUID) -> Row:
    """Raises NotFound also when the incident exists and may not be seen."""
    row = await queries.find_one(reader.rows, reader.rights.trade_pairs(reader.scope), incident)
    if row is None:
        raise NotFound(UNSEEN)
    return row


async def get_incident(reader: Reader, incident: UUID, most_moments: int = MOST_MOMENTS) -> IncidentDetail:
    """One incident with everything that hangs on it; raises NotFound when it may not be seen."""
    row = await find_row(reader, incident)
    seen = reader.rights.trade_pairs(reader.scope)
    participants = await queries.list_participants(reader.rows, incident)
    return IncidentDetail(
        **_fields_of(row, reader),
        sources=[_to_source(one, reader) for one in await queries.list_sources(reader.rows, seen, incident)],
        assets=list(_to_assets(row["assets"], reader)),
        files=[_to_file(one, reader) for one in await queries.list_files(reader.rows, incident)],
        participants=[_to_participant(one) for one in participants],
        timeline=await _list_moments(reader, row, participants, most_moments),
        may=list_possible(reader.actor, row, course_of(row)),
        watching=[],
    )


async def list_types(reader: Reader) -> list[IncidentTypeShape]:
    """The catalogue, of the trades that the person sees."""
    rows = await queries.list_types(reader.rows, reader.scope.trades)
    return [msgspec.convert(row["content"], IncidentTypeShape) for row in rows]


def _fields_of(row: Row, reader: Reader) -> dict[str, Any]:
    """The fields of an incident out of its row; objects that the person does not see are not counted."""
    now = reader.now
    assets = sum(1 for _ in _to_assets(row["assets"], reader))
    course = course_of(row)
    pause = course.pause
    owned = row["owner"] is not None
    return {
        **{key: row[key] for key in ("id", "number", "type", "trade", "severity", "state", "opened_at", "version")},
        **{key: row[key] for key in ("qualified_at", "started_at", "resolved_at", "closed_at")},
        "title": row["title"] or "",
        "description": row["description"] or "",
        "place": Place(*(row[key] for key in ("lon", "lat", "commune", "street", "address", "twin"))),
        "owner": Named(row["owner_username"] or "", row["owner_name"] or "") if owned else None,
        "sla": Sla(_to_clock(course, course.respond, now), _to_clock(course, course.resolve, now)),
        "paused": None if pause is None else PauseShape(pause.reason, pause.until, pause.since),
        "merged_into": Numbered(row["merged_into"], row["into_number"]) if row["merged_into"] is not None else None,
        "counts": Counts(row["sources"], assets, row["files"], row["participants"], row["comments"]),
        "distance_m": None if row["distance_m"] is None else round(row["distance_m"]),
    }


def _to_clock(course: Course, clock: SlaClock, now: datetime) -> ClockShape:
    return ClockShape(clock.limit_s, used_us(clock, now) // 1_000_000, due_at(clock), judge(clock, now))


def _by(row: Row, pseudonym: UUID | None, reader: Reader) -> str:
    if pseudonym == THE_POST.pseudonym:
        return reader.words.get(THE_POST.name, THE_POST.name)
    return str(row["by_name"] or "")


def _to_source(row: Row, reader: Reader) -> Source:
    origin = Numbered(row["origin_id"], row["origin_number"]) if row["origin_id"] is not None else None
    by = _by(row, row["by"], reader)
    return Source(row["id"], row["kind"], row["source"], row["label"], row["at"], by, origin)


def _to_assets(urns: Sequence[str], reader: Reader) -> Iterable[Asset]:
    """The objects that the person sees."""
    for urn in urns:
        name = _find_name(urn, reader)
        if name is not None:
            yield Asset(urn, *name)


def _find_name(urn: str, reader: Reader) -> tuple[str, str] | None:
    """Name and type of an object that the person sees."""
    try:
        twins, place = reader.rights.get_visible(reader.scope, urn)
    except NotFound:
        return None
    return twins.records[place].name, twins.twin_type


def _to_file(row: Row, reader: Reader) -> FileShape:
    size = (row["bytes"], row["width"], row["height"])
    return FileShape(row["id"], row["name"], row["media_type"], *size, row["at"], _by(row, row["by"], reader))


def _to_participant(row: Row) -> Participant:
    given = None
    if row["handed_over_at"] is not None:
        words = (row["taken_by_name"] or "", row["reference"] or "", row["note"] or "")
        given = HandedOver(row["handed_over_at"], *words)
    return Participant(row["id"], row["contact"], row["name"], row["kind"], row["at"], row["released_at"], given)


async def _list_moments(reader: Reader, incident: Row, participants: Sequence[Row], most: int) -> list[Moment]:
    rows = await queries.list_moments(reader.rows, incident["id"], most)
    called = {UUID(one) for row in rows for one in _people(row["payload"])}
    names = {row["pseudonym"]: row["name"] for row in await queries.list_names(reader.rows, list(called))}
    notes = {str(row["id"]): _note(row) for row in participants}
    what = incident["what"] if reader.language == "fr" else incident["what_en"]
    moments = []
    for row in rows:
        payload = row["payload"]
        if "twin" in payload and _find_name(payload["twin"], reader) is None:
            continue
        text = row["text"] or ""
        if row["key"] == "incident.handed_over":
            text = notes.get(payload.get("participant", ""), "")
        values = _values(payload, names, what, reader.words)
        by = _by(row, row["actor"], reader)
        moments.append(Moment(row["id"], row["at"], f"timeline.{row['key']}", by, values, text))
    return moments


def _people(payload: Mapping[str, Any]) -> list[str]:
    return [*payload.get("people", ()), *([payload["to"]] if "to" in payload else [])]


def _note(participant: Row) -> str:
    return " : ".join(part for part in (participant["taken_by_name"], participant["note"]) if part)


def _values(payload: Mapping[str, Any], names: Mapping[UUID, str], what: str, words: Catalogue) -> dict[str, Any]:
    """A fact's values in words: names for pseudonyms, words for keys."""
    values = {key: value for key, value in payload.items() if key not in _HIDDEN}
    for key in ("reason", "kind"):
        if key in values:
            values[key] = words.get(f"incident.{key}.{values[key]}", values[key])
    called = [names.get(UUID(one), "?") for one in _people(payload)]
    return {**values, "what": what, "people": ", ".join(called), "to": called[0] if called else ""}
