"""Each law of the runtime that is broken on purpose is missed by the harness as the invariant that it belongs to."""

import pytest

from tests.deterministic.breakages import BREAKAGES
from tests.deterministic.oracle import Broken
from tests.deterministic.world import live

NOTICED = {
    "a wide order needs nobody else": (1, "wide orders are of class 3"),
    "holds never end": (1, "a hold ends when it must"),
    "the last to arrive wins": (4, "the live state is the newest observation"),
    "any report confirms": (1, "confirmed by its own report alone"),
    "a restart forgets orders": (1, "no order stays open after its time"),
    "programmes stay where they are": (1, "a gateway stores the programme it should"),
}
HOURS = 120.0


@pytest.mark.parametrize("name", NOTICED)
def test_the_harness_notices(name: str) -> None:
    seed, invariant = NOTICED[name]
    with BREAKAGES[name](), pytest.raises(BaseException, match=invariant) as told:
        try:
            live(seed, HOURS)
        except Broken:
            raise
        except Exception as error:
            raise error.__cause__ or error from None
    assert isinstance(told.value, Broken)
