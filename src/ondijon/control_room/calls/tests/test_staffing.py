"""Erlang's formulas against their definition, printed values, and what must hold for any queue."""

from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.control_room.calls.rules.staffing import (
    MOST_AGENTS,
    agents_needed,
    probability_of_waiting,
    service_level,
)

LOADS = st.floats(0.01, 60.0)
AGENTS = st.integers(1, 100)
CALLS = st.floats(0.1, 600.0)
HANDLING = st.floats(5.0, 1_200.0)


def by_definition(load: float, agents: int) -> float:
    """Erlang C as textbooks write it, with factorials."""
    busy = load**agents / factorial(agents) * agents / (agents - load)
    return busy / (sum(load**number / factorial(number) for number in range(agents)) + busy)


@given(st.floats(0.01, 20.0), st.integers(1, 40))
def test_the_recursion_is_the_definition(load: float, agents: int) -> None:
    if agents > load * 1.01:
        assert probability_of_waiting(load, agents) == pytest.approx(by_definition(load, agents), rel=1e-9)


@pytest.mark.parametrize(
    ("load", "agents", "share"),
    [(1.0, 2, 0.3333), (10.0, 11, 0.6821), (10.0, 14, 0.1741), (20.0, 24, 0.2981)],
)
def test_printed_values(load: float, agents: int, share: float) -> None:
    assert probability_of_waiting(load, agents) == pytest.approx(share, abs=5e-5)


@given(LOADS, AGENTS)
def test_it_is_a_share(load: float, agents: int) -> None:
    assert 0.0 <= probability_of_waiting(load, agents) <= 1.0


@given(LOADS, AGENTS)
def test_one_more_agent_never_makes_more_wait(load: float, agents: int) -> None:
    assert probability_of_waiting(load, agents + 1) <= probability_of_waiting(load, agents)


@given(LOADS, st.floats(0.01, 5.0), AGENTS)
def test_more_load_never_makes_fewer_wait(load: float, more: float, agents: int) -> None:
    assert probability_of_waiting(load + more, agents) >= probability_of_waiting(load, agents) - 1e-12


@given(CALLS, HANDLING, AGENTS, st.floats(0.0, 120.0))
def test_longer_patience_is_met_by_more(calls: float, handling: float, agents: int, within: float) -> None:
    assert service_level(calls, handling, agents, within + 10) >= service_level(calls, handling, agents, within)


@given(CALLS, HANDLING, st.floats(0.5, 0.99), st.floats(1.0, 60.0))
def test_what_is_needed_is_enough_and_one_fewer_is_not(
    calls: float, handling: float, share: float, within: float
) -> None:
    agents = agents_needed(calls, handling, share, within)
    if agents < MOST_AGENTS:
        assert service_level(calls, handling, agents, within) >= share
    assert agents == 1 or service_level(calls, handling, agents - 1, within) < share


def test_without_calls_nobody_is_needed_and_nobody_waits() -> None:
    assert agents_needed(0.0, 180.0, 0.9, 15.0) == 0
    assert service_level(0.0, 180.0, 0, 15.0) == 1.0
    assert probability_of_waiting(0.0, 1) == 0.0


def test_too_few_agents_answer_nobody_in_time() -> None:
    assert service_level(60.0, 180.0, 3, 15.0) == 0.0
    assert probability_of_waiting(3.0, 3) == 1.0


def test_a_load_nobody_can_bear_ends_at_the_most() -> None:
    assert agents_needed(100_000.0, 3_600.0, 0.9, 15.0) >= MOST_AGENTS
