"""What is a circuit and what a cut cable, from what a meter misses of each phase."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ondijon.domains.lighting.rules.faults.losses import CABLE, FIRST_CIRCUIT, SOME_CIRCUIT, Loss, name_loss
from ondijon.domains.lighting.rules.faults.wiring import PHASES, Wiring, wire
from ondijon.kernel.arrays import Floats
from ondijon.kernel.city import City
from ondijon.kernel.inventory import TwinRecord
from ondijon.testing.generated import city_of, grid_city

LIGHT, CABINET = "Streetlight", "StreetlightControlCabinet"
RATED_W = 60.0
# Three circuits of 9, 12 and 15 lights.
SIZES = (9, 12, 15)
CIRCUIT = np.repeat((1, 2, 3), SIZES)


@pytest.fixture(scope="module")
def wiring() -> Wiring:
    whole: City = grid_city(1, 1)
    lights = [_place(record, place) for place, record in enumerate(whole.twins[LIGHT].records)]
    city = city_of([*whole.twins[CABINET].records, *lights], whole.communes)
    return wire(city.twins[LIGHT], city.twins[CABINET])


def _place(record: TwinRecord, place: int) -> TwinRecord:
    """Every other light hangs on the switched feeder."""
    said = dict(record.attributes) | {"circuit": int(CIRCUIT[place]), "feeder": ("permanent", "switched")[place % 2]}
    return TwinRecord(
        id=record.id,
        type=record.type,
        commune=record.commune,
        name=record.name,
        position=record.position,
        street_id=record.street_id,
        part_of=record.part_of,
        gateway=record.gateway,
        device=record.device,
        attributes=said,
    )


def share_of(lights: NDArray[np.signedinteger]) -> Floats:
    """The share of each phase's load that these lights draw."""
    phase = np.arange(sum(SIZES)) % len(PHASES)
    return np.bincount(phase[lights], minlength=3) / np.bincount(phase)


@pytest.mark.parametrize("circuit", [1, 2, 3])
@pytest.mark.parametrize("level_pct", [35.0, 100.0])
def test_the_share_of_a_circuit_is_that_circuit(wiring: Wiring, circuit: int, level_pct: float) -> None:
    lost = share_of(np.flatnonzero(circuit == CIRCUIT))
    assert name_loss(wiring, Loss(0, level_pct, lost)) == FIRST_CIRCUIT + circuit - 1


@pytest.mark.parametrize("count", [5, 7, 11, 17, 18])
def test_the_far_end_of_a_feeder_is_the_cable(wiring: Wiring, count: int) -> None:
    lost = share_of(np.arange(0, sum(SIZES), 2)[-count:])
    assert name_loss(wiring, Loss(0, 60.0, lost)) == CABLE


def test_what_is_no_known_part_is_a_cable(wiring: Wiring) -> None:
    assert name_loss(wiring, Loss(0, 100.0, np.array([0.9, 0.1, 0.5]))) == CABLE


def test_a_name_is_held_where_two_are_nearly_as_likely(wiring: Wiring) -> None:
    lost = share_of(np.flatnonzero(CIRCUIT == 2)) - 0.005
    names = {named: name_loss(wiring, Loss(0, 35.0, lost, named)) for named in (CABLE, SOME_CIRCUIT)}
    assert names[CABLE] == CABLE and names[SOME_CIRCUIT] < CABLE


def test_a_tail_is_counted_along_its_own_feeder(wiring: Wiring) -> None:
    assert wiring.tail_lights.max() == 18 and wiring.tail_lights.min() == 1
    assert wiring.tails_w[0].sum() == 18 * RATED_W
