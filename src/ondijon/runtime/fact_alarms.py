"""Alarms that a remembered fact raises; followed as every fact is, so that none is lost while the gateway is away."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ondijon.kernel.city import City
from ondijon.kernel.events import Event
from ondijon.kernel.room import ActDesk, FollowerSpec

KEY = "field.alarms_of_facts"
RaiseAlarm = Callable[[str, Mapping[str, Any]], Awaitable[None]]


def alarms_of_facts(city: City, raise_alarm: RaiseAlarm) -> FollowerSpec:
    """Follow the facts that some trade's alarm is `raised_by`; `raise_alarm` takes the fact's key and evidence."""
    causes = {spec.raised_by.event for manifest in city.manifests for spec in manifest.alarms if spec.raised_by}

    async def follow(_: ActDesk, events: list[Event]) -> None:
        for event in events:
            if event.key in causes:
                await raise_alarm(event.key, event.payload)

    return FollowerSpec(KEY, tuple(sorted(causes)), follow)
