"""A commune's week and the wall's numbers: what they count, and for whom."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ondijon.apps.console.tests.conftest import OTHER, OWN, Desk
from ondijon.kernel.commands import Selection
from ondijon.kernel.identity import EVERY, Grant
from ondijon.testing.builders import lamp, pump

pytestmark = pytest.mark.engines


async def week(desk: Desk, who: str, insee: str = OWN, first: str = "2026-11-16") -> dict[str, Any]:
    answer = await desk.ask("GET", f"/api/communes/{insee}/week?from={first}", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def grant(desk: Desk, who: str, held: Grant) -> None:
    await desk.rows.execute(
        "UPDATE users SET grants = $2 WHERE user_id = $1", desk.users[who], msgspec.to_builtins([held])
    )


async def test_a_commune_sees_its_own_share_of_orders_and_alarms(desk: Desk) -> None:
    await desk.dim("chief", Selection("twins", (lamp(0, 0), lamp(0, 1), lamp(1, 0))))
    await desk.raise_alarm(1, "lamps.out", lamp(0, 0))
    await desk.raise_alarm(2, "lamps.out", lamp(1, 0))
    await desk.raise_alarm(3, "water.dry", pump(0), priority=1)
    await desk.rows.execute("UPDATE alarm_cards SET annunciated_at = $1", desk.clock.now())
    found = await week(desk, "local")
    assert (found["commune"], found["from"], found["to"]) == (OWN, "2026-11-16", "2026-11-23")
    assert found["commands"] == [{"key": "lamps.dim", "count": 1, "targets": 2}]
    assert found["alarms"] == {"annunciated": 1, "by_priority": {"1": 0, "2": 1, "3": 0, "4": 0}}
    assert found["calls"] is None and found["trades"] == ["lamps"]
    assert (await week(desk, "chief"))["alarms"]["annunciated"] == 2
    assert (await week(desk, "chief"))["calls"] == 0
    assert (await week(desk, "local", first="2026-11-09"))["commands"] == []


@pytest.mark.parametrize(("who", "insee"), [("local", OTHER), ("stranger", OWN), ("chief", "99999")])
async def test_who_may_not_see_a_commune_is_told_that_it_does_not_exist(desk: Desk, who: str, insee: str) -> None:
    answer = await desk.ask("GET", f"/api/communes/{insee}/week", who)
    assert (answer.status_code, answer.json()["error"]["key"]) == (404, "error.commune_not_found")


async def test_looks_and_exports_by_others_are_counted_and_ones_own_are_not(desk: Desk) -> None:
    chief = await desk.actor("chief")
    await desk.post.record_act(chief, "logbook.exported", "logbook", {"communes": [OWN]})
    await desk.post.record_act(chief, "logbook.exported", "logbook", {"communes": [OTHER]})
    await week(desk, "chief")
    await week(desk, "local")
    found = await week(desk, "local")
    assert (found["exports"], found["looked_at_by_others"]) == (1, 2)


async def test_works_calls_and_broken_glass_of_the_week_are_counted(desk: Desk) -> None:
    now = desk.clock.now()
    await desk.rows.execute(
        """INSERT INTO alarm_silences (id, kind, twin_nos, trade, communes, reason, owner, since, until)
           VALUES ($1, 'works', '{}', 'lamps', ARRAY[$2], 'x', $1, $3, $4)""",
        UUID(int=1),
        OWN,
        now - timedelta(days=30),
        now + timedelta(days=1),
    )
    await desk.rows.execute(
        """INSERT INTO calls (id, channel, state, rang_at, commune, changed_by)
           VALUES ($1, 'hand', 'ended', $2, $3, $1)""",
        UUID(int=2),
        now,
        OWN,
    )
    await desk.rows.execute(
        "INSERT INTO broken_glass (id, user_id, pseudonym, since, until) VALUES ($1, $2, $1, $3, $4)",
        UUID(int=3),
        desk.users["chief"],
        now,
        now + timedelta(minutes=5),
    )
    found = await week(desk, "chief")
    assert (found["works"], found["calls"], found["break_glass"]) == (1, 1, 1)


async def wall(desk: Desk, who: str) -> dict[str, Any]:
    answer = await desk.ask("GET", "/api/wall", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_wall_counts_what_its_seat_sees_and_names_nobody(desk: Desk) -> None:
    await desk.raise_alarm(1, "lamps.out", lamp(0, 0))
    await desk.raise_alarm(2, "lamps.out", lamp(1, 0), priority=3)
    columns = desk.city.columns["Lamp"]
    columns["level_pct"][:3] = (100.0, 0.0, 40.0)
    columns["power_w"][:2] = (60.0, 40.0)
    found = await wall(desk, "observer")
    assert found["alarms"] == {"1": 0, "2": 1, "3": 1, "4": 0}
    assert found["lights"] == {"lit": 2, "total": 12}
    assert found["power_kw"] == 0.1
    assert found["incidents"] == {"open": 0, "breached": 0}
    assert found["calls"] == {"waiting": 0, "within_15s": None}
    mine = await wall(desk, "local")
    assert (mine["alarms"]["3"], mine["lights"]["total"], mine["calls"]) == (0, 4, None)
    assert set(found) == {"alarms", "incidents", "calls", "lights", "power_kw", "per_operator_10min"}


async def test_the_wall_tells_how_soon_calls_are_answered(desk: Desk) -> None:
    now = desk.clock.now()
    for number, (state, waited_s) in enumerate([("ended", 5), ("ended", 40), ("ringing", None), ("abandoned", None)]):
        answered = None if waited_s is None else now + timedelta(seconds=waited_s)
        await desk.rows.execute(
            """INSERT INTO calls (id, channel, state, rang_at, answered_at, changed_by)
               VALUES ($1, 'cti', $2, $3, $4, $1)""",
            UUID(int=number),
            state,
            now,
            answered,
        )
    assert (await wall(desk, "observer"))["calls"] == {"waiting": 1, "within_15s": round(1 / 3, 3)}


async def test_who_sees_nothing_sees_no_number(desk: Desk) -> None:
    await desk.raise_alarm(1, "lamps.out", lamp(0, 0))
    found = await wall(desk, "stranger")
    assert (found["alarms"], found["lights"], found["calls"]) == ({"1": 0, "2": 0, "3": 0, "4": 0}, None, None)


async def test_an_incident_beyond_its_promise_is_breached(desk: Desk) -> None:
    await grant(desk, "chief", Grant("chief", (EVERY,), (EVERY,), ("see",)))
    now = desk.clock.now()
    await desk.rows.execute(
        """INSERT INTO incident_types (key, version, since, trade, severity, respond_s, resolve_s, content, place)
           VALUES ('t', 1, $1, 'lamps', 2, 60, 600, '{}', 1)""",
        now,
    )
    for number, since in enumerate((now - timedelta(seconds=30), now - timedelta(seconds=90))):
        await desk.rows.execute(
            """INSERT INTO incidents (id, number, type, type_version, trade, severity, state, commune, position,
                   opened_by, changed_by, changed_at, opened_at, respond_limit_s, respond_since, resolve_limit_s,
                   resolve_since)
               VALUES ($1, $2, 't', 1, 'lamps', 2, 'reported', $3, point(5, 47), $1, $1, $4, $5, 60, $5, 600, $5)""",
            UUID(int=number),
            f"2026-{number}",
            OWN,
            now,
            since,
        )
    assert (await wall(desk, "chief"))["incidents"] == {"open": 2, "breached": 1}
    assert (await week(desk, "chief"))["incidents"] == [{"type": "t", "count": 2, "mean_resolve_s": None}]
