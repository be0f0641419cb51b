"""Tables of all twins of a type, in columns, kept for the scopes that ask most."""

import asyncio
from collections import OrderedDict

import msgspec
import numpy as np

from ondijon.apps.console.shapes import TwinTable
from ondijon.kernel.city import City
from ondijon.kernel.inventory import AttributeValue
from ondijon.web.documents import Document, make_document
from ondijon.web.rights import Rights, Scope

_MOST_KEPT = 16
# A table is megabytes: level 1 takes a tenth of the time and is nearly as small.
_LEVEL = 1


class Tables:
    """The inventory does not change while a process lives, so neither do its tables."""

    def __init__(self, city: City, rights: Rights) -> None:
        self._city = city
        self._rights = rights
        self._kept: OrderedDict[tuple[str, int, tuple[int, ...]], Document] = OrderedDict()

    async def get(self, scope: Scope, twin_type: str) -> Document:
        """The table of what a scope sees of a type; raises NotFound when it sees nothing of its trade."""
        self._rights.get_visible_type(scope, twin_type)
        key = (twin_type, self._city.twins[twin_type].edition, scope.of_trade(self._city.trade_of[twin_type]))
        document = self._kept.pop(key, None)
        if document is None:
            document = await asyncio.to_thread(self._build, scope, twin_type)
        self._kept[key] = document
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return document

    def _build(self, scope: Scope, twin_type: str) -> Document:
        rows = np.flatnonzero(self._rights.mask(scope, twin_type)).tolist()
        twins = self._city.twins[twin_type]
        records = [twins.records[row] for row in rows]
        attributes: dict[str, list[AttributeValue]] = {
            spec.key: [record.attributes.get(spec.key) for record in records]
            for spec in self._city.types[twin_type].attributes
        }
        table = TwinTable(
            row=rows,
            id=[record.id for record in records],
            name=[record.name for record in records],
            commune=[record.commune for record in records],
            street=[street_name(self._city, record.street_id) for record in records],
            attributes=attributes,
        )
        return make_document(msgspec.json.encode(table), "application/json", _LEVEL)


def street_name(city: City, street_id: str | None) -> str | None:
    """The name of a street by its id, as far as it is known."""
    card = city.streets.get(street_id) if street_id is not None else None
    return None if card is None else card.name
