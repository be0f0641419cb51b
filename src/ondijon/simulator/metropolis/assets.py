"""Objects of trades still to come, invented: signalled junctions where main streets meet, cameras near the heart."""

from collections import defaultdict

import numpy as np

from ondijon.kernel.arrays import Floats
from ondijon.kernel.ids import twin_id
from ondijon.kernel.inventory import AttributeValue, Position, StreetClass, TwinRecord
from ondijon.simulator.metropolis.plan import CityPlan
from ondijon.simulator.metropolis.streets import NamedArc

JUNCTIONS, WITH_BUS_PRIORITY, CAMERAS = 250, 113, 269
_WEIGHT: dict[StreetClass, float] = {"primary": 4.0, "secondary": 3.0, "tertiary": 2.0, "residential": 0.5}
_APART_M, _CAMERAS_APART_M = 90.0, 60.0
_NEAR_HEART_M = 1500.0
_FEWEST_ARMS = 3
_SOUND = ("none", "partial", "full")


def place_assets(
    plan: CityPlan, arcs: list[NamedArc], lit: list[bool], nodes: Floats, rng: np.random.Generator
) -> list[TwinRecord]:
    """Junctions, then cameras; each says that it is synthetic."""
    arms: dict[int, list[NamedArc]] = defaultdict(list)
    for arc, on in zip(arcs, lit, strict=True):
        if on:
            arms[arc.start].append(arc)
            arms[arc.end].append(arc)
    meeting = {node: found for node, found in arms.items() if len(found) >= _FEWEST_ARMS}
    return [*_junctions(plan, meeting, nodes, rng), *_cameras(plan, meeting, nodes, rng)]


def _junctions(
    plan: CityPlan, meeting: dict[int, list[NamedArc]], nodes: Floats, rng: np.random.Generator
) -> list[TwinRecord]:
    """The corners where most is driven, and the busiest of them with priority for buses."""
    load = {node: sum(_WEIGHT.get(arc.street_class, 0.0) for arc in found) for node, found in meeting.items()}
    chosen = _apart(sorted(load, key=lambda node: (-load[node], node)), nodes, _APART_M, JUNCTIONS)
    years = rng.integers(1995, 2025, len(chosen)).tolist()
    sound = rng.choice(_SOUND, len(chosen), p=(0.5, 0.2, 0.3)).tolist()
    result: list[TwinRecord] = []
    for number, node in enumerate(chosen):
        names = list(dict.fromkeys(arc.name for arc in meeting[node]))
        attributes: dict[str, AttributeValue] = {
            "installed_year": years[number],
            "sound_signals": sound[number],
            "bus_priority": number < WITH_BUS_PRIORITY,
        }
        place = _position(plan, nodes[node])
        result.append(
            _record(
                plan,
                "TrafficSignalJunction",
                f"TSJ-{number + 1:04d}",
                " / ".join(names[:3]),
                meeting[node][0],
                place,
                attributes,
            )
        )
    return result


def _cameras(
    plan: CityPlan, meeting: dict[int, list[NamedArc]], nodes: Floats, rng: np.random.Generator
) -> list[TwinRecord]:
    """Corners drawn at random, the nearer to the old heart the likelier."""
    corners = np.array(sorted(meeting), dtype=np.int64)
    heart = plan.metres([plan.skeleton.old_town.heart])[0]
    away = np.hypot(*(nodes[corners] - heart).T)
    odds = np.exp(-away / _NEAR_HEART_M) + 0.01
    order = rng.choice(corners, len(corners), replace=False, p=odds / odds.sum()).tolist()
    chosen = _apart(order, nodes, _CAMERAS_APART_M, CAMERAS)
    years = rng.integers(2004, 2026, len(chosen)).tolist()
    aside = rng.normal(0.0, 1.0, (len(chosen), 2))
    places = nodes[chosen] + 7.0 * aside / np.hypot(*aside.T)[:, None]
    result: list[TwinRecord] = []
    for number, node in enumerate(chosen):
        arc = meeting[node][0]
        attributes: dict[str, AttributeValue] = {"reference": f"V{number + 1:03d}", "installed_year": years[number]}
        result.append(
            _record(plan, "Camera", f"CAM-{number + 1:04d}", arc.name, arc, _position(plan, places[number]), attributes)
        )
    return result


def _apart(order: list[int], nodes: Floats, least_m: float, wanted: int) -> list[int]:
    """The first of these nodes that keep their distance from one another."""
    chosen: list[int] = []
    for node in order:
        if len(chosen) == wanted:
            break
        if not chosen or np.hypot(*(nodes[chosen] - nodes[node]).T).min() >= least_m:
            chosen.append(node)
    return chosen


def _position(plan: CityPlan, place: Floats) -> Position:
    lon, lat = np.round(plan.frame.to_degrees(place[None]), 6)[0].tolist()
    return lon, lat


def _record(
    plan: CityPlan,
    twin_type: str,
    local: str,
    name: str,
    arc: NamedArc,
    position: Position,
    attributes: dict[str, AttributeValue],
) -> TwinRecord:
    insee = plan.communes[arc.commune].insee
    return TwinRecord(
        id=twin_id(twin_type, insee, local),
        type=twin_type,
        commune=insee,
        name=name,
        position=position,
        street_id=arc.street_id,
        attributes=attributes | {"synthetic": True},
    )
