"""Which service starts before which, and how long a failing one waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from ondijon.kernel.errors import Refused
from ondijon.runtime.supervisor.service import Service


def levels_of(services: Sequence[Service]) -> list[list[Service]]:
    """Services by level: each needs only earlier levels; raises Refused on unknown names, doubles and circles."""
    names = [service.name for service in services]
    for service in services:
        if names.count(service.name) > 1:
            raise Refused("error.service_twice", service=service.name)
        for need in service.needs:
            if need not in names:
                raise Refused("error.service_unknown", service=service.name, need=need)
    levels: list[list[Service]] = []
    placed: set[str] = set()
    left = list(services)
    while left:
        level = [service for service in left if placed.issuperset(service.needs)]
        if not level:
            raise Refused("error.service_circle", service=left[0].name)
        levels.append(level)
        placed.update(service.name for service in level)
        left = [service for service in left if service not in level]
    return levels


@dataclass(frozen=True)
class BackOff:
    """Waiting times before restarts, in seconds."""

    first_s: float = 0.1
    longest_s: float = 10.0
    healthy_after_s: float = 30.0

    def next_wait_s(self, former_wait_s: float, ready_for_s: float) -> float:
        """Twice the former wait, or the first again for a service that was ready long enough."""
        if former_wait_s == 0 or ready_for_s >= self.healthy_after_s:
            return self.first_s
        return min(2 * former_wait_s, self.longest_s)
