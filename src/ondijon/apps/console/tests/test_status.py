"""The post's own health, to people who see its trade and to a collector with its token."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from ondijon.apps.console.tests.conftest import Desk
from ondijon.kernel.health import Backlog, DiskHealth, IntakeHealth, ServiceHealth, sum_intakes
from ondijon.runtime.field_queries import count_shed
from ondijon.testing.fakes import StillClock
from ondijon.web.lateness import Lateness
from ondijon.web.roles import RoleWatch

pytestmark = pytest.mark.engines
TOKEN = b"a-collector-s-token"


def heartbeat(clock: StillClock, role: str, detail: Mapping[str, Any]) -> bytes:
    word = {"role": role, "state": "ready", "pid": 1, "at": clock.now(), "detail": detail}
    return msgspec.json.encode(word)


async def speak(desk: Desk) -> None:
    """What the roles of a post that is 14 s behind would say."""
    service = ServiceHealth("nats", "ready", desk.clock.now(), 2, 190_000_000, 12.5)
    disk = DiskHealth("home", 50 << 30, 100 << 30, 48.0, float(5 << 30), 10.0)
    told: dict[str, dict[str, Any]] = {
        "supervisor": {"services": [service], "disks": [disk]},
        "core": {"backlog": Backlog(900, 100, 3, 14.2), "loop_lag_ms": 4.0},
        "gateway": {"intake": IntakeHealth(800.0, 1_200.0, 0.4, True, {"Streetlight": 1_203}), "loop_lag_ms": 7.5},
    }
    for role, detail in told.items():
        await desk.bus.publish(f"ondijon.role.{role}", heartbeat(desk.clock, role, detail))


async def test_what_nobody_has_told_is_not_known(desk: Desk) -> None:
    found = (await desk.ask("GET", "/api/status", "chief")).json()
    unknown = ("services", "disks", "backlog", "intake", "backup_set_up", "backup", "audit")
    assert {found[key] for key in unknown} == {None}
    assert found["record"] == {"jobs": [], "archived_day": None, "shed_24h": 0}
    assert found["roles"]["gateway"] == {"state": "silent", "age_s": None}


async def test_heartbeats_and_rows_make_the_page(desk: Desk) -> None:
    await speak(desk)
    await desk.rows.execute("INSERT INTO jobs VALUES ('erase_due', $1, $1, 'core-1', 2)", desk.clock.now())
    for shed in ({"Streetlight": 1_200}, {"Streetlight": 2, "Cabinet": 1}):
        async with desk.rows.transaction() as tx:
            await count_shed(tx, desk.clock.now(), shed)
    found = (await desk.ask("GET", "/api/status", "observer")).json()
    assert found["backlog"] == {"waiting": 900, "in_hand": 100, "redelivered": 3, "behind_s": 14.2}
    assert found["intake"]["shed"] == {"Streetlight": 1203}
    assert found["backup_set_up"] is False
    assert found["loop_lag_ms"] == {"gateway": 7.5, "core": 4.0}
    assert found["record"]["jobs"] == [{"key": "erase_due", "begun_age_s": 0.0, "failures": 2}]
    assert found["record"]["shed_24h"] == 1203


async def test_who_does_not_see_the_post_s_trade_finds_no_page(desk: Desk) -> None:
    assert (await desk.ask("GET", "/api/status", "local")).status_code == 404
    assert (await desk.ask("GET", "/api/status")).status_code == 401


async def test_a_collector_needs_the_token_and_gets_the_page_s_figures(desk: Desk) -> None:
    await speak(desk)
    assert (await desk.ask("GET", "/metrics", "chief")).status_code == 401
    assert (await desk.ask("GET", "/metrics", Authorization="Bearer ")).status_code == 401
    desk.app.state.metrics_token = TOKEN
    assert (await desk.ask("GET", "/metrics", Authorization="Bearer guess")).status_code == 401
    answer = await desk.ask("GET", "/metrics", Authorization=f"Bearer {TOKEN.decode()}")
    desk.app.state.metrics_token = b""
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    values = {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
    }
    assert values["ondijon_behind_seconds",] == 14.2
    assert values["ondijon_readings_shed_total", "Streetlight"] == 1203
    assert values["ondijon_service_memory_bytes", "", "nats"] == 190_000_000
    assert values["ondijon_disk_full_days", "home", ""] == 10.0
    assert values["ondijon_role_ready", "core"] == 1.0
    assert ("ondijon_backup_age_seconds", "taken") not in values


async def test_requests_are_counted_by_template_without_ids(desk: Desk) -> None:
    desk.app.state.metrics_token = TOKEN
    await desk.ask("GET", "/api/incidents/00000000-0000-0000-0000-00000000abcd", "chief")
    text = (await desk.ask("GET", "/metrics", Authorization=f"Bearer {TOKEN.decode()}")).text
    desk.app.state.metrics_token = b""
    assert 'ondijon_http_request_seconds_count{method="GET",route="/api/incidents/{incident_id}",status="404"}' in text
    assert "abcd" not in text


def test_consoles_hear_of_lateness_with_what_was_shed_since_it_began() -> None:
    clock = StillClock()
    roles = RoleWatch((), clock.monotonic)
    late = Lateness(roles)

    def say(behind_s: float, shedding: bool, shed: int) -> tuple[bool, dict[str, Any]]:
        intake = IntakeHealth(1.0, None, 0.1, shedding, {"Streetlight": shed})
        roles.hear(heartbeat(clock, "core", {"backlog": Backlog(1, 0, 0, behind_s)}))
        roles.hear(heartbeat(clock, "gateway", {"intake": intake}))
        return late.turn(), msgspec.json.decode(late.text())

    assert say(1.0, False, 500)[0] is False
    assert say(14.2, True, 620) == (True, {"kind": "late", "behind_s": 14, "shedding": True, "shed": 120})
    assert say(14.3, True, 620)[0] is False
    assert say(2.0, False, 700) == (True, {"kind": "late", "behind_s": 0, "shedding": False, "shed": 0})
    assert late.is_late is False


def test_several_hosts_are_told_together_and_gateways_as_one() -> None:
    clock = StillClock()
    roles = RoleWatch((), clock.monotonic)
    first = IntakeHealth(100.0, 400.0, 0.2, False, {"Streetlight": 3})
    second = IntakeHealth(50.0, None, 0.9, True, {"Streetlight": 2, "Cabinet": 1})
    for node, intake in (("10.0.0.1", first), ("10.0.0.2", second)):
        word = msgspec.json.decode(heartbeat(clock, "gateway", {"intake": intake})) | {"node": node}
        roles.hear(msgspec.json.encode(word))
    told = roles.list_told("gateway", "intake", IntakeHealth)
    assert sum_intakes(told) == IntakeHealth(150.0, 400.0, 0.9, True, {"Streetlight": 5, "Cabinet": 1})
    clock.advance(4)
    assert sum_intakes(roles.list_told("gateway", "intake", IntakeHealth)) is None


def test_what_a_role_told_is_unknown_again_once_it_is_silent() -> None:
    clock = StillClock()
    roles = RoleWatch((), clock.monotonic)
    roles.hear(heartbeat(clock, "core", {"backlog": Backlog(1, 0, 0, 14.0), "audit": {"no": "audit"}}))
    assert roles.find_told("core", "backlog", Backlog) == Backlog(1, 0, 0, 14.0)
    assert roles.find_told("core", "audit", Backlog) is None
    clock.advance(4)
    assert roles.find_told("core", "backlog", Backlog) is None
