"""A city goes into the rows as an inventory, and comes out as twins with empty columns."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from ondijon.kernel.city import City, CityCard, CommuneCard, StreetCard
from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import EngineAway, NotFound, Refused
from ondijon.kernel.inventory import Inventory, TwinRecord
from ondijon.kernel.manifest import Manifest
from ondijon.kernel.ports import Row, Rows
from ondijon.kernel.twins import TwinsOfType
from ondijon.runtime import city_queries as queries
from ondijon.runtime.map_store import ImportCount, save_map

__all__ = ["ImportCount", "add_twins", "fingerprint", "load_city", "save_inventory"]

FEW = 20  # things of one kind, of which an import may take any number without being asked
_AT_ONCE = 2_000  # twins whose attributes are read between two breaths


def fingerprint(inventory: Inventory) -> str:
    """SHA-256 of the whole inventory, to see that nothing moved."""
    return hashlib.sha256(msgspec.json.encode(inventory, order="deterministic")).hexdigest()


async def save_inventory(
    rows: Rows,
    clock: Clock,
    inventory: Inventory,
    attribution: dict[str, str] | None = None,
    accept_losses: bool = False,
) -> dict[str, ImportCount]:
    """Create, change and retire so that the rows equal the inventory, all or nothing; counts by kind.

    `attribution` replaces what the city's folder says of its sources. An inventory that would retire most of one
    kind raises Refused, unless losses are accepted: half a file must not take half a city out of the room.
    """
    async with rows.transaction() as tx:
        await queries.lock_city(tx)
        now = clock.now()
        counts = await save_map(tx, inventory)
        await queries.stage_twins(tx, inventory.twins)
        await queries.keep_edits(tx)
        staged = {row["type"]: row for row in await queries.count_staged(tx)}
        gone = {row["type"]: row["retired"] for row in await queries.retire_missing(tx, list(staged), now)}
        counts |= {
            kind: ImportCount(row["created"], row["changed"], row["unchanged"], gone.get(kind, 0))
            for kind, row in sorted(staged.items())
        }
        if not accept_losses:
            _refuse_losses(counts)
        await queries.merge_staged(tx)
        await queries.write_city(tx, inventory.city, now, fingerprint(inventory), attribution)
    return counts


def _refuse_losses(counts: dict[str, ImportCount]) -> None:
    for kind, count in counts.items():
        known = count.changed + count.unchanged + count.retired
        if known >= FEW and count.retired > known / 2:
            raise Refused("error.import_loses_most", kind=kind, retired=count.retired, known=known)


async def add_twins(rows: Rows, clock: Clock, twins: Sequence[TwinRecord]) -> None:
    """Add or change single twins beside the imported ones."""
    async with rows.transaction() as tx:
        await queries.lock_city(tx)
        await queries.stage_twins(tx, twins)
        await queries.keep_edits(tx)
        await queries.merge_staged(tx)
        await queries.touch_city(tx, clock.now())


class CityVersion(NamedTuple):
    """How often a city was imported, and how often attributes of its twins were edited; 0 before there is one."""

    inventory: int
    attributes: int


async def read_version(rows: Rows) -> CityVersion:
    """Of which version the city is now."""
    row = await queries.find_city(rows)
    return CityVersion(0, 0) if row is None else CityVersion(row["version"], row["attributes_version"])


async def follow_city(
    rows: Rows, city: City, version: CityVersion, on_renewed: Callable[[], Awaitable[None]], every_s: float = 2.0
) -> None:
    """Renew attributes whenever they were edited; return once there was an import, told on the bus or not."""
    while True:
        await asyncio.sleep(every_s)
        try:
            now = await read_version(rows)
            if now.inventory != version.inventory:
                return
            if now != version:
                await _renew_attributes(rows, city)
                await on_renewed()
                version = now
        except EngineAway:
            continue


async def _renew_attributes(rows: Rows, city: City) -> None:
    """Read all attributes again, some at a time so that nothing else has to wait."""
    last = 0
    while found := await queries.list_attributes(rows, last, _AT_ONCE):
        for row in found:
            twins = city.twins.get(row["type"])
            if twins is not None:
                place = int(np.searchsorted(twins.twin_no, row["twin_no"]))
                if place < len(twins) and twins.twin_no[place] == row["twin_no"]:
                    twins.renew(place, row["attributes"])
        last = found[-1]["twin_no"]
        await asyncio.sleep(0)


async def _number_properties(rows: Rows, manifests: Sequence[Manifest]) -> dict[tuple[str, str], int]:
    """Give each (type, property) its small number, for ever."""
    async with rows.transaction() as tx:
        await queries.lock_city(tx)
        numbers = {(r["twin_type"], r["key"]): r["property_no"] for r in await queries.list_properties(tx)}
        for manifest in manifests:
            for spec in manifest.twin_types:
                for declared in spec.properties:
                    if (spec.key, declared.key) not in numbers:
                        number = max(numbers.values(), default=0) + 1
                        await queries.add_property(tx, number, spec.key, declared.key)
                        numbers[spec.key, declared.key] = number
    return numbers


def _record(row: Row) -> TwinRecord:
    return TwinRecord(
        row["urn"],
        row["type"],
        row["commune"],
        row["name"],
        (row["lon"], row["lat"]),
        row["street_id"],
        row["part_of"],
        row["gateway"],
        row["device"],
        row["attributes"],
    )


async def load_city(rows: Rows, card: CityCard, manifests: Sequence[Manifest]) -> City:
    """The city with all its twins; twins of a type that no trade declares stay in the rows, unseen.

    The words of an import's sources come before those of the card.
    """
    found = await queries.find_city(rows)
    if found is not None and found["attribution"] is not None:
        card = msgspec.structs.replace(card, attribution=found["attribution"])
    communes = [
        CommuneCard(row["insee"], row["name"], (row["lon"], row["lat"])) for row in await queries.list_communes(rows)
    ]
    if not communes:
        raise NotFound("error.no_city")
    codes = [commune.insee for commune in communes]
    property_nos = await _number_properties(rows, manifests)
    records: dict[str, list[TwinRecord]] = defaultdict(list)
    numbers: dict[str, list[int]] = defaultdict(list)
    for row in await queries.list_twins(rows):
        records[row["type"]].append(_record(row))
        numbers[row["type"]].append(row["twin_no"])
    declared = [spec.key for manifest in manifests for spec in manifest.twin_types]
    twins = {key: TwinsOfType(key, records[key], np.array(numbers[key], np.int32), codes) for key in declared}
    streets = [StreetCard(row["street_id"], row["name"], row["commune"]) for row in await queries.list_streets(rows)]
    return City(card, communes, manifests, twins, property_nos, streets)
