"""Street lights along lit streets, and the cabinets that feed them."""

from math import ceil

import numpy as np
from msgspec import Struct, structs

from ondijon.kernel.arrays import Bools, Floats, Ints64
from ondijon.kernel.errors import Refused
from ondijon.kernel.geo import StreetGraph, group_along_streets, join_lines
from ondijon.kernel.ids import twin_id
from ondijon.kernel.inventory import AttributeValue, StreetClass, TwinRecord
from ondijon.kernel.wiring import MOST_ON_FEEDER, MOST_ON_UPLINK, UPLINK_BEARING_RAD, group_neighbours, wire_circuits
from ondijon.simulator.metropolis.plan import CityPlan
from ondijon.simulator.metropolis.streets import NamedArc, passed_before, rank_in_turn

_SUBSCRIBED_KW = (3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 24.0, 30.0, 36.0)
_LED_SHARE = 0.65


class Installation(Struct, frozen=True):
    """How streets of one class are lit; classes after EN 13201-2, powers in W for sodium and LED."""

    lighting_classes: tuple[str, ...]
    spacing_m: float
    alternate: bool
    offset_m: float
    height_m: float
    sodium_w: float
    led_w: float


INSTALLATIONS: dict[StreetClass, Installation] = {
    "primary": Installation(("M3",), 29.0, True, 7.5, 10.0, 150.0, 92.0),
    "secondary": Installation(("M4", "M3"), 28.0, True, 6.5, 9.0, 150.0, 76.0),
    "tertiary": Installation(("M5", "M4"), 27.0, False, 5.0, 8.0, 100.0, 52.0),
    "residential": Installation(("P4", "P3", "M6"), 28.0, False, 4.2, 6.0, 70.0, 31.0),
    "pedestrian": Installation(("P2", "C4"), 24.0, True, 2.6, 4.5, 70.0, 28.0),
}
_CLOSEST_M, _WIDEST_M = 22.0, 40.0


class Lamps(Struct, frozen=True):
    """Lights by column: the arc each stands on, how far along it, and where."""

    arc: Ints64
    along_m: Floats
    place: Floats
    aside: Floats


def place_lamps(arcs: list[NamedArc], lit: list[bool], wanted: int, rng: np.random.Generator) -> Lamps:
    """Exactly `wanted` lights, evenly spaced on each lit arc by its class."""
    lengths = np.array([arc.length_m for arc in arcs])
    counts = _counts(arcs, lit, lengths, wanted)
    left_hand = rng.random(max(arc.street for arc in arcs) + 1) < 0.5
    row = np.repeat(np.arange(len(arcs)), counts)
    rank = rank_in_turn(row)
    along_m = (rank + 0.5) * lengths[row] / counts[row]
    point, ahead = join_lines([arc.points for arc in arcs]).place(row, along_m)
    side = np.where(left_hand[[arc.street for arc in arcs]], 1.0, -1.0)[row]
    alternate = np.array([on and INSTALLATIONS[arc.street_class].alternate for arc, on in zip(arcs, lit, strict=True)])
    side[alternate[row] & ((rank + passed_before(arcs, counts)[row]) % 2 == 1)] *= -1.0
    aside = np.column_stack((-ahead[:, 1], ahead[:, 0])) * side[:, None]
    offset_m = np.array([on and INSTALLATIONS[arc.street_class].offset_m for arc, on in zip(arcs, lit, strict=True)])
    return Lamps(row, along_m, point + aside * offset_m[row, None], aside)


def _counts(arcs: list[NamedArc], lit: list[bool], lengths: Floats, wanted: int) -> Ints64:
    """Lights on each arc: one stretch of all spacings that gives about the wanted total, then the exact remainder."""
    usual = np.array(
        [INSTALLATIONS[arc.street_class].spacing_m if on else np.inf for arc, on in zip(arcs, lit, strict=True)]
    )

    def counts_at(stretch: float) -> Ints64:
        spacing = np.where(np.isinf(usual), np.inf, np.clip(usual * stretch, _CLOSEST_M, _WIDEST_M))
        return np.maximum(np.round(lengths / spacing), np.isfinite(spacing)).astype(np.int64)

    low, high = 0.5, 2.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if counts_at(middle).sum() >= wanted else (low, middle)
    counts = counts_at(low)
    surplus = int(counts.sum()) - wanted
    step = 1 if surplus > 0 else -1
    richest = np.argsort(-counts, kind="stable")[: abs(surplus)]
    counts[richest] -= step
    if int(counts.sum()) != wanted:
        raise Refused("error.bad_city_plan", folder="plan.toml", reason="lit streets too short for the lights")
    return counts


class _Fitting(Struct, frozen=True):
    """What the lights of one street have in common: streets are re-equipped as a whole."""

    led: bool
    year: int
    lighting_class: str
    switched: bool


def _fittings(arcs: list[NamedArc], rng: np.random.Generator) -> dict[int, _Fitting]:
    result: dict[int, _Fitting] = {}
    for arc in arcs:
        if arc.street in result or arc.street_class not in INSTALLATIONS:
            continue
        led = bool(rng.random() < _LED_SHARE)
        classes = INSTALLATIONS[arc.street_class].lighting_classes
        result[arc.street] = _Fitting(
            led=led,
            year=int(rng.integers(2014, 2026) if led else rng.integers(1988, 2013)),
            lighting_class=classes[int(rng.integers(len(classes)))],
            switched=bool(rng.random() < (0.25 if led else 0.8)),
        )
    return result


def _attributes(arc: NamedArc, fitting: _Fitting) -> dict[str, AttributeValue]:
    built = INSTALLATIONS[arc.street_class]
    return {
        "rated_power_w": built.led_w if fitting.led else built.sodium_w,
        "lamp_type": "led" if fitting.led else "sodium",
        "installed_year": fitting.year,
        "lighting_class": fitting.lighting_class,
        "feeder": "switched" if fitting.switched else "permanent",
        "mounting_height_m": built.height_m,
    }


def equip(
    plan: CityPlan, arcs: list[NamedArc], lamps: Lamps, nodes: Floats, rng: np.random.Generator
) -> list[TwinRecord]:
    """The twins of the lighting trade: cabinets, their lights, and one group for each lit street."""
    group = _groups(arcs, lamps, nodes)
    fittings = _fittings(arcs, rng)
    shared = [_attributes(arc, fittings[arc.street]) if arc.street in fittings else {} for arc in arcs]
    powers = np.array([float(str(shared[arc]["rated_power_w"])) for arc in lamps.arc.tolist()])
    cabinets = _cabinets(plan, arcs, lamps, group, powers)
    circuit, phase = _wire(plan, arcs, lamps, group, cabinets)
    degrees = np.round(plan.frame.to_degrees(lamps.place), 6).tolist()
    lights: list[TwinRecord] = []
    passed: dict[int, int] = {}
    for row, (arc_row, cabinet_row, (lon, lat)) in enumerate(
        zip(lamps.arc.tolist(), group.tolist(), degrees, strict=True)
    ):
        arc, cabinet = arcs[arc_row], cabinets[cabinet_row]
        passed[arc.street] = passed.get(arc.street, 0) + 1
        insee = plan.communes[arc.commune].insee
        local = f"SL-{row + 1:06d}"
        lights.append(
            TwinRecord(
                id=twin_id("Streetlight", insee, local),
                type="Streetlight",
                commune=insee,
                name=f"{arc.name} · {passed[arc.street]}",
                position=(lon, lat),
                street_id=arc.street_id,
                part_of=cabinet.id,
                gateway=cabinet.device,
                device=local,
                attributes=shared[arc_row] | {"circuit": circuit[row], "phase": f"L{phase[row] + 1}"},
            )
        )
    return [*cabinets, *lights, *_street_groups(plan, arcs, lamps, lights)]


def _groups(arcs: list[NamedArc], lamps: Lamps, nodes: Floats) -> Ints64:
    """The cabinet of each light: grouped along the streets of its commune, numbered in the lights' order."""
    commune = np.array([arc.commune for arc in arcs])
    starts, ends = np.array([(arc.start, arc.end) for arc in arcs]).T
    lengths = np.array([arc.length_m for arc in arcs])
    group = np.zeros(len(lamps.arc), dtype=np.int64)
    count = 0
    for row in np.unique(commune).tolist():
        own = np.nonzero(commune == row)[0]
        used, number = np.unique(np.concatenate((starts[own], ends[own])), return_inverse=True)
        number = number.reshape(2, -1)
        graph = StreetGraph(nodes[used], number[0], number[1], lengths[own])
        members: Bools = commune[lamps.arc] == row
        if not members.any():
            continue
        found = group_along_streets(graph, np.searchsorted(own, lamps.arc[members]), lamps.along_m[members])
        group[members] = found + count
        count += int(found.max()) + 1
    return group


def _wire(
    plan: CityPlan, arcs: list[NamedArc], lamps: Lamps, group: Ints64, cabinets: list[TwinRecord]
) -> tuple[list[int], list[int]]:
    """Circuit and phase of each light."""
    streets = np.array([arc.street for arc in arcs])[lamps.arc]
    beside = plan.metres([cabinet.position for cabinet in cabinets])
    circuit = np.zeros(len(group), dtype=np.int64)
    phase = np.zeros(len(group), dtype=np.int64)
    order = np.argsort(group, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        circuit[members], phase[members] = wire_circuits(
            lamps.place[members], streets[members], beside[group[members[0]]]
        )
    return circuit.tolist(), phase.tolist()


def _fed(plan: CityPlan, cabinets: list[TwinRecord]) -> list[TwinRecord]:
    """The cabinets with the grid feeder that supplies each and the uplink that its gateway speaks through."""
    places = plan.metres([cabinet.position for cabinet in cabinets])
    feeders = group_neighbours(places, MOST_ON_FEEDER).tolist()
    uplinks = group_neighbours(places, MOST_ON_UPLINK, UPLINK_BEARING_RAD).tolist()
    return [
        structs.replace(
            cabinet,
            attributes=cabinet.attributes | {"grid_feeder": f"HTA-{feeder + 1:02d}", "uplink": f"UP-{uplink + 1:02d}"},
        )
        for cabinet, feeder, uplink in zip(cabinets, feeders, uplinks, strict=True)
    ]


def _cabinets(plan: CityPlan, arcs: list[NamedArc], lamps: Lamps, group: Ints64, powers: Floats) -> list[TwinRecord]:
    result: list[TwinRecord] = []
    order = np.argsort(group, kind="stable")
    bounds = np.searchsorted(group[order], np.arange(int(group.max()) + 2))
    for number in range(len(bounds) - 1):
        members = order[bounds[number] : bounds[number + 1]]
        places = lamps.place[members]
        beside = int(members[np.argmin(np.hypot(*(places - places.mean(axis=0)).T))])
        arc = arcs[int(lamps.arc[beside])]
        insee = plan.communes[arc.commune].insee
        spot = np.round(plan.frame.to_degrees(lamps.place[beside] + lamps.aside[beside] * 1.5), 6)
        local = f"CAB-{number + 1:04d}"
        needed_kw = ceil(float(powers[members].sum()) * 1.1) / 1000
        result.append(
            TwinRecord(
                id=twin_id("StreetlightControlCabinet", insee, local),
                type="StreetlightControlCabinet",
                commune=insee,
                name=f"{arc.name} · {local}",
                position=(float(spot[0]), float(spot[1])),
                street_id=arc.street_id,
                gateway=local,
                device=local,
                attributes={
                    "feeders": "permanent+switched",
                    "contract_power_kw": next(kw for kw in _SUBSCRIBED_KW if kw >= needed_kw),
                },
            )
        )
    return _fed(plan, result)


def _street_groups(plan: CityPlan, arcs: list[NamedArc], lamps: Lamps, lights: list[TwinRecord]) -> list[TwinRecord]:
    """One group for each street with lights, at the light in its middle."""
    members: dict[int, list[int]] = {}
    for row, arc_row in enumerate(lamps.arc.tolist()):
        members.setdefault(arcs[arc_row].street, []).append(row)
    result: list[TwinRecord] = []
    for number, (_, rows) in enumerate(sorted(members.items())):
        middle = rows[len(rows) // 2]
        arc = arcs[int(lamps.arc[middle])]
        insee = plan.communes[arc.commune].insee
        result.append(
            TwinRecord(
                id=twin_id("StreetlightGroup", insee, f"GRP-{number + 1:05d}"),
                type="StreetlightGroup",
                commune=insee,
                name=arc.name,
                position=lights[middle].position,
                street_id=arc.street_id,
            )
        )
    return result
