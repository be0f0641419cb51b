"""Cabinets as the electrician draws them: circuits, phases, lights in order along the street."""

from collections.abc import Iterable, Sequence

import numpy as np
from msgspec import Struct

from ondijon.apps.console.parts.lighting import queries
from ondijon.apps.console.parts.lighting.shapes import (
    AboveShape,
    CabinetRow,
    CabinetShape,
    CircuitShape,
    LightShape,
    PhaseShape,
)
from ondijon.apps.console.room import Room
from ondijon.apps.console.tables import street_name
from ondijon.domains.lighting.model import CABINET, MANUAL, STREETLIGHT
from ondijon.domains.lighting.rules.cable import order_along_cable
from ondijon.kernel.arrays import Bools, Floats, Ints32
from ondijon.kernel.city import City
from ondijon.kernel.errors import NotFound
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.manifest import HEALTH
from ondijon.kernel.readings import NEVER
from ondijon.web.rights import Scope

UNKNOWN = "?"


class Lights(Struct, frozen=True, eq=False):
    """The state of all lights by row: what is asked and drawn (W, NaN unknown), who is held, who is faulty."""

    level_pct: Floats
    asked_w: Floats
    drawn_w: Floats
    held: Bools
    fault: Ints32
    age_s: Floats


def read_lights(city: City, now_us: int) -> Lights:
    """From the columns in memory."""
    twins, columns = city.twins[STREETLIGHT.key], city.columns[STREETLIGHT.key]
    level = columns["level_pct"].copy()
    observed_us = columns.observed_us[columns.property_index["level_pct"]]
    age_s = np.where(observed_us == NEVER, np.nan, (now_us - observed_us) / 1e6)
    return Lights(
        level,
        twins.numbers("rated_power_w") * level / 100.0,
        columns["power_w"].copy(),
        columns["control"] == MANUAL,
        np.nan_to_num(columns[HEALTH]).astype(np.int32),
        age_s,
    )


async def list_cabinets(room: Room, scope: Scope) -> list[CabinetRow]:
    """Every cabinet that may be seen, with the sums of those of its lights that may be seen."""
    room.rights.get_visible_type(scope, CABINET.key)
    cabinets, lights = room.city.twins[CABINET.key], read_lights(room.city, room.clock.now_us())
    parent = _parents(room)
    mine = room.rights.mask(scope, STREETLIGHT.key) & (parent >= 0)
    count = len(cabinets)

    def total(values: Floats | Bools) -> list[float]:
        sums: list[float] = np.bincount(parent[mine], np.nan_to_num(values[mine]), count).tolist()
        return sums

    numbers, asked, drawn = total(np.ones(len(parent))), total(lights.asked_w), total(lights.drawn_w)
    faults = total(lights.fault > 0)
    wanted = {row["twin_no"]: row["version"] for row in await queries.list_wanted_versions(room.rows)}
    columns = room.city.columns[CABINET.key]
    rows = []
    for row in np.flatnonzero(room.rights.mask(scope, CABINET.key)).tolist():
        record = cabinets.records[row]
        rows.append(
            CabinetRow(
                id=record.id,
                name=record.name,
                commune=record.commune,
                street=street_name(room.city, record.street_id),
                lights=int(numbers[row]),
                asked_w=round(asked[row], 1),
                drawn_w=round(drawn[row], 1),
                faults=int(faults[row]),
                online=_truth(columns["online"][row]),
                supply=_truth(columns["supply"][row]),
                wanted_version=wanted.get(int(cabinets.twin_no[row])),
                stored_version=_whole(columns["programme_version"][row]),
            )
        )
    return rows


async def read_cabinet(room: Room, scope: Scope, urn: str) -> CabinetShape:
    """One cabinet as a tree; raises NotFound also when it may not be seen."""
    twins, row = room.rights.get_visible(scope, urn)
    if twins.twin_type != CABINET.key:
        raise NotFound("error.twin_not_found", id=urn)
    record, columns = twins.records[row], room.city.columns[CABINET.key]
    visible = room.rights.mask(scope, STREETLIGHT.key)
    rows = np.flatnonzero(visible & (_parents(room) == row)).astype(np.int32)
    lights = read_lights(room.city, room.clock.now_us())
    circuits = _circuits(room, lights, rows, record.position)
    wanted = {one["twin_no"]: one["version"] for one in await queries.list_wanted_versions(room.rows)}
    return CabinetShape(
        id=record.id,
        name=record.name,
        commune=record.commune,
        lon=record.position[0],
        lat=record.position[1],
        online=_truth(columns["online"][row]),
        supply=_truth(columns["supply"][row]),
        metered_w=_known(columns["power_w"][row]),
        wanted_version=wanted.get(int(twins.twin_no[row])),
        stored_version=_whole(columns["programme_version"][row]),
        grid_feeder=_above(room, row, "grid_feeder"),
        uplink=_above(room, row, "uplink"),
        circuits=circuits,
        lights=len(rows),
        asked_w=_sum(lights.asked_w, rows),
        drawn_w=_sum(lights.drawn_w, rows),
        faults=int(np.count_nonzero(lights.fault[rows])),
        imbalance_pct=_imbalance(phase for circuit in circuits for phase in circuit.phases),
    )


def _parents(room: Room) -> Ints32:
    """The row of each light's cabinet, -1 without."""
    number = room.city.twins[CABINET.key].row_of
    records = room.city.twins[STREETLIGHT.key].records
    return np.array([number.get(record.part_of or "", -1) for record in records], np.int32)


def _circuits(room: Room, lights: Lights, rows: Ints32, cabinet: tuple[float, float]) -> list[CircuitShape]:
    records = room.city.twins[STREETLIGHT.key].records
    by_circuit: dict[str, list[int]] = {}
    for row in rows.tolist():
        key = records[row].attributes.get("circuit")
        by_circuit.setdefault(
            UNKNOWN if key is None else f"{key:g}" if isinstance(key, float) else str(key), []
        ).append(row)
    return [
        _circuit(room, lights, key, np.array(by_circuit[key], np.int32), cabinet)
        for key in sorted(by_circuit, key=lambda one: (one == UNKNOWN, len(one), one))
    ]


def _circuit(room: Room, lights: Lights, key: str, rows: Ints32, cabinet: tuple[float, float]) -> CircuitShape:
    records = room.city.twins[STREETLIGHT.key].records
    metres = LocalMetres(*room.city.card.center)
    places = metres.to_metres(np.array([records[row].position for row in rows.tolist()]))
    streets = [street_name(room.city, records[row].street_id) or "" for row in rows.tolist()]
    order, along_m = order_along_cable(places, streets, metres.to_metres(np.array([cabinet]))[0])
    by_phase: dict[str, list[LightShape]] = {}
    for at in order.tolist():
        row = int(rows[at])
        phase = str(records[row].attributes.get("phase") or UNKNOWN)
        by_phase.setdefault(phase, []).append(_light(room, lights, row, float(along_m[at])))
    phases = [_phase(name, by_phase[name]) for name in sorted(by_phase)]
    return CircuitShape(
        key=key,
        inferred=any(records[row].attributes.get("circuit_inferred") is True for row in rows.tolist()),
        phases=phases,
        lights=len(rows),
        asked_w=_sum(lights.asked_w, rows),
        drawn_w=_sum(lights.drawn_w, rows),
        faults=int(np.count_nonzero(lights.fault[rows])),
        imbalance_pct=_imbalance(phases),
    )


def _light(room: Room, lights: Lights, row: int, at_m: float) -> LightShape:
    record = room.city.twins[STREETLIGHT.key].records[row]
    return LightShape(
        id=record.id,
        name=record.name,
        street=street_name(room.city, record.street_id),
        at_m=round(at_m, 1),
        level_pct=_known(lights.level_pct[row]),
        asked_w=_known(lights.asked_w[row]),
        drawn_w=_known(lights.drawn_w[row]),
        fault=int(lights.fault[row]),
        held=bool(lights.held[row]),
        age_s=_known(lights.age_s[row]),
    )


def _phase(key: str, lights: Sequence[LightShape]) -> PhaseShape:
    return PhaseShape(
        key=key,
        lights=list(lights),
        asked_w=round(sum(light.asked_w or 0.0 for light in lights), 1),
        drawn_w=round(sum(light.drawn_w or 0.0 for light in lights), 1),
        faults=sum(light.fault > 0 for light in lights),
    )


def _imbalance(phases: Iterable[PhaseShape]) -> float | None:
    """How far the most loaded phase lies above the mean of the phases, %; None when nothing is asked of them."""
    loads: dict[str, float] = {}
    for phase in phases:
        if phase.key != UNKNOWN:
            loads[phase.key] = loads.get(phase.key, 0.0) + phase.asked_w
    mean = sum(loads.values()) / len(loads) if loads else 0.0
    return round(100.0 * (max(loads.values()) / mean - 1.0), 1) if mean > 0.0 else None


def _above(room: Room, row: int, attribute: str) -> AboveShape | None:
    records = room.city.twins[CABINET.key].records
    key = records[row].attributes.get(attribute)
    if key is None:
        return None
    beside = sum(record.attributes.get(attribute) == key for record in records)
    return AboveShape(str(key), beside, records[row].attributes.get(f"{attribute}_inferred") is True)


def _sum(values: Floats, rows: Ints32) -> float:
    return round(float(np.nansum(values[rows])), 1)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 1)


def _truth(value: float) -> bool | None:
    return None if np.isnan(value) else bool(value)


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)
