"""The register shows every card to everybody, and each decision to those who may see its ground."""

import pytest

from ondijon.apps.console.tests.conftest import OTHER, OWN, Desk

pytestmark = pytest.mark.engines


async def decide(desk: Desk, number: int, commune: str | None) -> None:
    await desk.rows.execute(
        """INSERT INTO automation_decisions (id, automation, version, at, trade, commune, input, outcome)
           VALUES ($1, 'alarm_to_incident', 1, $2, 'lamps', $3, '{}', '{"performed": []}')""",
        f"00000000-0000-0000-0000-{number:012d}",
        desk.clock.now(),
        commune,
    )


async def group(desk: Desk, number: int, communes: tuple[str, ...]) -> None:
    await desk.rows.execute(
        """INSERT INTO alarm_cards (id, kind, element, type, trade, priority, first_alarm, expected, explanation,
                                    position, raised_at, members, by_commune)
           VALUES ($1::uuid, 'feeder', $2, 'lamps.out', 'lamps', 3, $1::uuid, '{"a": 9}',
                   '{"key": "cause.feeder", "values": {"label": "F"}}', '(5, 47)', $3, 7, $4)""",
        f"00000000-0000-0000-0000-{number:012d}",
        f"F{number}",
        desk.clock.now(),
        {insee: {"members": 1, "active": 1, "unacknowledged": 1} for insee in communes},
    )


async def test_everybody_who_signed_in_reads_every_card(desk: Desk) -> None:
    for who in ("chief", "observer", "stranger"):
        answer = await desk.ask("GET", "/api/automations", who)
        assert answer.status_code == 200
        assert {"alarm_to_incident", "root_cause"} <= {card["key"] for card in answer.json()}
    assert (await desk.ask("GET", "/api/automations")).status_code == 401


async def test_decisions_are_seen_on_ones_own_ground_only(desk: Desk) -> None:
    for number, commune in enumerate((OWN, OTHER, None), 1):
        await decide(desk, number, commune)
    seen = {}
    for who in ("chief", "local", "stranger"):
        answer = await desk.ask("GET", "/api/automations/alarm_to_incident/decisions", who)
        seen[who] = len(answer.json())
    assert seen == {"chief": 2, "local": 1, "stranger": 0}


async def test_a_group_that_reaches_beyond_ones_ground_is_not_told_with_its_counts(desk: Desk) -> None:
    await group(desk, 1, (OWN,))
    await group(desk, 2, (OWN, OTHER))
    chief = (await desk.ask("GET", "/api/automations/root_cause/decisions", "chief")).json()
    local = (await desk.ask("GET", "/api/automations/root_cause/decisions", "local")).json()
    assert len(chief) == 2 and len(local) == 1
    assert local[0]["outcome"]["explanation"] == {
        "key": "cause.feeder",
        "values": {"members": 7, "expected": 9, "label": "F"},
    }


async def test_an_unknown_rule_is_not_found(desk: Desk) -> None:
    assert (await desk.ask("GET", "/api/automations/nobody/decisions", "chief")).status_code == 404
