"""Thousands of simulated hours in which everything that can break does, and nothing that was promised is broken."""

import pytest

from tests.deterministic import FIRST_SEED, HOURS_A_SEED, SEEDS
from tests.deterministic.world import live


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SEEDS))
def test_a_town_lives_through_its_hours_and_every_promise_holds(seed: int) -> None:
    assert live(seed, HOURS_A_SEED).hours >= HOURS_A_SEED
