"""Finds twins, streets and communes by any part of their name, and addresses with their house number."""

import asyncio
import bisect
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np
from msgspec import Struct

from ondijon.apps.console.queries import place
from ondijon.apps.console.shapes import SearchHit
from ondijon.apps.console.tables import street_name
from ondijon.kernel.city import City
from ondijon.kernel.ports import Row, Rows
from ondijon.web.addresses import AddressHit, AddressIndex
from ondijon.web.rights import Rights, Scope

MOST_HITS = 100
LONGEST_QUERY = 200
SURE_ADDRESS = 0.8  # below, an address is a guess that names would be pushed away by
MOST_ADDRESSES = 3
SHORTEST_ADDRESS = 5
_POINTS = frozenset(("address", "near", "crossing"))
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "’": " ", "'": " ", "-": " ", "_": " "})


def fold(text: str) -> str:
    """Lower case, without accents, ligatures, apostrophes or hyphens."""
    plain = text.casefold().translate(_LIGATURES)
    decomposed = unicodedata.normalize("NFKD", plain)
    return " ".join("".join(mark for mark in decomposed if not unicodedata.combining(mark)).split())


class Names:
    """Many folded names in one text, so that a search is one scan in C."""

    def __init__(self, names: Sequence[str]) -> None:
        folded = [fold(name) for name in names]
        self._text = "\n" + "\n".join(folded) + "\n"
        lengths = np.array([len(name) + 1 for name in folded], np.int64)
        self._starts: list[int] = (np.cumsum(lengths) - lengths + 1).tolist()

    def find(self, words: Sequence[str]) -> Iterator[int]:
        """Places of the names that have every word: first those that begin with one, then word beginnings, then any."""
        if not words:
            return
        # The longest word is the rarest as a rule, and rare words end the scan early.
        rarest = max(words, key=len)
        seen: set[int] = set()
        for pattern in (f"\n{rarest}", f" {rarest}", rarest):
            for index in self._matches(pattern):
                if index not in seen and self._has_all(index, words):
                    seen.add(index)
                    yield index

    def _matches(self, pattern: str) -> Iterator[int]:
        at = self._text.find(pattern)
        while at >= 0:
            offset = at + (pattern[0] == "\n")
            index = bisect.bisect_right(self._starts, offset) - 1
            yield index
            following = self._starts[index + 1] - 1 if index + 1 < len(self._starts) else len(self._text)
            at = self._text.find(pattern, following)

    def _has_all(self, index: int, words: Sequence[str]) -> bool:
        start = self._starts[index]
        name = self._text[start : self._text.index("\n", start)]
        return all(word in name for word in words)


class _Street(Struct, frozen=True):
    id: str
    name: str
    commune: str
    lon: float
    lat: float


class SearchIndex:
    """Built when somebody first searches; answers from memory."""

    def __init__(self, city: City, rows: Rows, rights: Rights) -> None:
        self._city = city
        self._rows = rows
        self._rights = rights
        self.addresses = AddressIndex(city, rows)
        self._building = asyncio.Lock()
        self._streets: list[_Street] | None = None
        self._street_names = Names([])
        self._twin_names: dict[str, Names] = {}
        self._communes = Names([commune.name for commune in city.communes])
        self._commune_names = {commune.insee: commune.name for commune in city.communes}

    async def find(self, scope: Scope, query: str, limit: int) -> list[SearchHit]:
        """Addresses, communes, streets, then the twins that the scope sees; each kind keeps room for the others."""
        words = fold(query[:LONGEST_QUERY]).split()
        async with self._building:
            if self._streets is None:
                middles = {row["street_id"]: (row["lon"], row["lat"]) for row in await self._middles()}
                self._streets = await asyncio.to_thread(self._build, middles)
        limit = max(1, min(limit, MOST_HITS))
        communes = list(islice(map(self._commune_hit, self._communes.find(words)), max(1, limit // 4)))
        found = map(self._street_hit(self._streets), self._street_names.find(words))
        streets = list(islice(found, max(1, (limit - len(communes)) // 2)))
        twins = list(islice(self._twin_hits(scope, words), limit - len(communes) - len(streets)))
        return [*await self._houses(query, limit), *communes, *streets, *twins][:limit]

    async def _houses(self, query: str, limit: int) -> list[SearchHit]:
        """House numbers and crossings, where the query is surely one."""
        if len(query) < SHORTEST_ADDRESS:
            return []
        hits = await self.addresses.find(query, min(limit, MOST_ADDRESSES))
        return [self._address_hit(hit) for hit in hits if hit.kind in _POINTS and hit.score >= SURE_ADDRESS]

    def _address_hit(self, hit: AddressHit) -> SearchHit:
        detail = self._commune_name(hit.commune or "")
        return SearchHit("address", f"{hit.label} {hit.commune}", hit.label, detail, hit.lon, hit.lat)

    async def _middles(self) -> Sequence[Row]:
        return await place.list_street_middles(self._rows)

    def _build(self, middles: dict[str, tuple[float, float]]) -> list[_Street]:
        arcs: dict[tuple[str, str], list[str]] = {}
        for card in self._city.streets.values():
            if card.name and card.street_id in middles:
                arcs.setdefault((card.name, card.commune), []).append(card.street_id)
        streets = []
        for (name, commune), ids in arcs.items():
            middle = sorted(ids)[len(ids) // 2]
            streets.append(_Street(middle, name, commune, *middles[middle]))
        self._street_names = Names([f"{street.name} {self._commune_name(street.commune)}" for street in streets])
        for twin_type, twins in self._city.twins.items():
            self._twin_names[twin_type] = Names(
                [f"{record.name} {record.id.rpartition(':')[2]}" for record in twins.records]
            )
        return streets

    def _commune_name(self, insee: str) -> str:
        return self._commune_names.get(insee, insee)

    def _commune_hit(self, index: int) -> SearchHit:
        commune = self._city.communes[index]
        return SearchHit("commune", commune.insee, commune.name, commune.insee, *commune.center)

    def _street_hit(self, streets: Sequence[_Street]) -> Callable[[int], SearchHit]:
        def to_hit(index: int) -> SearchHit:
            street = streets[index]
            detail = self._commune_name(street.commune)
            return SearchHit("street", street.id, street.name, detail, street.lon, street.lat)

        return to_hit

    def _twin_hits(self, scope: Scope, words: Sequence[str]) -> Iterator[SearchHit]:
        for twin_type in self._rights.type_order(scope):
            mask = self._rights.mask(scope, twin_type)
            twins = self._city.twins[twin_type]
            for row in self._twin_names[twin_type].find(words):
                if not mask[row]:
                    continue
                record = twins.records[row]
                places = (street_name(self._city, record.street_id), self._commune_name(record.commune))
                detail = ", ".join(part for part in places if part)
                yield SearchHit("twin", record.id, record.name, detail, *record.position, twin_type)
