"""A law of the runtime that is broken on purpose is noticed, as the invariant that it belongs to."""

import pytest

from tests.deterministic.breakages import BREAKAGES
from tests.deterministic.oracle import Broken
from tests.deterministic.world import live

NOTICED = {
    "of two who undo both win": (1, "undone_by is said once"),
    "undo gives back the programme only": (1, "holds are what people asked for, in order"),
    "a wide order needs nobody else": (1, "wide orders are of class 3"),
    "anybody judges their own order": (3, "nobody judges their own order"),
    "holds never end": (1, "a hold ends when it must"),
    "any report confirms": (1, "confirmed by its own report alone"),
    "a restart forgets orders": (6, "no order stays open after its time"),
    "an alarm that clears is over": (1, "an alarm ends when it has cleared and a person has seen it"),
    "programmes stay where they are": (1, "a gateway stores the programme it should"),
}
HOURS = 120.0


@pytest.mark.parametrize("name", NOTICED)
def test_the_harness_notices(name: str) -> None:
    seed, invariant = NOTICED[name]
    with BREAKAGES[name](), pytest.raises(Broken, match=invariant):
        live(seed, HOURS)
