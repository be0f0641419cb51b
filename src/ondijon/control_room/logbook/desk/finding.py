"""Finds lines newest first, in steps through the index that each cost little, whatever is asked."""

from datetime import datetime

from msgspec import Struct

from ondijon.control_room.logbook.queries import reading as queries
from ondijon.control_room.logbook.rules.search import (
    Filters,
    Reach,
    Stems,
    Term,
    conditions_within,
    may_see_any,
    parse_terms,
    steps,
    to_question,
)
from ondijon.kernel.ports import Rows


class Asked(Struct, frozen=True):
    """What somebody looks for: words as typed, what lines are of, a period [since, until), lines before a number."""

    words: str = ""
    filters: Filters = Filters()
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


async def find_lines(rows: Rows, asked: Asked, reach: Reach, most: int) -> list[int]:
    """Numbers of at most `most` lines, newest first; never how many there are beyond what was asked for."""
    before = await queries.find_last_line(rows) + 1
    if asked.before is not None:
        before = min(before, asked.before)
    if before <= 1 or not may_see_any(reach):
        return []
    terms = await _stemmed(rows, asked.words)
    question = to_question(terms, asked.filters, reach)
    if question.is_empty and asked.since is None and asked.until is None:
        return list(await queries.list_newest(rows, before, most))
    phrases = [term.words for term, stems in terms if term.phrase and not term.refused and len(stems.pairs) > 1]
    period = (asked.since, asked.until)
    found: list[int] = []
    for step in steps(await queries.list_buckets(rows, before, *period), before):
        conditions = conditions_within(question, step)
        found += await queries.list_found(rows, conditions, phrases, step.before, period, most - len(found))
        if len(found) >= most:
            break
    return found


async def _stemmed(rows: Rows, words: str) -> list[tuple[Term, Stems]]:
    terms = parse_terms(words)
    return list(zip(terms, await queries.stem(rows, terms), strict=True)) if terms else []
