"""Lines of a period leave the room: printed, or as signed JSON, and that they left is audited."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from ondijon.apps.console.parts.logbook.shapes import ExportContent, ExportLine, SealShape
from ondijon.apps.console.parts.logbook.view import Speaker, reach_of
from ondijon.apps.console.room import Room, Seat
from ondijon.control_room.logbook.desk.finding import Asked, find_lines
from ondijon.control_room.logbook.queries import reading as queries
from ondijon.kernel.errors import NotAllowed, Refused
from ondijon.kernel.i18n import say
from ondijon.kernel.ports import Row
from ondijon.web.printing import Printed, Section, Table, print_aside
from ondijon.web.signing import SealingKey

FORMAT = "ondijon-logbook-1"
MOST_LINES = 50_000
MOST_PRINTED = 5_000
_AT_ONCE = 2_000
_DAY = {"fr": "%d/%m/%Y", "en": "%d %b %Y"}
_TIME = "%H:%M:%S"


class Period(Struct, frozen=True):
    """From the first instant to before the last."""

    since: datetime
    until: datetime


async def read_period(room: Room, seat: Seat, period: Period, most: int) -> list[Row]:
    """Every line of the period that the person may take out, oldest first; raises NotAllowed and Refused."""
    if period.since >= period.until:
        raise Refused("error.logbook_bad_period")
    scope = room.rights.scope_of(seat.person.actor, "export")
    if not scope.communes:
        raise NotAllowed("error.not_allowed", verb="export", trade="logbook", commune="*")
    asked = Asked(since=period.since, until=period.until)
    numbers = (await find_lines(room.rows, asked, reach_of(room, scope), most + 1))[::-1]
    if len(numbers) > most:
        raise Refused("error.logbook_export_too_long", most=most)
    rows: list[Row] = []
    for start in range(0, len(numbers), _AT_ONCE):
        rows += (await queries.list_lines(room.rows, numbers[start : start + _AT_ONCE]))[::-1]
    return rows


async def export_json(room: Room, seat: Seat, key: SealingKey, period: Period, language: str) -> bytes:
    """The lines with their seals, signed."""
    rows = await read_period(room, seat, period, MOST_LINES)
    speaker = Speaker(room, language)
    content = ExportContent(
        format=FORMAT,
        city=room.city.card.key,
        synthetic=room.city.card.synthetic,
        since=period.since,
        until=period.until,
        exported_at=room.clock.now(),
        exported_by=seat.person.actor.name,
        lines=[_export_line(row, speaker) for row in rows],
    )
    document = await asyncio.to_thread(_signed, key, content)
    await _audit(room, seat, "json", period, rows, document)
    return document


def _signed(key: SealingKey, content: ExportContent) -> bytes:
    return msgspec.json.encode(key.sign(content))


def _export_line(row: Row, speaker: Speaker) -> ExportLine:
    return ExportLine(
        line_no=row["line_no"],
        at=row["at"],
        kind=row["kind"],
        key=row["key"],
        values=row["said"],
        text=speaker.say(row),
        trade=row["trade"],
        commune=row["commune"],
        subject=row["subject"],
        by=row["by"],
        corrects=row["corrects"],
        corrected_by=row["corrected_by"],
        seal=SealShape(
            actor=row["actor"],
            event=row["event"],
            salt=row["salt"],
            text=row["text"],
            text_sha256=row["text_sha256"],
            previous_hash=row["previous_hash"],
            hash=row["hash"],
        ),
    )


async def export_pdf(room: Room, seat: Seat, period: Period, language: str) -> bytes:
    """The lines for a reader on paper, a table for each day."""
    rows = await read_period(room, seat, period, MOST_PRINTED)
    document = await print_aside(_printed(room, seat, period, rows, language))
    await _audit(room, seat, "pdf", period, rows, document)
    return document


def _printed(room: Room, seat: Seat, period: Period, rows: Sequence[Row], language: str) -> Printed:
    words, zone, speaker = room.strings[language], ZoneInfo(room.city.card.timezone), Speaker(room, language)
    communes = {commune.insee: commune.name for commune in room.city.communes}

    def day_of(row: Row) -> str:
        return str(row["at"].astimezone(zone).strftime(_DAY[language]))

    def cells(row: Row) -> Sequence[str]:
        about = [words.get(f"{row['trade']}.trade", row["trade"] or ""), communes.get(row["commune"] or "", "")]
        text = speaker.say(row) or words["logbook.erased"]
        if row["corrects"] is not None:
            text = say(words, "logbook.print.corrects", {"line_no": row["corrects"]}) + " " + text
        if row["corrected_by"] is not None:
            text += " " + say(words, "logbook.print.corrected", {"line_no": row["corrected_by"]})
        return (
            str(row["line_no"]),
            row["at"].astimezone(zone).strftime(_TIME),
            ", ".join(filter(None, about)),
            text,
            row["by"] or words["logbook.print.post"],
        )

    head = [words[f"logbook.print.{name}"] for name in ("line", "time", "about", "text", "by")]
    sections = [
        Section(day, [Table(head, [cells(row) for row in lines], (9, 10, 22, 50, 15))])
        for day, lines in groupby(rows, day_of)
    ]
    when = {
        name: at.astimezone(zone).strftime(f"{_DAY[language]} %H:%M")
        for name, at in (("since", period.since), ("until", period.until), ("now", room.clock.now()))
    }
    return Printed(
        title=say(words, "logbook.print.title", {"city": room.city.card.name}),
        subtitle=say(words, "logbook.print.subtitle", {**when, "count": len(rows)}),
        sections=sections,
        footer=say(words, "logbook.print.footer", {"name": seat.person.actor.name, "at": when["now"]}),
        page=words["logbook.print.page"],
        mark=words["logbook.print.synthetic"] if room.city.card.synthetic else "",
        language=language,
    )


async def _audit(room: Room, seat: Seat, form: str, period: Period, rows: Sequence[Row], document: bytes) -> None:
    detail = {
        "form": form,
        "from": period.since.isoformat(),
        "to": period.until.isoformat(),
        "lines": len(rows),
        "sha256": hashlib.sha256(document).hexdigest(),
        "communes": sorted({row["commune"] for row in rows if row["commune"]}),
    }
    await room.post.record_act(seat.person.actor, "logbook.exported", "logbook", detail)
