"""What a person may see, as a small value that people with equal rights share."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools
from ondijon.kernel.city import City
from ondijon.kernel.errors import NotFound
from ondijon.kernel.identity import Actor, Verb
from ondijon.kernel.twins import TwinsOfType

_MOST_MASKS = 512


class Scope(Struct, frozen=True):
    """For each trade that may be seen, in the city's order: the places of its communes in `city.communes`."""

    communes: tuple[tuple[str, tuple[int, ...]], ...]

    def of_trade(self, trade: str) -> tuple[int, ...]:
        return next((codes for key, codes in self.communes if key == trade), ())

    @property
    def trades(self) -> tuple[str, ...]:
        return tuple(trade for trade, _ in self.communes)


class Pairs(Struct, frozen=True):
    """A scope as two equally long lists for `unnest($1::text[], $2::text[])`: trades or twin types, and communes."""

    keys: list[str]
    communes: list[str]


class Rights:
    """Turns people into scopes and scopes into masks over one city's twins."""

    def __init__(self, city: City, room_trades: Sequence[str] = ()) -> None:
        """room_trades: what the room's own parts are about, beside the trades of the city."""
        self._city = city
        self.trades = tuple(dict.fromkeys([*(manifest.trade for manifest in city.manifests), *room_trades]))
        self._masks: dict[tuple[str, tuple[int, ...]], Bools] = {}
        self.everything = Scope(tuple((trade, tuple(range(len(city.communes)))) for trade in self.trades))

    def scope_of(self, actor: Actor, verb: Verb = "see") -> Scope:
        """Where the actor may do `verb`, by trade; trades without any commune are left out."""
        codes = self._city.commune_codes
        seen = []
        for trade in self.trades:
            mine = tuple(code for code, insee in enumerate(codes) if actor.may(verb, trade, insee))
            if mine:
                seen.append((trade, mine))
        return Scope(tuple(seen))

    def type_order(self, scope: Scope) -> tuple[str, ...]:
        """The twin types a scope sees, in the order that bootstrap gives them and frames number them."""
        return tuple(
            spec.key
            for manifest in self._city.manifests
            if manifest.trade in scope.trades
            for spec in manifest.twin_types
        )

    def mask(self, scope: Scope, twin_type: str) -> Bools:
        """Which rows of a type a scope sees; not to be written to."""
        codes = scope.of_trade(self._city.trade_of[twin_type])
        found = self._masks.get((twin_type, codes))
        if found is None:
            if len(self._masks) >= _MOST_MASKS:
                self._masks.clear()
            found = np.isin(self._city.twins[twin_type].commune, np.array(codes, np.int16))
            self._masks[twin_type, codes] = found
        return found

    def get_visible(self, scope: Scope, urn: str) -> tuple[TwinsOfType, int]:
        """A twin by its URN; raises NotFound also when it exists and may not be seen."""
        twins, row = self._city.get_twin(urn)
        if not self.mask(scope, twins.twin_type)[row]:
            raise NotFound("error.twin_not_found", id=urn)
        return twins, row

    def get_visible_type(self, scope: Scope, twin_type: str) -> TwinsOfType:
        """All twins of a type; raises NotFound also when the scope sees nothing of its trade."""
        if twin_type not in self._city.twins or not scope.of_trade(self._city.trade_of[twin_type]):
            raise NotFound("error.type_not_found", type=twin_type)
        return self._city.twins[twin_type]

    def sees(self, scope: Scope, trade: str, commune: str) -> bool:
        codes = scope.of_trade(trade)
        return any(self._city.commune_codes[code] == commune for code in codes)

    def communes_of(self, scope: Scope, trade: str) -> frozenset[str]:
        """The INSEE codes that a scope sees in a trade."""
        return frozenset(self._city.commune_codes[code] for code in scope.of_trade(trade))

    def trade_pairs(self, scope: Scope) -> Pairs:
        """The scope as (trade, INSEE code)."""
        return self._pairs([(trade, codes) for trade, codes in scope.communes])

    def type_pairs(self, scope: Scope) -> Pairs:
        """The scope as (twin type, INSEE code)."""
        trade_of = self._city.trade_of
        return self._pairs([(key, scope.of_trade(trade_of[key])) for key in self.type_order(scope)])

    def _pairs(self, keyed: list[tuple[str, tuple[int, ...]]]) -> Pairs:
        flat = [(key, self._city.commune_codes[code]) for key, codes in keyed for code in codes]
        return Pairs([key for key, _ in flat], [commune for _, commune in flat])
