"""Who hangs on what: read off declared levels and attributes, and inferred where nobody says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.kernel.topology import NOWHERE, Level, build_topology
from ondijon.kernel.wiring import MOST_ON_FEEDER, group_neighbours, wire_circuits
from ondijon.testing.builders import small_city
from ondijon.testing.generated import grid_city

CITY = grid_city(rows=8, columns=8)
TOPOLOGY = build_topology(CITY)


def named(level: Level, place: int) -> str:
    return level.elements[int(level.of_place[place])].name


def test_a_light_hangs_on_circuit_phase_cabinet_and_feeder_and_speaks_through_gateway_and_uplink() -> None:
    twins = CITY.twins["Streetlight"]
    light, cabinet = twins.records[40], twins.records[40].part_of
    place = int(TOPOLOGY.find_places(twins.twin_no[40:41])[0])
    supply, link = TOPOLOGY.paths["supply"], TOPOLOGY.paths["link"]
    circuit, phase = supply.parts
    assert (circuit.kind, phase.kind, supply.source.kind, supply.trunks[0].kind) == (
        "circuit", "phase", "cabinet", "feeder",
    )  # fmt: skip
    assert named(circuit, place) == f"{cabinet}/circuit/{light.attributes['circuit']}"
    assert named(phase, place) == f"{cabinet}/phase/{light.attributes['phase']}"
    assert named(supply.source, place) == cabinet == named(link.source, place)
    above = CITY.twins["StreetlightControlCabinet"].records[CITY.twins["StreetlightControlCabinet"].row_of[cabinet]]
    assert named(supply.trunks[0], place) == above.attributes["grid_feeder"]
    assert named(link.trunks[0], place) == above.attributes["uplink"]
    assert link.parts == () and (link.source.kind, link.trunks[0].kind) == ("gateway", "link")


def test_a_cabinet_is_its_own_source_and_has_no_part() -> None:
    twins = CITY.twins["StreetlightControlCabinet"]
    place = int(TOPOLOGY.find_places(twins.twin_no[5:6])[0])
    supply = TOPOLOGY.paths["supply"]
    assert named(supply.source, place) == twins.records[5].id
    assert all(part.of_place[place] == NOWHERE for part in supply.parts)
    assert supply.source_place[supply.source.of_place[place]] == place


def test_twins_of_types_without_levels_have_no_place() -> None:
    assert TOPOLOGY.find_places(np.array([0, -1, 10**9], np.int32)).tolist() == [NOWHERE] * 3
    empty = build_topology(small_city())
    assert empty.paths == {} and empty.find_places(np.array([1], np.int32)).tolist() == [NOWHERE]


@pytest.mark.parametrize("count", [2, 5, 17, 30, 44, 60])
def test_a_cabinet_has_two_to_four_circuits_of_about_one_size_and_balanced_phases(count: int) -> None:
    rng = np.random.default_rng(count)
    circuit, phase = wire_circuits(rng.normal(0, 100, (count, 2)), np.sort(rng.integers(0, 6, count)), np.zeros(2))
    sizes = np.bincount(circuit)[1:]
    assert 2 <= len(sizes) <= 4 and sizes.min() >= max(1, count // (2 * len(sizes)))
    assert max(np.ptp(np.bincount(phase[circuit == one], minlength=3)) for one in range(1, len(sizes) + 1)) <= 1


@given(st.integers(1, 400), st.floats(0, 3))
def test_groups_of_neighbours_are_never_too_large_and_never_tiny(count: int, bearing_rad: float) -> None:
    places = np.random.default_rng(count).uniform(0, 9_000, (count, 2))
    sizes = np.bincount(group_neighbours(places, MOST_ON_FEEDER, bearing_rad))
    assert sizes.sum() == count and sizes.max() <= MOST_ON_FEEDER
    assert len(sizes) == 1 or sizes.min() >= MOST_ON_FEEDER // 2
