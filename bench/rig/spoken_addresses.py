"""Addresses as callers say them and operators type them: a generator that knows nothing of the index."""

# Nothing is shared with ondijon.web.addresses: spellings, abbreviations, sounds and numbers are tabled here once more,
# on purpose, so that an error in the index's tables is not repeated by its judge. What is asked, in shares:
#   70 % a house number (of these 12 % one that the street does not have), 16 % a crossing, 14 % a street.
# Right is: same street, commune and number; for a number that the street lacks, a number nearest to it, told as such;
# for a crossing, within 50 m of a point where lines of both streets come within 0.5 m of each other.
# Each query then suffers, independently: kind of street shortened or left out, articles left out or wrong, titles
# shortened, first names left out or as initials, spelled by ear, typing errors (AZERTY neighbours, letters lost,
# doubled, swapped), words run together, numbers in words, number behind, words turned round, phrases around it,
# commune named.
# What nobody could know is drawn again: a street name that more than three of the city's streets fit equally well as
# said, and no commune named where several communes have the street.

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import shapely
from msgspec import Struct
from shapely import STRtree

from bench.rig.spoken_words import (
    BEFORE_NUMBER,
    BEFORE_STREET,
    BY_EAR,
    CROSSINGS,
    FIRST_NAMES,
    KIND_SHORT,
    KINDS,
    NEIGHBOURS,
    SILENT,
    SMALL,
    TITLE_SHORT,
    in_words,
    strip_accents,
)
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.inventory import Inventory, Position


class Query(Struct, frozen=True):
    """What was said, and what was meant: kind address, near (no such number), crossing or street."""

    text: str
    kind: str
    street: str
    commune: str
    number: str = ""
    nearest: tuple[str, ...] = ()
    other: str = ""
    spots: tuple[Position, ...] = ()


class _Street(Struct):
    name: str
    commune: str
    lines: list[Any]
    numbers: list[str]


class Caller:
    """Draws what is meant and says it badly; one seed, one series."""

    def __init__(self, inventory: Inventory, seed: int) -> None:
        self._draw = random.Random(seed)
        self._frame = LocalMetres(*inventory.communes[0].center)
        self._commune_names = {commune.insee: commune.name for commune in inventory.communes}
        self._streets = _group(inventory, self._frame)
        self._with_numbers = [street for street in self._streets if street.numbers]
        self._same_name: dict[str, int] = defaultdict(int)
        self._carriers: dict[str, set[int]] = defaultdict(set)
        for row, street in enumerate(self._streets):
            self._same_name[street.name] += 1
            for word in _plain_words(street.name):
                self._carriers[word].add(row)
        self._lines = [line for street in self._streets for line in street.lines]
        self._owner = [row for row, street in enumerate(self._streets) for _ in street.lines]
        self._tree = STRtree(self._lines)

    def ask(self, count: int) -> list[Query]:
        """So many queries."""
        result: list[Query] = []
        while len(result) < count:
            lot = self._draw.random()
            query = self._crossing() if lot < 0.16 else self._street() if lot < 0.30 else self._address()
            if query is not None:
                result.append(query)
        return result

    def _chance(self, share: float) -> bool:
        return self._draw.random() < share

    def _address(self) -> Query | None:
        street = self._draw.choice(self._with_numbers)
        number = self._draw.choice(street.numbers)
        nearest: tuple[str, ...] = ()
        if self._chance(0.12):
            missing = self._missing_number(street)
            if missing is None:
                return None
            number, nearest = missing
        named = self._names_commune(street)
        said = self._say_street(street, named, may_drop_kind=True)
        if said is None:
            return None
        spoken = self._say_number(number)
        text = self._place_number(spoken, said)
        text = self._add_commune(text, street, named)
        return Query(self._finish(text), "near" if nearest else "address", street.name, street.commune, number, nearest)

    def _street(self) -> Query | None:
        street = self._draw.choice(self._streets)
        named = self._names_commune(street)
        said = self._say_street(street, named, may_drop_kind=False)
        if said is None:
            return None
        text = self._draw.choice(BEFORE_STREET).format(said)
        return Query(self._finish(self._add_commune(text, street, named)), "street", street.name, street.commune)

    def _crossing(self) -> Query | None:
        one = self._draw.randrange(len(self._streets))
        first = self._streets[one]
        line = self._draw.choice(first.lines) if first.lines else None
        if line is None:
            return None
        near = {self._owner[row] for row in self._tree.query(line, predicate="dwithin", distance=0.5).tolist()}
        others = sorted(
            row for row in near if self._streets[row].name != first.name and self._streets[row].commune == first.commune
        )
        if not others:
            return None
        other = self._streets[self._draw.choice(others)]
        spots = tuple(_meeting_points(self._frame, first.lines, other.lines))
        named = self._names_commune(first) or self._names_commune(other)
        said = [self._say_street(street, named, may_drop_kind=False) for street in (first, other)]
        if None in said or not spots:
            return None
        text = self._draw.choice(CROSSINGS).format(*said)
        return Query(
            self._finish(self._add_commune(text, first, named)),
            "crossing",
            first.name,
            first.commune,
            other=other.name,
            spots=spots,
        )

    def _missing_number(self, street: _Street) -> tuple[str, tuple[str, ...]] | None:
        """A number that the street does not have, beside one that it has, and those that are nearest."""
        have = sorted({int(text.partition(" ")[0]) for text in street.numbers})
        wanted = self._draw.choice(have) + self._draw.choice((1, 2, 3, 4))
        if wanted in have:
            return None
        gap = min(abs(number - wanted) for number in have)
        near = {str(number) for number in have if abs(number - wanted) == gap}
        return str(wanted), tuple(text for text in street.numbers if text.partition(" ")[0] in near)

    def _say_number(self, number: str) -> str:
        digits, _, suffix = number.partition(" ")
        if self._chance(0.16):
            digits = in_words(int(digits))
            return f"{digits} {suffix}".strip()
        if not suffix:
            return self._draw.choice((digits, digits, digits, f"n° {digits}", f"numéro {digits}", f"n°{digits}"))
        if suffix == "bis" and self._chance(0.15):
            suffix = "b"
        suffix = self._draw.choice((suffix, suffix.upper()))
        return self._draw.choice((f"{digits} {suffix}", f"{digits}{suffix}"))

    def _place_number(self, number: str, street: str) -> str:
        if self._chance(0.14):
            return self._draw.choice(("{1} {0}", "{1}, {0}", "{1} au {0}", "{1} n° {0}")).format(
                re.sub("^(n° ?|numéro )", "", number), street
            )
        comma = self._draw.choice((" ", " ", " ", ", "))
        return self._draw.choice(BEFORE_NUMBER).format(number) + comma + street

    def _names_commune(self, street: _Street) -> bool:
        return self._same_name[street.name] > 1 or self._chance(0.3)

    def _add_commune(self, text: str, street: _Street, named: bool) -> str:
        if not named:
            return text
        name = self._commune_names[street.commune]
        if self._chance(0.3):
            name = strip_accents(name).lower().replace("-", " ").replace("saint", "st")
        if self._chance(0.1):
            name = self._mistype(name)
        return self._draw.choice(("{0} {1}", "{0}, {1}", "{0} à {1}", "{0} {1}")).format(text, name)

    def _finish(self, text: str) -> str:
        if self._chance(0.5):
            text = strip_accents(text)
        if self._chance(0.6):
            text = text.lower()
        elif self._chance(0.1):
            text = text.upper()
        if self._chance(0.3):
            text = text.replace("'", " ").replace("-", " ")
        return text

    def _say_street(self, street: _Street, named: bool, *, may_drop_kind: bool) -> str | None:
        """The street's name as said; None when what is left would fit more than three streets as well."""
        kind, rest = _split_kind(street.name)
        words = self._reword(rest)
        full = kind
        if may_drop_kind and kind and self._chance(0.12):
            full = kind = ""
        elif kind and self._chance(0.4):
            kind = self._draw.choice(KIND_SHORT.get(kind.lower(), (kind,)))
        if self._fitting([*words, full], street.commune if named else None) > 3:
            return None
        words = self._misspell(words)
        if self._chance(0.08) and len(words) > 1:
            self._draw.shuffle(words)
        if self._chance(0.04):
            return " ".join([*words, kind]).strip()
        return " ".join([kind, *words]).strip()

    def _fitting(self, words: Sequence[str], commune: str | None) -> int:
        """How many streets (of the commune, when it is named) have all these words in their name."""
        plain = [word for text in words for word in _plain_words(text) if word not in SMALL and len(word) > 1]
        sets = [self._carriers[word] for word in plain if word in self._carriers]
        if not sets:
            return 99
        return sum(commune is None or self._streets[row].commune == commune for row in set.intersection(*sets))

    def _reword(self, rest: str) -> list[str]:
        """Articles, titles and first names as people treat them."""
        words = rest.split()
        if self._chance(0.3):
            words = [word for word in words if word.lower() not in SMALL] or words
        elif self._chance(0.06):
            words = [
                self._draw.choice(("de", "du", "des", "de la")) if word.lower() in SMALL else word for word in words
            ]
        if self._chance(0.35):
            words = [self._draw.choice(TITLE_SHORT.get(word.lower(), (word,))) for word in words]
        if len(words) > 1 and words[0].lower() in FIRST_NAMES:
            if self._chance(0.22):
                words = words[1:]
            elif self._chance(0.12):
                words = [words[0][0] + self._draw.choice((".", "")), *words[1:]]
        return [self._number_words(word) for word in words]

    def _number_words(self, word: str) -> str:
        if word.isdigit() and self._chance(0.4):
            return in_words(int(word))
        return word

    def _misspell(self, words: list[str]) -> list[str]:
        """Sometimes by ear, sometimes by finger, seldom both; words may run together or fall apart."""
        if self._chance(0.4):
            words = self._on_longest(words, self._by_ear)
        if self._chance(0.35):
            words = self._on_longest(words, self._mistype)
            if self._chance(0.25):
                words = self._on_longest(words, self._mistype)
        if len(words) > 1 and self._chance(0.05):
            at = self._draw.randrange(len(words) - 1)
            words = [*words[:at], words[at] + words[at + 1], *words[at + 2 :]]
        elif self._chance(0.03):
            words = self._on_longest(words, lambda word: word[:4] + " " + word[4:] if len(word) > 7 else word)
        return words

    def _on_longest(self, words: list[str], change: Callable[[str], str]) -> list[str]:
        """One word is changed, long ones more often; a word of three letters or less is left alone."""
        places = [place for place, word in enumerate(words) if len(word) > 3 and not word.isdigit()]
        if not places:
            return words
        at = self._draw.choices(places, [len(words[place]) for place in places])[0]
        return [change(word) if place == at else word for place, word in enumerate(words)]

    def _by_ear(self, word: str) -> str:
        low = word.lower()
        if self._chance(0.25):
            for end in SILENT:
                if low.endswith(end) and len(low) > 4:
                    return low[: -len(end)]
        places = [(found.start(), sound, others) for sound, others in BY_EAR for found in re.finditer(sound, low)]
        for _ in range(self._draw.choice((1, 1, 2))):
            if not places:
                break
            at, sound, others = self._draw.choice(places)
            if low[at : at + len(sound)] == sound:
                low = low[:at] + self._draw.choice(others) + low[at + len(sound) :]
            places = [place for place in places if place[0] < at]
        return low

    def _mistype(self, word: str) -> str:
        at = self._draw.randrange(1, len(word)) if len(word) > 1 else 0
        letter = strip_accents(word[at].lower())
        way = self._draw.randrange(4)
        if way == 0:
            return word[:at] + word[at + 1 :]
        if way == 1:
            return word[:at] + word[at] + word[at:]
        if way == 2 and at + 1 < len(word):
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + self._draw.choice(NEIGHBOURS.get(letter, letter)) + word[at + 1 :]


def _group(inventory: Inventory, frame: LocalMetres) -> list[_Street]:
    """Streets with a name, by commune, with their lines in metres and their numbers."""
    found: dict[tuple[str, str], _Street] = {}
    key_of: dict[str, tuple[str, str]] = {}
    for arc in inventory.streets:
        key = key_of[arc.street_id] = (arc.name, arc.commune)
        street = found.setdefault(key, _Street(arc.name, arc.commune, [], []))
        street.lines.append(shapely.linestrings(frame.to_metres(arc.line)))  # type: ignore[arg-type]
    for address in inventory.addresses:
        name, commune = key_of[address.street_id]
        key = (address.street or name, commune)
        street = found.setdefault(key, _Street(key[0], commune, [], []))
        if address.number.partition(" ")[0] != "0":
            street.numbers.append(address.number)
    return [street for street in found.values() if "non dénommée" not in street.name]


def _meeting_points(frame: LocalMetres, ones: Sequence[Any], others: Sequence[Any]) -> Iterator[Position]:
    """Every point where a line of one street comes within half a metre of a line of the other."""
    for one in ones:
        for other in others:
            if shapely.dwithin(one, other, 0.5):
                spot = shapely.get_coordinates(shapely.shortest_line(one, other))[0]
                lon, lat = frame.to_degrees(spot[None, :])[0].tolist()
                yield lon, lat


def _split_kind(name: str) -> tuple[str, str]:
    first, _, rest = name.partition(" ")
    return (first, rest) if first.lower() in KINDS and rest else ("", name)


def _plain_words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", strip_accents(text).lower())
