"""Levels follow the needs, and waits double up to their limit."""

import pytest

from ondijon.kernel.errors import Refused
from ondijon.runtime.supervisor import Service, Step
from ondijon.runtime.supervisor.order import BackOff, levels_of


async def nothing() -> None:
    """An action for steps that only have a place."""


def service(name: str, *needs: str) -> Service:
    return Service(Step(name, nothing), needs)


def names(levels: list[list[Service]]) -> list[list[str]]:
    return [[service.name for service in level] for level in levels]


def test_each_level_needs_only_earlier_ones() -> None:
    services = [
        service("web", "core"),
        service("simulator", "gateway"),
        service("postgres"),
        service("migrations", "postgres"),
        service("core", "migrations", "nats"),
        service("gateway", "core"),
        service("nats"),
    ]
    assert names(levels_of(services)) == [
        ["postgres", "nats"],
        ["migrations"],
        ["core"],
        ["web", "gateway"],
        ["simulator"],
    ]


@pytest.mark.parametrize(
    ("services", "key"),
    [
        ([service("a", "b"), service("b", "a")], "error.service_circle"),
        ([service("a", "b")], "error.service_unknown"),
        ([service("a"), service("a")], "error.service_twice"),
    ],
)
def test_an_order_that_cannot_be_is_refused(services: list[Service], key: str) -> None:
    with pytest.raises(Refused) as refused:
        levels_of(services)
    assert refused.value.key == key


def test_waits_double_up_to_the_longest() -> None:
    waits = [0.0]
    for _ in range(9):
        waits.append(BackOff().next_wait_s(waits[-1], ready_for_s=1))
    assert waits[1:] == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]


def test_a_service_that_was_ready_long_enough_starts_from_the_first_wait() -> None:
    assert BackOff().next_wait_s(10.0, ready_for_s=30) == 0.1
