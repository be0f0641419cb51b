"""The whole import: datasets in, one inventory out, nothing stored."""

from math import ceil
from pathlib import Path

import numpy as np
import shapely
from msgspec import Struct, structs

from ondijon.infra.inventory.addresses import make_addresses
from ondijon.infra.inventory.mapping import Circuits, Mapping, StreetGroups, TwinDataset, read_mapping
from ondijon.infra.inventory.rows import BadRow, CheckedRow, read_dataset
from ondijon.infra.inventory.streets import Ground, lay_ground, make_communes
from ondijon.infra.inventory.traffic import count_traffic, make_crossings
from ondijon.infra.inventory.wiring import infer_circuits, infer_trunks
from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.errors import Refused
from ondijon.kernel.geo import LocalMetres, group_along_streets
from ondijon.kernel.ids import twin_id
from ondijon.kernel.inventory import Address, AttributeValue, Crossing, Inventory, TwinRecord


class ImportResult(Struct, frozen=True):
    """What was read: the inventory, the rows left out, and the rows kept of each file."""

    inventory: Inventory
    bad_rows: list[BadRow]
    counts: dict[str, int]


class _Placed(Struct, frozen=True):
    """Twins of one type with the street that each stands on."""

    twins: list[TwinRecord]
    points: Floats
    arc: Ints64
    along_m: Floats


def read_inventory(city_folder: Path, source_folder: Path, seed: int = 34172) -> ImportResult:
    """Read a city's datasets as its import.toml says.

    Raises Refused (mapping or file missing, broken, or without a column that the mapping names); rows that do
    not fit are reported and left out. `seed` only draws what no dataset tells: which streets hang on a feeder
    switched by night. The same files and seed give the same inventory.
    """
    head, mapping = read_mapping(city_folder)
    bad: list[BadRow] = []
    counts: dict[str, int] = {}
    ground = _read_ground(LocalMetres(*head.center), mapping, source_folder, bad, counts)
    twins = _read_twins(mapping, source_folder, seed, ground, bad, counts)
    inventory = Inventory(head.key, ground.communes, ground.streets, [], [], twins)
    return ImportResult(_with_details(inventory, mapping, source_folder, ground, bad, counts), bad, counts)


def _read_twins(
    mapping: Mapping, folder: Path, seed: int, ground: Ground, bad: list[BadRow], counts: dict[str, int]
) -> list[TwinRecord]:
    """Every object, with the cabinets and groups that are made for some."""
    twins: list[TwinRecord] = []
    for dataset in mapping.twins:
        placed = _place(dataset, read_dataset(dataset, folder, bad), ground)
        counts[dataset.file] = len(placed.twins)
        if dataset.type == mapping.circuits.of:
            placed, cabinets = _wire(mapping.circuits, placed, ground, np.random.default_rng(seed))
            twins += cabinets
        twins += placed.twins
        if dataset.type == mapping.street_groups.of:
            twins += _street_groups(mapping.street_groups, placed, ground)
    return twins


def _with_details(
    inventory: Inventory, mapping: Mapping, folder: Path, ground: Ground, bad: list[BadRow], counts: dict[str, int]
) -> Inventory:
    """The inventory with what a city need not have: addresses, crossings, and traffic on its streets."""
    addresses: list[Address] = []
    if mapping.addresses is not None:
        addresses = make_addresses(read_dataset(mapping.addresses, folder, bad), ground)
        counts[mapping.addresses.file] = len(addresses)
    crossings: list[Crossing] = []
    if mapping.crossings is not None:
        crossings = make_crossings(read_dataset(mapping.crossings, folder, bad), ground)
        counts[mapping.crossings.file] = len(crossings)
    streets = inventory.streets
    if mapping.counts is not None:
        file = mapping.counts.file
        streets, counts[file] = count_traffic(file, read_dataset(mapping.counts, folder, bad), streets, bad)
    return structs.replace(inventory, addresses=addresses, crossings=crossings, streets=streets)


def _read_ground(
    frame: LocalMetres, mapping: Mapping, folder: Path, bad: list[BadRow], counts: dict[str, int]
) -> Ground:
    file = mapping.communes.file
    communes, areas = make_communes(file, read_dataset(mapping.communes, folder, bad), bad)
    counts[file] = len(communes)
    rows = read_dataset(mapping.streets, folder, bad)
    for name, found in ((file, communes), (mapping.streets.file, rows)):
        if not found:
            raise Refused("error.import_nothing_read", file=name)
    ground = lay_ground(frame, communes, areas, mapping.streets.file, rows, bad)
    counts[mapping.streets.file] = len(ground.streets)
    return ground


def _place(dataset: TwinDataset, rows: list[CheckedRow], ground: Ground) -> _Placed:
    """Twins numbered by their row in the file, in the order of their streets' names."""
    points = shapely.get_coordinates([row.geometry for row in rows]).reshape(-1, 2)
    arc, along = ground.attach(points)
    commune = ground.communes_of(points).tolist()
    degrees = np.round(points, 6).tolist()
    passed: dict[tuple[str, str], int] = {}
    twins: list[TwinRecord] = []
    for row, arc_row, commune_row, (lon, lat) in zip(rows, arc.tolist(), commune, degrees, strict=True):
        street = ground.streets[arc_row]
        insee = ground.communes[commune_row].insee
        key = (street.name, street.commune)
        passed[key] = passed.get(key, 0) + 1
        local = f"{dataset.prefix}-{row.number:06d}"
        twins.append(
            TwinRecord(
                id=twin_id(dataset.type, insee, local),
                type=dataset.type,
                commune=insee,
                name=f"{street.name} · {passed[key]}",
                position=(lon, lat),
                street_id=street.street_id,
                device=local,
                attributes=_attributes(dataset, row),
            )
        )
    return _Placed(twins, points, arc, along)


def _attributes(dataset: TwinDataset, row: CheckedRow) -> dict[str, AttributeValue]:
    inferred = dataset.inferred
    if inferred is None:
        return row.values
    return row.values | inferred.values.get(str(row.values.get(inferred.by)), {}) | inferred.marks


def _wire(
    circuits: Circuits, placed: _Placed, ground: Ground, rng: np.random.Generator
) -> tuple[_Placed, list[TwinRecord]]:
    """Give each twin a cabinet, found along the streets, and a feeder, drawn by street."""
    group = _groups_by_commune(placed, ground)
    names = sorted({(street.name, street.commune) for street in ground.streets})
    drawn = dict(zip(names, (rng.random(len(names)) < circuits.switched_share).tolist(), strict=True))
    cabinets: list[TwinRecord] = []
    for number in range(int(group.max(initial=-1)) + 1):
        cabinets.append(_cabinet(circuits, number, np.nonzero(group == number)[0], placed, ground))
    twins: list[TwinRecord] = []
    for twin, group_row, arc in zip(placed.twins, group.tolist(), placed.arc.tolist(), strict=True):
        street, cabinet = ground.streets[arc], cabinets[group_row]
        feeder = "switched" if drawn[street.name, street.commune] else "permanent"
        attributes = twin.attributes | {"feeder": feeder}
        twins.append(structs.replace(twin, part_of=cabinet.id, gateway=cabinet.device, attributes=attributes))
    twins = infer_circuits(twins, placed.points, placed.arc, group, cabinets, ground.frame)
    return structs.replace(placed, twins=twins), infer_trunks(cabinets, ground.frame)


def _groups_by_commune(placed: _Placed, ground: Ground) -> Ints64:
    """Groups along the streets that never mix communes."""
    commune = np.array([twin.commune for twin in placed.twins])
    result = np.full(len(commune), -1, dtype=np.int64)
    count = 0
    for insee in np.unique(commune).tolist():
        members = np.nonzero(commune == insee)[0]
        found = group_along_streets(ground.graph, placed.arc[members], placed.along_m[members])
        result[members] = found + count
        count += int(found.max()) + 1
    return result


def _cabinet(circuits: Circuits, number: int, members: Ints64, placed: _Placed, ground: Ground) -> TwinRecord:
    """A cabinet beside the member nearest to its group's middle, with the contract that its members need."""
    places = placed.points[members]
    beside = int(members[np.argmin(np.hypot(*(places - places.mean(axis=0)).T))])
    twin = placed.twins[beside]
    needed_w = sum(_number(placed.twins[row].attributes.get(circuits.power)) for row in members.tolist())
    needed_kw = ceil(needed_w * 1.1) / 1000
    contract_kw = next((kw for kw in circuits.subscribed_kw if kw >= needed_kw), circuits.subscribed_kw[-1])
    local = f"{circuits.prefix}-{number + 1:04d}"
    street = ground.streets[int(placed.arc[beside])]
    lon, lat = twin.position
    return TwinRecord(
        id=twin_id(circuits.type, twin.commune, local),
        type=circuits.type,
        commune=twin.commune,
        name=f"{street.name} · {local}",
        position=(round(lon + 2e-5, 6), round(lat + 1e-5, 6)),
        street_id=street.street_id,
        gateway=local,
        device=local,
        attributes=circuits.attributes | {"contract_power_kw": contract_kw},
    )


def _number(value: AttributeValue) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _street_groups(groups: StreetGroups, placed: _Placed, ground: Ground) -> list[TwinRecord]:
    """One group for each street and commune with twins, at the twin in its middle."""
    members: dict[tuple[str, str], list[int]] = {}
    for row, (twin, arc) in enumerate(zip(placed.twins, placed.arc.tolist(), strict=True)):
        members.setdefault((ground.streets[arc].name, twin.commune), []).append(row)
    result: list[TwinRecord] = []
    for number, ((name, insee), rows) in enumerate(sorted(members.items())):
        places = placed.points[rows]
        middle = placed.twins[rows[int(np.argmin(np.hypot(*(places - places.mean(axis=0)).T)))]]
        result.append(
            TwinRecord(
                id=twin_id(groups.type, insee, f"{groups.prefix}-{number + 1:05d}"),
                type=groups.type,
                commune=insee,
                name=name,
                position=middle.position,
                street_id=middle.street_id,
            )
        )
    return result
