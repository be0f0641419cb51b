"""The logbook as somebody with given rights reads it."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from ondijon.apps.console.parts.logbook.shapes import Beside, LineShape, LinesShape
from ondijon.apps.console.room import Room
from ondijon.control_room.logbook.desk.finding import Asked, find_lines
from ondijon.control_room.logbook.queries import reading as queries
from ondijon.control_room.logbook.rules.search import Reach
from ondijon.control_room.logbook.rules.sentences import say_line
from ondijon.kernel.ports import Row
from ondijon.web.rights import Scope


def reach_of(room: Room, scope: Scope) -> Reach:
    """What a scope reaches in the logbook: whole trades, or single communes of a trade."""
    codes = room.city.commune_codes
    whole = [trade for trade, places in scope.communes if len(places) == len(codes)]
    pairs = [(trade, codes[code]) for trade, places in scope.communes if trade not in whole for code in places]
    return Reach(scope == room.rights.everything, tuple(whole), tuple(pairs))


class Speaker:
    """Says lines in one language."""

    def __init__(self, room: Room, language: str) -> None:
        self._words = room.strings[language]
        self._language = language
        self._zone = ZoneInfo(room.city.card.timezone)

    def say(self, row: Row) -> str | None:
        """Free words as they were written, None when erased; French facts as they were written down."""
        if row["kind"] != "automatic" or self._language == "fr":
            text: str | None = row["text"]
            return text
        return say_line(self._words, self._language, row["key"] or "", row["said"], self._zone)

    def shape(self, row: Row, beside: Mapping[int, Row]) -> LineShape:
        other = beside.get(row["corrects"] or row["corrected_by"] or 0)
        return LineShape(
            line_no=row["line_no"],
            at=row["at"],
            kind=row["kind"],
            key=row["key"],
            values=row["said"],
            text=self.say(row),
            erased=row["text"] is None,
            trade=row["trade"],
            commune=row["commune"],
            subject=row["subject"],
            by=row["by"],
            corrects=row["corrects"],
            corrected_by=row["corrected_by"],
            beside=None if other is None else Beside(other["line_no"], other["at"], other["by"], self.say(other)),
        )


async def read_page(room: Room, scope: Scope, asked: Asked, limit: int, language: str) -> LinesShape:
    """A page of what the scope may see; a correction stands where its line does, so that both are seen or none is."""
    numbers = await find_lines(room.rows, asked, reach_of(room, scope), limit + 1)
    rows = await queries.list_lines(room.rows, numbers[:limit])
    others = [number for row in rows for number in (row["corrects"], row["corrected_by"]) if number is not None]
    beside = {row["line_no"]: row for row in await queries.list_lines(room.rows, others)} if others else {}
    speaker = Speaker(room, language)
    return LinesShape([speaker.shape(row, beside) for row in rows], len(numbers) > limit)
