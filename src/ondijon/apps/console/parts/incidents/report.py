"""Everything about an incident on paper and as JSON, for whoever may take it out of the room."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from ondijon.apps.console.parts.incidents import queries
from ondijon.apps.console.parts.incidents.files import find_with_right
from ondijon.apps.console.parts.incidents.routes import reader_of
from ondijon.apps.console.parts.incidents.shapes import ClockShape, HandedOver, IncidentDetail, IncidentTypeShape
from ondijon.apps.console.parts.incidents.view import get_incident
from ondijon.apps.console.room import Room, Seat, TheRoom, TheSeat, language_of
from ondijon.kernel.i18n import say
from ondijon.web.printing import Block, Facts, Picture, Printed, Prose, Section, Table, print_aside

AnyRequest = Request[Any, Any, Any]
_MOST_PICTURES = 8
_EVERY_MOMENT = 100_000
_TIME = {"fr": "%d/%m/%Y %H:%M:%S", "en": "%d %b %Y %H:%M:%S"}


class Export(Struct, frozen=True):
    """An incident as it leaves the room; format is `ondijon.incident/1`."""

    format: str
    city: str
    synthetic: bool
    exported_at: datetime
    incident: IncidentDetail
    type: IncidentTypeShape | None


class Paper(Struct, frozen=True):
    """The words and the time zone of a printed document."""

    words: Mapping[str, str]
    zone: ZoneInfo
    language: str

    def say(self, key: str, **values: str | int) -> str:
        return say(self.words, f"incident.report.{key}", values)

    def time(self, instant: datetime | None) -> str:
        return "" if instant is None else instant.astimezone(self.zone).strftime(_TIME[self.language])


@get("/incidents/{incident_id:uuid}/report.pdf")
async def report(
    request: AnyRequest,
    room: TheRoom,
    seat: TheSeat,
    incident_id: FromPath[UUID],
    lang: Annotated[Literal["fr", "en"] | None, QueryParameter(name="lang")] = None,
) -> Response[bytes]:
    """Everything, printable; an audit line tells that it left."""
    language = lang or language_of(request)
    await find_with_right(room, seat, incident_id, "export")
    detail = await get_incident(reader_of(room, seat, language), incident_id, _EVERY_MOMENT)
    kind = await _find_type(room, detail.id)
    pictures = await queries.list_pictures(room.rows, incident_id, _MOST_PICTURES)
    paper = Paper(room.strings.get(language, {}), ZoneInfo(room.city.card.timezone), language)
    blocks = [Picture(row["content"], f"{row['name']}, {paper.time(row['at'])}") for row in pictures]
    printed = _print(room, seat, detail, kind, paper, blocks)
    content = await print_aside(printed)
    await room.post.record_act(seat.person.actor, "incident.exported", f"incident:{incident_id}", {"form": "pdf"})
    headers = {"Content-Disposition": f'attachment; filename="incident-{detail.number}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


@get("/incidents/{incident_id:uuid}/export.json")
async def export(request: AnyRequest, room: TheRoom, seat: TheSeat, incident_id: FromPath[UUID]) -> Response[bytes]:
    """Everything in an open format, files by their names and sizes; an audit line tells that it left."""
    await find_with_right(room, seat, incident_id, "export")
    detail = await get_incident(reader_of(room, seat, language_of(request)), incident_id, _EVERY_MOMENT)
    card = room.city.card
    kind = await _find_type(room, detail.id)
    whole = Export("ondijon.incident/1", card.key, card.synthetic, room.clock.now(), detail, kind)
    await room.post.record_act(seat.person.actor, "incident.exported", f"incident:{incident_id}", {"form": "json"})
    headers = {"Content-Disposition": f'attachment; filename="incident-{detail.number}.json"'}
    return Response(msgspec.json.encode(whole), media_type="application/json", headers=headers)


async def _find_type(room: Room, incident: UUID) -> IncidentTypeShape | None:
    """The version of the type that the incident has."""
    row = await queries.find_type(room.rows, incident)
    return None if row is None else msgspec.convert(row["content"], IncidentTypeShape)


def _print(
    room: Room,
    seat: Seat,
    detail: IncidentDetail,
    kind: IncidentTypeShape | None,
    paper: Paper,
    pictures: Sequence[Block],
) -> Printed:
    what = "" if kind is None else (kind.fr if paper.language == "fr" else kind.en)
    communes = {one.insee: one.name for one in room.city.communes}
    sections = [
        Section(paper.say("facts"), [_facts(detail, what, communes, paper)]),
        Section(paper.say("description"), [Prose(detail.description)] if detail.description else []),
        Section(paper.say("clocks"), [_clocks(detail, paper)]),
        Section(paper.say("sources"), [_sources(detail, paper)]),
        Section(paper.say("assets"), [_assets(detail, paper)]),
        Section(paper.say("participants"), [_participants(detail, paper)]),
        Section(paper.say("files"), [_files(detail, paper), *pictures]),
        Section(paper.say("timeline"), [_timeline(detail, paper)]),
    ]
    at = paper.time(room.clock.now())
    return Printed(
        title=paper.say("title", number=detail.number),
        subtitle=f"{detail.title or what} · {room.city.card.name}",
        sections=[section for section in sections if section.blocks and not _is_empty(section.blocks)],
        footer=paper.say("footer", name=seat.person.actor.name, at=at),
        page=paper.words.get("incident.report.page", "{page} / {pages}"),
        mark=paper.say("synthetic") if room.city.card.synthetic else "",
        language=paper.language,
    )


def _is_empty(blocks: object) -> bool:
    return isinstance(blocks, list) and all(isinstance(one, Table) and not one.rows for one in blocks)


def _facts(detail: IncidentDetail, what: str, communes: Mapping[str, str], paper: Paper) -> Facts:
    place = detail.place
    where = ", ".join(part for part in (place.address or place.street, communes.get(place.commune)) if part)
    state = paper.words.get(f"incident.state.{detail.state}", detail.state)
    pairs = [
        (paper.say("state"), state),
        (paper.say("type"), what),
        (paper.say("severity"), str(detail.severity)),
        (paper.say("where"), f"{where} ({place.lat:.5f}, {place.lon:.5f})"),
        (paper.say("owner"), detail.owner.name if detail.owner is not None else paper.say("nobody")),
        (paper.say("opened"), paper.time(detail.opened_at)),
    ]
    if detail.merged_into is not None:
        pairs.append((paper.say("merged_into"), detail.merged_into.number))
    if detail.paused is not None:
        reason = paper.words.get(f"incident.reason.{detail.paused.reason}", detail.paused.reason)
        pairs.append((paper.say("paused"), f"{reason} {paper.time(detail.paused.until)}"))
    return Facts(pairs)


def _clocks(detail: IncidentDetail, paper: Paper) -> Table:
    def row(name: str, clock: ClockShape) -> list[str]:
        named = paper.words.get(f"incident.clock_name.{name}", name)
        judged = paper.words.get(f"incident.clock.{clock.state}", clock.state)
        limit, used = (
            paper.say("minutes", minutes=clock.limit_s // 60),
            paper.say("minutes", minutes=clock.used_s // 60),
        )
        return [named, limit, used, paper.time(clock.due_at), judged]

    head = [paper.say(key) for key in ("clock", "limit", "used", "due", "state")]
    rows = [row("respond", detail.sla.respond), row("resolve", detail.sla.resolve)]
    return Table(head, rows, [3, 2, 2, 3, 2])


def _sources(detail: IncidentDetail, paper: Paper) -> Table:
    def named(kind: str) -> str:
        return paper.words.get(f"incident.kind.{kind}", kind)

    head = [paper.say(key) for key in ("source", "label", "at", "by")]
    rows = [[named(one.kind), one.label, paper.time(one.at), one.by] for one in detail.sources]
    return Table(head, rows, [2, 4, 3, 3])


def _assets(detail: IncidentDetail, paper: Paper) -> Table:
    return Table([paper.say("name"), "URN"], [[one.name, one.twin] for one in detail.assets], [2, 4])


def _participants(detail: IncidentDetail, paper: Paper) -> Table:
    def given(hand: HandedOver | None) -> str:
        if hand is None:
            return ""
        return " · ".join(part for part in (paper.time(hand.at), hand.name, hand.reference, hand.text) if part)

    rows = [[one.name, paper.time(one.at), given(one.handed_over)] for one in detail.participants]
    return Table([paper.say(key) for key in ("name", "at", "handed_over")], rows, [3, 2, 6])


def _files(detail: IncidentDetail, paper: Paper) -> Table:
    rows = [[one.name, f"{one.bytes:,}".replace(",", " "), paper.time(one.at), one.by] for one in detail.files]
    return Table([paper.say(key) for key in ("name", "bytes", "at", "by")], rows, [4, 2, 3, 3])


def _timeline(detail: IncidentDetail, paper: Paper) -> Table:
    rows = [
        [paper.time(one.at), one.by, say(paper.words, one.key, one.values), one.text] for one in detail.timeline[::-1]
    ]
    return Table([paper.say(key) for key in ("at", "by", "what", "text")], rows, [2.4, 2, 4, 5])


ROUTES = [report, export]
