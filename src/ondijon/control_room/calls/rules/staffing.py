"""How many must answer so that few wait: Erlang's formulas for a queue served by equals (M/M/n)."""

# A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in automatic telephone
# exchanges" (1917); the recursion and the waiting time as in R. B. Cooper, "Introduction to Queueing Theory",
# 2nd ed. (1981), ch. 3.
# It takes callers to be patient: with abandonment the true wait is shorter, so the figures are on the safe side.

from math import ceil, exp

MOST_AGENTS = 500


def probability_of_waiting(load_erlang: float, agents: int) -> float:
    """Erlang C: the share of callers who find everybody busy; load in erlang = calls a second x handling seconds.

    1.0 when the load is as much as all agents can bear: the queue then grows without end.
    """
    if load_erlang <= 0.0:
        return 0.0
    if agents <= load_erlang:
        return 1.0
    blocked = 1.0
    for number in range(1, agents + 1):  # Erlang B by its recursion: no factorials, nothing overflows
        blocked = load_erlang * blocked / (number + load_erlang * blocked)
    return agents * blocked / (agents - load_erlang * (1.0 - blocked))


def service_level(calls_per_h: float, handling_s: float, agents: int, within_s: float) -> float:
    """The share of callers answered within so many seconds."""
    if calls_per_h <= 0.0 or handling_s <= 0.0:
        return 1.0
    load = calls_per_h * handling_s / 3600.0
    if agents <= load:
        return 0.0
    return 1.0 - probability_of_waiting(load, agents) * exp(-(agents - load) * within_s / handling_s)


def agents_needed(calls_per_h: float, handling_s: float, share: float, within_s: float) -> int:
    """The fewest agents who answer this share of callers within so many seconds; MOST_AGENTS at most."""
    if calls_per_h <= 0.0 or handling_s <= 0.0:
        return 0
    agents = min(MOST_AGENTS, max(1, ceil(calls_per_h * handling_s / 3600.0)))
    while agents < MOST_AGENTS and service_level(calls_per_h, handling_s, agents, within_s) < share:
        agents += 1
    return agents
