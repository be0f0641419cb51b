"""A fact that an alarm is declared for raises it; others do not."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from ondijon.domains.platform.manifest import MANIFEST
from ondijon.kernel.events import Event
from ondijon.runtime.fact_alarms import KEY, alarms_of_facts
from ondijon.testing.builders import small_city
from ondijon.testing.fakes import StillClock


def fact(key: str) -> Event:
    return Event(UUID(int=1), key, StillClock().now(), None, None, {"minutes": 15}, "identity")


async def test_broken_glass_is_an_urgent_alarm_at_the_web_service_and_other_facts_are_none() -> None:
    city = small_city((MANIFEST,))
    raised: list[tuple[str, dict[str, Any]]] = []

    async def note(event: str, evidence: Mapping[str, Any]) -> None:
        raised.append((event, dict(evidence)))

    spec = alarms_of_facts(city, note)
    assert spec.key == KEY and "identity.glass_broken" in spec.keys
    facts = [fact(key) for key in ("identity.glass_broken", "identity.glass_broken_elsewhere", "incident.opened")]
    await spec.follow(None, facts)  # type: ignore[arg-type]  # it never looks at its desk
    assert raised == [("identity.glass_broken", {"minutes": 15})]
    (declared,) = [one for one in MANIFEST.alarms if one.raised_by and one.raised_by.event == "identity.glass_broken"]
    assert declared.priority == 1 and declared.raised_by is not None and declared.raised_by.device == "web"
