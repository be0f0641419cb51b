"""Who writes in the logbook: people, in their own words, and the post, from facts."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ondijon.control_room.logbook.commands import Correct, Write
from ondijon.control_room.logbook.model import MOST_LETTERS, PART, TRADE, Draft, Line, seal
from ondijon.control_room.logbook.queries import writing as queries
from ondijon.control_room.logbook.rules.facts import MOST_NAMES, draft_gathered, draft_lines, gather, is_told, names_of
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.events import Event
from ondijon.kernel.identity import EVERY
from ondijon.kernel.room import ActDesk

_SUBJECT = re.compile(r"[a-z_]{1,32}:[A-Za-z0-9:_.-]{1,100}")
_UNSEEN = "error.logbook_line_not_found"


async def write(desk: ActDesk, payload: Write) -> dict[str, Any]:
    """A line in a person's own words."""
    trade = payload.trade or TRADE
    if payload.subject is not None and _SUBJECT.fullmatch(payload.subject) is None:
        raise Refused("error.bad_act", key="logbook.write", problem="subject")
    _demand_log(desk, trade, payload.commune)
    draft = Draft(
        desk.now, "free", _checked(payload.text), trade, payload.commune, payload.subject, actor=desk.actor.pseudonym
    )
    lines = await _append(desk, [draft])
    return {"line_no": lines[0].line_no}


async def correct(desk: ActDesk, payload: Correct) -> dict[str, Any]:
    """A new line that says what a former one should have said; the former stays as it is."""
    await queries.lock_end(desk.tx)
    row = await queries.find_corrigible(desk.tx, payload.line_no)
    if row is None:
        raise NotFound(_UNSEEN)
    _demand_log(desk, row["trade"], row["commune"])
    if row["corrected_by"] is not None:
        raise Refused("error.logbook_corrected", line_no=row["corrected_by"])
    draft = Draft(
        desk.now,
        "correction",
        _checked(payload.text),
        row["trade"],
        row["commune"],
        row["subject"],
        actor=desk.actor.pseudonym,
        corrects=payload.line_no,
    )
    lines = await _append(desk, [draft])
    return {"line_no": lines[0].line_no}


async def follow(desk: ActDesk, events: list[Event]) -> None:
    """Automatic lines: one for each fact in the order of their commits, storms counted by the minute."""
    told = [event for event in events if is_told(event)]
    if told:
        # The follower's own mark moves in this transaction; should it ever be set back, no fact is told twice.
        known = await queries.list_written(desk.tx, [event.id for event in told])
        fresh = [event for event in told if event.id not in known]
        await _append(desk, draft_lines(fresh, desk.words["fr"], _zone(desk), names_of(desk.city)))
    gathered = gather(events)
    if gathered:
        await queries.add_gathered(desk.tx, gathered, MOST_NAMES)


async def tell_gathered(desk: ActDesk) -> None:
    """One line for each kind of storm in each minute that is over."""
    found = await queries.take_gathered(desk.tx, desk.now - timedelta(minutes=1))
    await _append(desk, [draft_gathered(one, desk.words["fr"], _zone(desk)) for one in found])


async def _append(desk: ActDesk, drafts: Sequence[Draft]) -> list[Line]:
    if not drafts:
        return []
    await queries.lock_end(desk.tx)
    last = await queries.find_end(desk.tx)
    lines: list[Line] = []
    for draft in drafts:
        lines.append(seal(last, draft, desk.new_id()))
        last = lines[-1].seal
    await queries.insert_lines(desk.tx, lines)
    await queries.widen_buckets(desk.tx, lines)
    newest = {(line.draft.trade, line.draft.commune): line.line_no for line in lines}
    for (trade, commune), line_no in newest.items():
        desk.announce(PART, f"{PART}:{line_no}", trade, commune)
    return lines


def _demand_log(desk: ActDesk, trade: str | None, commune: str | None) -> None:
    """The right to write where the line will stand: a line of no commune stands in all of them."""
    for insee in desk.city.commune_codes if commune is None else (commune,):
        desk.demand("log", EVERY if trade is None else trade, insee, unseen=_UNSEEN)


def _checked(text: str) -> str:
    words = text.replace("\0", "").strip()
    if not words:
        raise Refused("error.logbook_empty")
    if len(words) > MOST_LETTERS:
        raise Refused("error.logbook_too_long", most=MOST_LETTERS)
    return words


def _zone(desk: ActDesk) -> ZoneInfo:
    return ZoneInfo(desk.city.card.timezone)
