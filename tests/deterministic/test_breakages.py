"""A law of the runtime that is broken on purpose is noticed, as the invariant that it belongs to."""

import pytest

from tests.deterministic.breakages import BREAKAGES
from tests.deterministic.oracle import Broken
from tests.deterministic.world import live

NOTICED = {
    "of two who undo both win": "undone_by is said once",
    "undo gives back the programme only": "holds are what people asked for, in order",
    "a wide order needs nobody else": "wide orders are of class 3",
    "anybody judges their own order": "nobody judges their own order",
    "holds never end": "a hold ends when it must",
    "any report confirms": "confirmed by its own report alone",
    "a restart forgets orders": "no order stays open after its time",
    "an alarm that clears is over": "an alarm ends when it has cleared and a person has seen it",
    "programmes stay where they are": "a gateway stores the programme it should",
}
HOURS, TOWNS = 120.0, 20


@pytest.mark.parametrize("name", NOTICED)
def test_the_harness_notices(name: str) -> None:
    with BREAKAGES[name](), pytest.raises(Broken, match=NOTICED[name]):
        for seed in range(1, TOWNS + 1):
            live(seed, HOURS)
