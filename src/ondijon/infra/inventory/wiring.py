"""Circuits, phases, grid feeders and uplinks that no dataset tells: inferred, and marked so on each twin."""

import numpy as np
from msgspec import structs

from ondijon.kernel.arrays import Floats, Ints64
from ondijon.kernel.geo import LocalMetres
from ondijon.kernel.inventory import TwinRecord
from ondijon.kernel.wiring import MOST_ON_FEEDER, MOST_ON_UPLINK, UPLINK_BEARING_RAD, group_neighbours, wire_circuits


def infer_circuits(
    twins: list[TwinRecord], points: Floats, arc: Ints64, group: Ints64, cabinets: list[TwinRecord], frame: LocalMetres
) -> list[TwinRecord]:
    """The twins with a circuit and a phase; points in degrees, arc: the street of each, group: its cabinet."""
    places = frame.to_metres(points)
    beside = frame.to_metres(np.array([cabinet.position for cabinet in cabinets]).reshape(-1, 2))
    circuit = np.zeros(len(twins), dtype=np.int64)
    phase = np.zeros(len(twins), dtype=np.int64)
    order = np.argsort(group, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(group[order])) + 1):
        if len(members):
            circuit[members], phase[members] = wire_circuits(places[members], arc[members], beside[group[members[0]]])
    return [
        structs.replace(
            twin,
            attributes=twin.attributes | {"circuit": number, "phase": f"L{which + 1}", "circuit_inferred": True},
        )
        for twin, number, which in zip(twins, circuit.tolist(), phase.tolist(), strict=True)
    ]


def infer_trunks(cabinets: list[TwinRecord], frame: LocalMetres) -> list[TwinRecord]:
    """The cabinets with the grid feeder and the uplink that neighbours probably share."""
    places = frame.to_metres(np.array([cabinet.position for cabinet in cabinets]).reshape(-1, 2))
    feeders = group_neighbours(places, MOST_ON_FEEDER).tolist()
    uplinks = group_neighbours(places, MOST_ON_UPLINK, UPLINK_BEARING_RAD).tolist()
    return [
        structs.replace(
            cabinet,
            attributes=cabinet.attributes
            | {"grid_feeder": f"HTA-{feeder + 1:02d}", "uplink": f"UP-{uplink + 1:02d}", "grid_feeder_inferred": True},
        )
        for cabinet, feeder, uplink in zip(cabinets, feeders, uplinks, strict=True)
    ]
