"""Real objects on their streets, and the cabinets and groups that no dataset tells."""

from math import ceil

import numpy as np
import shapely
from msgspec import Struct, structs

from ondijon.infra.inventory.mapping import Circuits, StreetGroups, TwinDataset
from ondijon.infra.inventory.rows import CheckedRow
from ondijon.infra.inventory.streets import Ground
from ondijon.infra.inventory.wiring import infer_circuits, infer_trunks
from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.geo import group_along_streets
from ondijon.kernel.ids import twin_id
from ondijon.kernel.inventory import AttributeValue, TwinRecord


class Placed(Struct, frozen=True):
    """Twins of one type with the street that each stands on, and the number of its cabinet where it has one."""

    twins: list[TwinRecord]
    points: Floats
    arc: Ints64
    along_m: Floats
    group: Ints64 | None = None


def place(dataset: TwinDataset, rows: list[CheckedRow], ground: Ground) -> Placed:
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
                name=str(row.values.get("name") or f"{street.name} · {passed[key]}"),
                position=(lon, lat),
                street_id=street.street_id,
                attributes=_attributes(dataset, row),
            )
        )
    return Placed(twins, points, arc, along)


def _attributes(dataset: TwinDataset, row: CheckedRow) -> dict[str, AttributeValue]:
    inferred = dataset.inferred
    own: dict[str, AttributeValue] = {
        key: value for key, value in row.values.items() if key != "name" and value is not None
    }
    if inferred is None:
        return own
    return own | inferred.values.get(str(row.values.get(inferred.by)), {}) | inferred.marks


def wire(
    circuits: Circuits, placed: Placed, ground: Ground, rng: np.random.Generator
) -> tuple[Placed, list[TwinRecord]]:
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
        device = twin.id.rpartition(":")[2]
        wired = structs.replace(twin, part_of=cabinet.id, gateway=cabinet.device, device=device, attributes=attributes)
        twins.append(wired)
    twins = infer_circuits(twins, placed.points, placed.arc, group, cabinets, ground.frame)
    return structs.replace(placed, twins=twins, group=group), infer_trunks(cabinets, ground.frame)


def _groups_by_commune(placed: Placed, ground: Ground) -> Ints64:
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


def _cabinet(circuits: Circuits, number: int, members: Ints64, placed: Placed, ground: Ground) -> TwinRecord:
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


def make_street_groups(groups: StreetGroups, placed: Placed, ground: Ground) -> list[TwinRecord]:
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
