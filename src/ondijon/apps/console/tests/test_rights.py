"""Lists, wide commands and details hold only what a person may see; every route by every role: tests/matrix."""

from uuid import UUID

import pytest

from ondijon.apps.console.tests.conftest import OWN, Desk
from ondijon.kernel.commands import Selection
from ondijon.testing.builders import cabinet, lamp, pump

pytestmark = pytest.mark.engines

LETTER_HERE, LETTER_THERE = UUID(int=201), UUID(int=202)
HERE, THERE = lamp(0, 0), lamp(1, 0)


async def _add_letter(desk: Desk, letter_id: UUID, gateway: str) -> None:
    await desk.rows.execute(
        """INSERT INTO dead_letters (id, received_at, driver, gateway, topic, payload, reason, detail)
           VALUES ($1, $2, 'mqtt', $3, 'a/b', '\\x7b', 'not_json', '')""",
        letter_id,
        desk.clock.now(),
        gateway,
    )


async def test_lists_hold_only_what_the_person_may_see(desk: Desk) -> None:
    await desk.raise_alarm(101, "lamps.out", HERE)
    await desk.raise_alarm(102, "lamps.out", THERE)
    await desk.raise_alarm(103, "water.dry", pump(0), priority=1)
    await _add_letter(desk, LETTER_HERE, "C-0")
    await _add_letter(desk, LETTER_THERE, "C-1")
    await _add_letter(desk, UUID(int=203), "unknown")
    counts = {}
    for who in ("chief", "local", "stranger"):
        alarms = (await desk.ask("GET", "/api/alarms", who)).json()["cards"]
        letters = (await desk.ask("GET", "/api/dead-letters", who)).json()
        hits = (await desk.ask("GET", "/api/search?q=0&limit=100", who)).json()
        counts[who] = (len(alarms), len(letters), sum(hit["kind"] == "twin" for hit in hits))
        assert {insee for alarm in alarms for insee in alarm["communes"]} <= (
            {OWN} if who == "local" else {OWN, "21002"}
        )
    assert counts == {"chief": (3, 3, 8), "local": (1, 1, 5), "stranger": (0, 0, 0)}


async def test_a_wide_command_shows_only_the_part_that_the_person_sees(desk: Desk) -> None:
    await desk.dim("chief", Selection("twins", (HERE, lamp(0, 1), THERE)))
    for who, targets in (("chief", 3), ("local", 2)):
        (command,) = (await desk.ask("GET", "/api/commands?open=1", who)).json()
        assert command["counts"]["requested"] == targets
        assert len(command["selection"]["ids"]) == targets
        listed = (await desk.ask("GET", f"/api/commands/{command['id']}/targets?state=requested", who)).json()
        assert len(listed) == targets
        acts = (await desk.ask("GET", f"/api/twin/{HERE}/acts", who)).json()
        assert acts[0]["counts"]["requested"] == targets
        assert (acts[0]["target_state"], acts[0]["target_reason"]) == ("requested", None)


async def test_bootstrap_brings_only_the_trades_that_the_person_sees(desk: Desk) -> None:
    trades = {}
    for who in ("chief", "local", "stranger"):
        brought = (await desk.ask("GET", "/api/bootstrap", who)).json()
        trades[who] = [trade["trade"] for trade in brought["trades"]]
        assert len(brought["communes"]) == 3
    assert trades == {"chief": ["lamps", "water"], "local": ["lamps"], "stranger": []}


async def test_a_twin_tells_nothing_of_what_the_person_does_not_see(desk: Desk) -> None:
    seen = (await desk.ask("GET", f"/api/twin/{cabinet(0)}", "local")).json()
    assert (seen["parts"], seen["alarms"], seen["holds"]) == ({"Lamp": 4}, [], [])
    assert (await desk.ask("GET", f"/api/twin/{cabinet(1)}", "local")).json() == {
        "error": {"key": "error.twin_not_found", "values": {"id": cabinet(1)}}
    }
