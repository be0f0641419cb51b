"""A text becomes words that can be compared: folded, abbreviations opened, numbers as digits."""

import re
import unicodedata

from msgspec import Struct

from ondijon.web.addresses.vocabulary import (
    AROUND,
    ARTICLES,
    BETWEEN,
    KIND_WORDS,
    MEANT,
    ORDINALS,
    PHRASES,
    ROMAN,
    SHORTENED,
    SUFFIXES,
    TENS,
    UNITS,
)

LONGEST_TEXT = 200
MOST_WORDS = 24
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l"})
_ORDINAL = re.compile(r"(\d+)(?:er|ere|eme|ieme|em|nd|nde)")
_NUMBERED = re.compile(r"(\d+)([a-z]+)")
_PIECES = re.compile(r"\d+[a-z]*|[a-z]+|/")
_PHRASES = re.compile("|".join(PHRASES))
_COUNTED = frozenset(("n", "no", "num", "numero", "nr"))
_PAIRS = {
    ("rond", "point"): "rondpoint",
    ("rd", "pt"): "rondpoint",
    ("rd", "point"): "rondpoint",
    ("rond", "pt"): "rondpoint",
    ("grand", "rue"): "grandrue",
    ("grande", "rue"): "grandrue",
}


class Word(Struct, frozen=True):
    """One word: `forms` are the spellings it may stand for; `number` its digits when it is one.

    suffix: what hangs on a house number (bis, a); spoken: the number was said in words.
    """

    text: str
    forms: tuple[str, ...]
    number: str | None = None
    suffix: str = ""
    spoken: bool = False

    @property
    def is_link(self) -> bool:
        """Swallowed in speech, and in comparing."""
        return self.text in ARTICLES

    @property
    def is_around(self) -> bool:
        """May belong to the sentence and not to the address."""
        return self.text in AROUND

    @property
    def is_between(self) -> bool:
        """May stand between two streets that cross."""
        return self.text in BETWEEN

    @property
    def is_kind(self) -> bool:
        """May be a kind of street."""
        return self.text in KIND_WORDS


def fold(text: str) -> str:
    """Lower case, without accents or ligatures."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(mark for mark in plain if not unicodedata.combining(mark))


def split_words(text: str) -> list[Word]:
    """The words of a query or a name, at most MOST_WORDS; `/` stays, as a word."""
    folded = fold(text[:LONGEST_TEXT]).replace("+", "/").replace("&", "/").replace("n°", " n ").replace("°", " ")
    plain = _PHRASES.sub(" ", " ".join(_PIECES.findall(folded)))
    pieces = _join_pairs([_ORDINAL.sub(r"\1", piece) for piece in plain.split()])
    words: list[Word] = []
    at = 0
    while at < len(pieces) and len(words) < MOST_WORDS:
        spoken, used = _read_number(pieces, at)
        if pieces[at] in _COUNTED and at + 1 < len(pieces) and _is_counted(pieces, at + 1):
            at += 1
            continue
        if used:
            words.append(Word(" ".join(pieces[at : at + used]), (str(spoken),), str(spoken), spoken=True))
        else:
            words.append(_word(pieces[at]))
        at += used or 1
    return words


def _is_counted(pieces: list[str], at: int) -> bool:
    return pieces[at][0].isdigit() or _read_number(pieces, at)[1] > 0


def _join_pairs(pieces: list[str]) -> list[str]:
    result: list[str] = []
    for piece in pieces:
        joined = _PAIRS.get((result[-1], piece)) if result else None
        if joined is not None:
            result[-1] = joined
        else:
            result.append(piece)
    return result


def _word(piece: str) -> Word:
    if piece.isdigit():
        plain = str(int(piece))
        return Word(plain, (plain,), plain)
    numbered = _NUMBERED.fullmatch(piece)
    if numbered is not None and numbered[2] in SUFFIXES:
        plain = str(int(numbered[1]))
        return Word(plain, (plain,), plain, SUFFIXES[numbered[2]])
    meant = (*MEANT.get(piece, ()), *SHORTENED.get(piece, ()), *((ROMAN[piece],) if piece in ROMAN else ()))
    return Word(piece, (piece, *meant))


def _read_number(pieces: list[str], at: int) -> tuple[int, int]:
    """A French number said in words from `at` on: its value, and how many pieces it took (0: none)."""
    start = at
    thousands, at = _below_thousand(pieces, at)
    if at < len(pieces) and pieces[at] == "mille":
        below, end = _below_thousand(pieces, at + 1)
        return (thousands or 1) * 1000 + (below or 0), end - start
    if thousands is None:
        return 0, 0
    return thousands, at - start


def _below_thousand(pieces: list[str], at: int) -> tuple[int | None, int]:
    hundreds, after = _below_hundred(pieces, at)
    if after < len(pieces) and pieces[after] in ("cent", "cents") and (hundreds is None or 2 <= hundreds <= 19):
        below, end = _below_hundred(pieces, after + 1)
        return (hundreds or 1) * 100 + (below or 0), end
    return hundreds, after


def _below_hundred(pieces: list[str], at: int) -> tuple[int | None, int]:
    """0 to 99, with soixante-dix, quatre-vingt and vingt-et-un; ordinals count as their number."""
    word = _plain(pieces, at)
    if word == "quatre" and at + 1 < len(pieces) and pieces[at + 1] in ("vingt", "vingts"):
        return _add_unit(pieces, 80, at + 2, 19)
    if word in TENS:
        return _add_unit(pieces, TENS[word], at + 1, 19 if word == "soixante" else 9)
    if word == "dix" and _plain(pieces, at + 1) in ("sept", "huit", "neuf"):
        return 10 + UNITS[_plain(pieces, at + 1)], at + 2
    if word in UNITS and pieces[at] not in ("premier", "premiere"):
        return UNITS[word], at + 1
    if word in UNITS:
        return 1, at + 1
    return None, at


def _add_unit(pieces: list[str], tens: int, at: int, most: int) -> tuple[int, int]:
    joined = at + 1 if _plain(pieces, at) == "et" and _plain(pieces, at + 1) in ("un", "une", "onze") else at
    word = _plain(pieces, joined)
    if word == "dix" and most == 19 and _plain(pieces, joined + 1) in ("sept", "huit", "neuf"):
        return tens + 10 + UNITS[_plain(pieces, joined + 1)], joined + 2
    unit = UNITS.get(word, 0)
    return (tens + unit, joined + 1) if 0 < unit <= most else (tens, at)


def _plain(pieces: list[str], at: int) -> str:
    word = pieces[at] if 0 <= at < len(pieces) else ""
    return ORDINALS.get(word, word)
