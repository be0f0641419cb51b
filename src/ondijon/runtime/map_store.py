"""A city's map goes into the rows: only what differs is written, and what differed is counted."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from ondijon.kernel.inventory import Commune, Inventory
from ondijon.kernel.ports import Row, Transaction
from ondijon.runtime import map_queries as queries


class ImportCount(Struct, frozen=True):
    """What an import did to the things of one kind."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0

    def __add__(self, other: "ImportCount") -> "ImportCount":
        return ImportCount(
            self.created + other.created,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.retired + other.retired,
        )


Contents = dict[Hashable, Counter[bytes]]


def _content(value: object) -> bytes:
    return msgspec.json.encode(value)


def _gather(pairs: Iterable[tuple[Hashable, object]]) -> Contents:
    """What stands under each key; things without a key of their own may share one."""
    result: Contents = {}
    for key, value in pairs:
        result.setdefault(key, Counter())[_content(value)] += 1
    return result


def compare(before: Contents, after: Contents) -> ImportCount:
    """How two states of one kind differ: what is equal stays; of the rest under one key, as many as can be changed."""
    if not before:
        return ImportCount(created=sum(come.total() for come in after.values()))
    count = ImportCount()
    for key in before.keys() | after.keys():
        old, new = before.get(key, Counter()), after.get(key, Counter())
        gone, come = (old - new).total(), (new - old).total()
        changed = min(gone, come)
        count += ImportCount(come - changed, changed, (old & new).total(), gone - changed)
    return count


async def save_map(tx: Transaction, inventory: Inventory) -> dict[str, ImportCount]:
    """Make the rows equal the inventory's map; counts by kind.

    Streets keep their rows, so that what others know of a street id survives; one that is gone is deleted, and no
    twin stands on it any more. Communes are never deleted. Traffic is part of its street and is counted once more
    by itself. A crossing has no name: one that moved is one gone and one new.
    """
    counts = {"Commune": await _save_communes(tx, inventory.communes)}
    old = {row["street_id"]: row for row in await queries.list_streets(tx)}
    addresses = await _compare_addresses(tx, inventory)
    crossings = await _compare_crossings(tx, inventory)
    await _empty_what_differs(tx, addresses, crossings)
    counts["Street"], counts["TrafficCount"] = await _save_streets(tx, old, inventory)
    if _differs(addresses):
        await queries.add_addresses(tx, inventory.addresses)
    if _differs(crossings):
        await queries.add_crossings(tx, inventory.crossings)
    counts |= {"Address": addresses, "Crossing": crossings, "Landscape": await _save_landscape(tx, inventory)}
    return {kind: count for kind, count in counts.items() if count != ImportCount()}


def _differs(count: ImportCount) -> bool:
    return bool(count.created or count.changed or count.retired)


async def _save_communes(tx: Transaction, communes: Sequence[Commune]) -> ImportCount:
    old = {row["insee"]: row for row in await queries.list_communes(tx)}
    fields = ("name", "population", "area_km2", "lon", "lat", "boundary")
    before = _gather((insee, [row[field] for field in fields]) for insee, row in old.items())
    after = _gather(
        (one.insee, [one.name, one.population, one.area_km2, *one.center, one.boundary]) for one in communes
    )
    code = max((row["code"] for row in old.values()), default=-1)
    for one in communes:
        code += one.insee not in old
        if before.get(one.insee) != after[one.insee]:
            await queries.write_commune(tx, code, one)
    return msgspec.structs.replace(compare(before, after), retired=0)


async def _save_streets(
    tx: Transaction, old: Mapping[str, Row], inventory: Inventory
) -> tuple[ImportCount, ImportCount]:
    fields = ("name", "commune", "street_class", "one_way", "line", "vehicles_per_day", "counted_year")
    before = _gather((key, [row[field] for field in fields]) for key, row in old.items())
    after = _gather((one.street_id, [getattr(one, field) for field in fields]) for one in inventory.streets)
    changed = [one for one in inventory.streets if before.get(one.street_id) != after[one.street_id]]
    gone = [key for key in old if key not in after]
    if changed:
        await queries.write_streets(tx, changed)
    if gone:
        await queries.forget_streets_of_twins(tx, gone)
        await queries.delete_streets(tx, gone)
    counted_before = _gather(
        (key, [row["vehicles_per_day"], row["counted_year"]])
        for key, row in old.items()
        if row["vehicles_per_day"] is not None
    )
    counted_after = _gather(
        (one.street_id, [one.vehicles_per_day, one.counted_year])
        for one in inventory.streets
        if one.vehicles_per_day is not None
    )
    return compare(before, after), compare(counted_before, counted_after)


async def _empty_what_differs(tx: Transaction, addresses: ImportCount, crossings: ImportCount) -> None:
    """They hang on streets that may go, and are written anew after them."""
    if _differs(addresses):
        await queries.delete_addresses(tx)
    if _differs(crossings):
        await queries.delete_crossings(tx)


async def _compare_addresses(tx: Transaction, inventory: Inventory) -> ImportCount:
    before = _gather(
        ((row["street_id"], row["number"]), [row["lon"], row["lat"], row["street"]])
        for row in await queries.list_addresses(tx)
    )
    after = _gather(((one.street_id, one.number), [*one.position, one.street]) for one in inventory.addresses)
    return compare(before, after)


async def _compare_crossings(tx: Transaction, inventory: Inventory) -> ImportCount:
    before = _gather(
        ((row["street_id"], row["commune"], row["lon"], row["lat"]), None) for row in await queries.list_crossings(tx)
    )
    after = _gather(((one.street_id, one.commune, *one.position), None) for one in inventory.crossings)
    return compare(before, after)


async def _save_landscape(tx: Transaction, inventory: Inventory) -> ImportCount:
    before = _gather(
        ((row["kind"], row["name"]), [row["shape"]["polygons"], row["shape"]["lines"]])
        for row in await queries.list_landscape(tx)
    )
    after = _gather(((item.kind, item.name), [item.polygons, item.lines]) for item in inventory.landscape)
    count = compare(before, after)
    if _differs(count):
        await queries.delete_landscape(tx)
        await queries.add_landscape(tx, inventory.landscape)
    return count
