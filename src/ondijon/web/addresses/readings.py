"""What a query may mean: which number is the house's, which words name the commune, where two streets part."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from msgspec import Struct
from rapidfuzz import fuzz, process

from ondijon.web.addresses.vocabulary import CROSSING, SUFFIXES
from ondijon.web.addresses.words import Word, split_words

LONGEST_COMMUNE = 5
COMMUNE_ALIKE = 76.0
MOST_COMMUNES = 3
MOST_SPLITS = 9
MOST_NUMBERS = 3


class Reading(Struct, frozen=True):
    """One way to understand a query, by places of its words: a name, with a house number and a commune or without."""

    name: tuple[int, ...]
    number: int | None = None
    suffix: str = ""
    commune: str | None = None
    likeness: float = 0.0


class Crossing(Struct, frozen=True):
    """Two names that may meet."""

    one: tuple[int, ...]
    other: tuple[int, ...]
    commune: str | None = None
    likeness: float = 0.0
    said: bool = False


class Communes:
    """Recognises the communes that a query names."""

    def __init__(self, communes: Sequence[tuple[str, str]]) -> None:
        self._codes = [insee for insee, _ in communes]
        self._names = [_compact(split_words(name)) for _, name in communes]

    def find(self, words: Sequence[Word]) -> list[tuple[str | None, frozenset[int], float]]:
        """The likeliest communes, each with the places of the words that name it."""
        windows = [
            (first, last)
            for first in range(len(words))
            for last in range(first + 1, min(len(words), first + LONGEST_COMMUNE) + 1)
            if not (words[first].is_link or words[last - 1].is_link) or last - first > 2
        ]
        texts = [_compact(words[first:last]) for first, last in windows]
        if not texts or not self._names:
            return []
        alike = process.cdist(texts, self._names, scorer=fuzz.ratio, dtype=np.float32)
        found: dict[str, tuple[float, frozenset[int]]] = {}
        lengths = np.array([len(text) for text in texts])
        alike[lengths < 4] = 0.0
        rank = alike.max(axis=1) + lengths  # the longer of two that are as alike
        for row in np.argsort(-rank, kind="stable").tolist():
            column = int(np.argmax(alike[row]))
            score = float(alike[row, column])
            if len(found) >= MOST_COMMUNES:
                break
            if score >= COMMUNE_ALIKE:
                found.setdefault(self._codes[column], (score, frozenset(range(*windows[row]))))
        return [(insee, places, score / 100) for insee, (score, places) in found.items()]


_NOWHERE: tuple[None, frozenset[int], float] = (None, frozenset(), 0.0)


def read_names(words: Sequence[Word], communes: Communes) -> Iterator[Reading]:
    """Every reading as one name."""
    numbers = list(_numbers(words))[:MOST_NUMBERS]
    for commune, named, likeness in (_NOWHERE, *communes.find(words)):
        rest = _without(words, range(len(words)), named)
        for name in dict.fromkeys((rest, _from_kind(words, rest))):
            if _has_telling(words, name):
                yield Reading(name, None, "", commune, likeness)
        for number, suffix, used in numbers:
            if used & named:
                continue
            name = _without(words, rest, used)
            for choice in dict.fromkeys((name, _after(words, name, max(used)), _from_kind(words, name))):
                if _has_telling(words, choice):
                    yield Reading(choice, number, suffix, commune, likeness)


def _without(words: Sequence[Word], places: Iterable[int], used: frozenset[int]) -> tuple[int, ...]:
    return tuple(place for place in places if place not in used and not _is_postcode(words[place]))


def _has_telling(words: Sequence[Word], places: Sequence[int]) -> bool:
    return any(not words[place].is_link for place in places)


def _after(words: Sequence[Word], places: tuple[int, ...], number_at: int) -> tuple[int, ...]:
    """What follows the house number, when what goes before it names no kind of street."""
    if any(words[place].is_kind for place in places if place < number_at):
        return places
    after = tuple(place for place in places if place > number_at)
    return after if _says_something(words, after) else places


def _from_kind(words: Sequence[Word], places: tuple[int, ...]) -> tuple[int, ...]:
    """From the first word that is a kind of street on, when others go before it and others follow."""
    first = next((place for place in places if words[place].is_kind), len(words))
    from_kind = tuple(place for place in places if place >= first)
    return from_kind if _says_something(words, from_kind) else places


def read_crossings(words: Sequence[Word], communes: Communes) -> Iterator[Crossing]:
    """Every reading as two names that meet; `said` when the query speaks of a crossing."""
    marks = [place for place, word in enumerate(words) if word.text in CROSSING]
    if not marks and not any(word.is_between for word in words):
        return
    for commune, named, likeness in (_NOWHERE, *communes.find(words)[:1]):
        rest = _without(words, range(len(words)), named)
        for at in _splits(words, rest, bool(marks)):
            one = tuple(place for place in rest if place < at and words[place].text not in CROSSING)
            other = tuple(place for place in rest if place >= at and words[place].text not in CROSSING)
            if _says_something(words, one) and _says_something(words, other):
                yield Crossing(one, other, commune, likeness, bool(marks))


def _splits(words: Sequence[Word], rest: Sequence[int], said: bool) -> list[int]:
    """Where the second name may begin, the clearest places first."""
    between = [place for place in rest if words[place].is_between]
    marked = [place for place in rest[1:] if words[place].text in CROSSING]
    kinds = [place for place in rest if words[place].is_kind][1:] if said else []
    anywhere = rest[1:] if said and not between and len(rest) <= MOST_SPLITS else []
    return list(dict.fromkeys((*between, *marked, *kinds, *anywhere)))[:MOST_SPLITS]


def _says_something(words: Sequence[Word], places: Sequence[int]) -> bool:
    return any(not (words[place].is_link or words[place].is_kind or words[place].is_around) for place in places)


def _numbers(words: Sequence[Word]) -> Iterator[tuple[int, str, frozenset[int]]]:
    """Each number that may be a house's, those in digits first, with its suffix and the places of both."""
    for spoken in (False, True):
        for place, word in enumerate(words):
            if word.number is None or word.spoken != spoken or len(word.number) > 4 or word.number == "0":
                continue
            following = words[place + 1].text if place + 1 < len(words) else ""
            if not word.suffix and following in SUFFIXES and _may_be_suffix(words, place + 1):
                yield int(word.number), SUFFIXES[following], frozenset((place, place + 1))
            yield int(word.number), word.suffix, frozenset((place,))


def _may_be_suffix(words: Sequence[Word], place: int) -> bool:
    """A single letter before an elided article's word (`12 d'Assas`) is an article; bis and ter never are."""
    return len(words[place].text) > 1 or not words[place].is_link or place + 1 == len(words) or words[place + 1].is_kind


def _is_postcode(word: Word) -> bool:
    return word.number is not None and len(word.number) == 5


def _compact(words: Sequence[Word]) -> str:
    """Words joined, with saint spelled out."""
    return "".join(word.forms[1] if word.text in ("st", "ste") else word.text for word in words if word.text != "/")
