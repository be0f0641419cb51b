"""The address index as a face uses it: built from the rows when first needed, then answering beside the event loop."""

import asyncio
import logging

import msgspec

from ondijon.kernel.city import City
from ondijon.kernel.inventory import Position
from ondijon.kernel.ports import Rows
from ondijon.web.addresses import queries
from ondijon.web.addresses.finder import AddressFinder, AddressHit
from ondijon.web.addresses.survey import SourceAddress, SourceArc, SourcePlace, build_gazetteer

_LOG = logging.getLogger(__name__)

__all__ = ["AddressHit", "AddressIndex"]


class AddressIndex:
    """One for each process of a face; a city that changes starts its processes afresh."""

    def __init__(self, city: City, rows: Rows) -> None:
        self._city = city
        self._rows = rows
        self._building = asyncio.Lock()
        self._finder: AddressFinder | None = None
        self._warming: asyncio.Task[AddressFinder] | None = None

    def warm(self) -> None:
        """Begin to build, so that the first who asks does not wait; a second call does nothing."""
        if self._finder is None and (self._warming is None or self._warming.done()):
            self._warming = asyncio.create_task(self.ready())
            self._warming.add_done_callback(_see_failure)

    async def find(self, text: str, limit: int, near: Position | None = None) -> list[AddressHit]:
        """At most `limit` answers to what somebody said or typed, the likeliest first."""
        finder = await self.ready()
        return await asyncio.to_thread(finder.find, text, limit, near)

    async def reverse(self, lon: float, lat: float) -> AddressHit | None:
        """The house number at a point, or the street that passes nearest."""
        finder = await self.ready()
        return await asyncio.to_thread(finder.reverse, lon, lat)

    async def ready(self) -> AddressFinder:
        """The finder, built on the first call; a metropolis takes about two seconds of another thread."""
        async with self._building:
            if self._finder is None:
                arcs = msgspec.convert(await queries.list_arcs(self._rows), list[SourceArc])
                houses = msgspec.convert(await queries.list_addresses(self._rows), list[SourceAddress])
                places = msgspec.convert(await queries.list_places(self._rows), list[SourcePlace])
                self._finder = await asyncio.to_thread(self._build, arcs, houses, places)
            return self._finder

    def _build(self, arcs: list[SourceArc], houses: list[SourceAddress], places: list[SourcePlace]) -> AddressFinder:
        gazetteer = build_gazetteer(self._city.card.center, arcs, houses, places)
        return AddressFinder(gazetteer, [(commune.insee, commune.name) for commune in self._city.communes])


def _see_failure(task: asyncio.Task[AddressFinder]) -> None:
    """Whoever asks next builds again and is told; here it is only noted."""
    if not task.cancelled() and task.exception() is not None:
        _LOG.warning("the address index could not be built ahead: %s", task.exception())
