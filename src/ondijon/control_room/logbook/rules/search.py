"""What people type becomes a question to the one index, and the question goes back in time piece by piece."""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from ondijon.control_room.logbook.model import Kind

MOST_TERMS = 12
# Lines go into buckets of 4,096 and spans of 65,536: the most that one step of a search may have to sort.
BUCKET_BITS, SPAN_BITS = 12, 16
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


class Question(Struct, frozen=True):
    """Conditions as tsqueries: all of `asked` must be met, and all of `refused`, which begin with `!`."""

    asked: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.asked and not self.refused


class Step(Struct, frozen=True):
    """A piece of the logbook: where (a tsquery of its buckets), and only numbers below `before`."""

    where: str
    before: int


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


def to_question(terms: Sequence[tuple[Term, Stems]], filters: Filters, reach: Reach) -> Question:
    """What lines must meet, as many single conditions as can be: the index then skips from one to the next."""
    asked: list[str] = []
    refused: list[str] = []
    for term, stems in terms:
        if term.refused:
            refused += [f"!({' & '.join(alternative)})" for alternative in _alternatives(term, stems)]
        else:
            asked += _conditions(_alternatives(term, stems))
    asked += [_quoted(f"{mark}:{value}") for mark, value in _tags(filters) if value is not None]
    if not reach.everything:
        asked.append(_ask_reach(reach))
    return Question(tuple(asked), tuple(refused))


def may_see_any(reach: Reach) -> bool:
    return bool(reach.everything or reach.trades or reach.pairs)


def steps(buckets: Sequence[int], before: int) -> Iterator[Step]:
    """The numbers below `before` in pieces, newest first: what is common is found in the first, what is rare in few.

    buckets: those that may hold such lines, newest first.
    """
    for piece in (buckets[:1], buckets[1:4]):
        if piece:
            yield Step(" | ".join(_quoted(f"b:{bucket}") for bucket in piece), before)
            before = min(before, piece[-1] << BUCKET_BITS)
    for span in dict.fromkeys(bucket >> (SPAN_BITS - BUCKET_BITS) for bucket in buckets[4:]):
        yield Step(_quoted(f"B:{span}"), before)


def conditions_within(question: Question, step: Step) -> list[str]:
    """The question asked of one piece, as tsqueries that must all be met; what is refused needs something to refuse."""
    return [" & ".join([f"({step.where})", *question.refused]), *question.asked]


def _tags(filters: Filters) -> tuple[tuple[str, str | None], ...]:
    subject = None if filters.subject is None else filters.subject[:64]
    return (("k", filters.kind), ("t", filters.trade), ("c", filters.commune), ("s", subject))


def _alternatives(term: Term, stems: Stems) -> list[list[str]]:
    """Lexemes that must all be there, in one way or another; none for words of every text, such as articles."""
    if term.phrase and stems.pairs:
        return [_all_quoted(stems.pairs)]
    if not stems.written:
        return []
    written, folded = _all_quoted(stems.written), _all_quoted(stems.folded)
    return [written] if written == folded or not folded else [written, folded]


def _conditions(alternatives: list[list[str]]) -> list[str]:
    if len(alternatives) == 1:
        return alternatives[0]
    return ["(" + " | ".join(f"({' & '.join(lexemes)})" for lexemes in alternatives) + ")"] if alternatives else []


def _ask_reach(reach: Reach) -> str:
    marks = [f"t:{trade}" for trade in reach.trades] + [f"a:{trade}:{commune}" for trade, commune in reach.pairs]
    return "(" + " | ".join(_quoted(mark) for mark in marks) + ")"


def _all_quoted(stems: Sequence[str]) -> list[str]:
    return [_quoted(stem) for stem in sorted(set(stems))]


def _quoted(lexeme: str) -> str:
    """A lexeme as it stands in a tsquery, whatever letters it has."""
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
