"""What people type becomes a question to the one index, and the question goes back in time piece by piece."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from ondijon.control_room.logbook.model import Kind

MOST_TERMS = 12
BUCKET_BITS = 12
# 65,536 lines at once: the most that one step of a search may have to sort.
_MOST_BUCKETS = 16
_TERM = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')


class Term(Struct, frozen=True):
    """Words that must all be there (a phrase: side by side), or must not."""

    words: str
    phrase: bool = False
    refused: bool = False


class Stems(Struct, frozen=True):
    """A term as the index knows it: stems of its words as written, and without accents; neighbours in pairs."""

    written: tuple[str, ...]
    folded: tuple[str, ...]
    pairs: tuple[str, ...]


class Reach(Struct, frozen=True):
    """Which lines somebody may see: everything, or whole trades, and trades in single communes."""

    everything: bool = False
    trades: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


class Filters(Struct, frozen=True):
    """What lines must be of beside their words."""

    kind: Kind | None = None
    trade: str | None = None
    commune: str | None = None
    subject: str | None = None


def parse_terms(typed: str) -> tuple[Term, ...]:
    """Words, "phrases in quotes", and -refused ones; at most 12 of them count."""
    found = []
    for minus, phrase, word in _TERM.findall(typed):
        text = (phrase or word).strip()
        if text:
            found.append(Term(text, bool(phrase), minus == "-"))
    return tuple(found[:MOST_TERMS])


def to_question(terms: Sequence[tuple[Term, Stems]], filters: Filters, reach: Reach) -> str:
    """The tsquery of all that lines must meet, or an empty text when every line does."""
    parts = [_ask_term(term, stems) for term, stems in terms]
    parts += [_quoted(f"{mark}:{value}") for mark, value in _tags(filters) if value is not None]
    if not reach.everything:
        parts.append(_ask_reach(reach))
    return " & ".join(part for part in parts if part)


def may_see_any(reach: Reach) -> bool:
    return bool(reach.everything or reach.trades or reach.pairs)


def within(question: str, buckets: Sequence[int]) -> str:
    """The question asked of some buckets only."""
    here = "(" + " | ".join(_quoted(f"b:{bucket}") for bucket in buckets) + ")"
    return f"{here} & {question}" if question else here


def steps(buckets: Sequence[int]) -> Iterator[Sequence[int]]:
    """Buckets, newest first, in growing pieces: what is common is found in the first, what is rare costs few steps."""
    start, size = 0, 1
    while start < len(buckets):
        yield buckets[start : start + size]
        start += size
        size = min(size * 2, _MOST_BUCKETS)


def _tags(filters: Filters) -> tuple[tuple[str, str | None], ...]:
    subject = None if filters.subject is None else filters.subject[:64]
    return (("k", filters.kind), ("t", filters.trade), ("c", filters.commune), ("s", subject))


def _ask_term(term: Term, stems: Stems) -> str:
    """Nothing for words that stand in every text, such as articles."""
    if not stems.written and not (term.phrase and stems.pairs):
        return ""
    if term.phrase and stems.pairs:
        asked = _all_of(stems.pairs)
    elif set(stems.written) == set(stems.folded) or not stems.folded:
        asked = _all_of(stems.written)
    else:
        asked = f"({_all_of(stems.written)} | {_all_of(stems.folded)})"
    return f"!{asked}" if term.refused else asked


def _ask_reach(reach: Reach) -> str:
    marks = [f"t:{trade}" for trade in reach.trades] + [f"a:{trade}:{commune}" for trade, commune in reach.pairs]
    return "(" + " | ".join(_quoted(mark) for mark in marks) + ")"


def _all_of(stems: Sequence[str]) -> str:
    return "(" + " & ".join(_quoted(stem) for stem in sorted(set(stems))) + ")"


def _quoted(lexeme: str) -> str:
    """A lexeme as it stands in a tsquery, whatever letters it has."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
