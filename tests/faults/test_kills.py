"""Whatever is killed comes back in time, and nothing that was acknowledged is lost."""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import pytest

from tests.faults.acts import await_state, dim, dim_body, state_of, value_of
from tests.faults.deadline import crowding, tell, until
from tests.faults.field_gateway import FieldGateway
from tests.faults.harness.form import IS_LONG, KILL_ROUNDS, QUIET_S
from tests.faults.harness.probes import (
    COME_BACK_LIMIT_S,
    command_is_taken,
    gateway_can_sign_in,
    page_is_served,
    reading_is_taken_in,
    simulated_field_reports,
)
from tests.faults.harness.rig import Fault, Rig
from tests.faults.running_post import RunningPost
from tests.faults.town import CABINETS, LIGHTS_A_CABINET, cabinet_urn, own_gateway, own_light, own_light_urn

pytestmark = [pytest.mark.faults, pytest.mark.engines]

SILENT = 6
PACKS = 20
STOP_LIMIT_S = 5.0


@dataclass
class Kept:
    """What the post has acknowledged and must still know."""

    open_command: str
    awaiting: str
    held: str
    packs: int
    last_power_w: float

    def check(self, post: RunningPost) -> None:
        """Fail unless everything is there, once."""
        claire = post.desk("claire")
        assert state_of(claire, self.open_command) == "sent"
        assert state_of(claire, self.awaiting) == "awaiting_approval"
        still_open = {one["id"] for one in claire.get("/api/commands?open=1")}
        assert {self.open_command, self.awaiting} <= still_open
        holds = {hold["twin"]: hold["wanted"] for hold in claire.get("/api/holds")}
        assert holds[self.held]["level_pct"] == 55
        rows = """SELECT count(*) FROM readings JOIN twins USING (twin_no) JOIN properties USING (property_no)
                  WHERE urn = $1 AND key = 'power_w'"""
        assert post.count(rows, self.held) == self.packs
        assert value_of(claire, self.held, "power_w") == self.last_power_w


@pytest.fixture(scope="module")
def kept(post: RunningPost) -> Iterator[Kept]:
    """Readings with their PUBACK, a hold, a command without an answer, one that awaits a second person."""
    claire, urn = post.desk("claire"), own_light_urn(SILENT, 0)
    with FieldGateway(post, own_gateway(SILENT)) as gateway:
        for number in range(PACKS):
            gateway.report({"n": f"{own_light(SILENT, 0)}/power", "v": 10.0 + number})
    last_power_w = 10.0 + PACKS - 1
    until("the readings are in", lambda: value_of(claire, urn, "power_w") == last_power_w, 5)
    command = dim(claire, urn, level_pct=55, expires_s=3_600, hold_s=7_200)
    await_state(claire, command, "sent", within_s=5)
    body = dim_body(level_pct=50, expires_s=3_600) | {"targets": {"kind": "all", "ids": []}}
    awaiting = post.desk("amine").post("/api/commands", body)["id"]
    yield Kept(command, awaiting, urn, PACKS, last_power_w)


# A process that ends again within 30 s is started again a little later each time: rounds of all six keep it apart.
ROUND_S = 31.0 if IS_LONG else 0.0
KILLS = (
    ("core", gateway_can_sign_in, 5.0),
    ("gateway", reading_is_taken_in, 5.0),
    ("web", page_is_served, 5.0),
    ("simulator", simulated_field_reports, 10.0),
    ("postgres", command_is_taken, 10.0),
    ("nats", reading_is_taken_in, 5.0),
)


def test_whatever_is_killed_comes_back_and_nothing_acknowledged_is_lost(
    post: RunningPost, rig: Rig, kept: Kept
) -> None:
    faults = {name: Fault(f"kill -9 of {name}", limit_s) for name, _, limit_s in KILLS}
    crowded = 1.0
    with rig.work():
        for _ in range(KILL_ROUNDS):
            next_round_s = time.monotonic() + ROUND_S
            for name, works_again, _ in KILLS:
                _kill(post, faults[name], name, works_again)
                crowded = max(crowded, crowding())
                time.sleep(QUIET_S)
            time.sleep(max(0.0, next_round_s - time.monotonic()))
    until("the page is served", post.is_ready, COME_BACK_LIMIT_S)
    kept.check(post)
    rig.judge(*faults.values())
    late = {
        fault.name: fault.recovered_s for fault in faults.values() if max(fault.recovered_s) > fault.limit_s * crowded
    }
    assert not late


def _kill(post: RunningPost, fault: Fault, name: str, works_again: Callable[[RunningPost], None]) -> None:
    with fault.during():
        killed = post.kill_one(name)
        until(f"{name} is started again", lambda: post.find_pid(name) not in (None, killed), COME_BACK_LIMIT_S)
        works_again(post)


def test_a_wide_order_whose_dispatcher_is_killed_on_the_way_is_confirmed_by_every_light(post: RunningPost) -> None:
    claire = post.desk("claire")
    cabinets = [cabinet_urn(cabinet) for cabinet in range(CABINETS - 1)]
    body = dim_body(level_pct=65, expires_s=120) | {"targets": {"kind": "part_of", "ids": cabinets}}
    began = time.monotonic()
    command = claire.post("/api/commands", body)["id"]
    post.kill_one("gateway")
    await_state(claire, command, "confirmed", within_s=40)
    counts = claire.get(f"/api/commands/{command}")["counts"]
    lights = (CABINETS - 1) * LIGHTS_A_CABINET
    assert counts["confirmed"] == lights
    seconds = time.monotonic() - began
    tell("wide order, its dispatcher killed on the way", f"{lights} of {lights} lights confirmed after {seconds:.1f} s")


def test_when_the_supervisor_is_killed_its_children_die_and_a_second_start_finds_everything(
    post: RunningPost, kept: Kept
) -> None:
    gone_s = post.end(signal.SIGKILL, STOP_LIMIT_S)
    again_s = post.start()
    kept.check(post)
    tell(
        "kill -9 of the supervisor", f"no process left after {gone_s:.2f} s, ready again {again_s:.1f} s after a start"
    )


def test_sigterm_stops_the_whole_post_within_5_s_and_a_start_finds_everything(post: RunningPost, kept: Kept) -> None:
    before = {child.pid for child in post.supervisor.children(recursive=True)}
    gone_s = post.end(signal.SIGTERM, STOP_LIMIT_S)
    assert not [pid for pid in before if psutil.pid_exists(pid)]
    assert not (post.home / "post.json").exists()
    again_s = post.start()
    kept.check(post)
    tell("SIGTERM", f"{len(before)} processes gone after {gone_s:.2f} s, ready again {again_s:.1f} s after a start")
    assert gone_s <= STOP_LIMIT_S


def test_a_command_that_waited_through_all_of_it_is_obeyed_and_confirmed_at_last(post: RunningPost, kept: Kept) -> None:
    with FieldGateway(post, own_gateway(SILENT)) as gateway:
        until("the command is here", lambda: gateway.commands(kept.open_command), 10)
        gateway.acknowledge(kept.open_command, "accepted")
        gateway.show(own_light(SILENT, 0), 0.55, "manual")
        await_state(post.desk("claire"), kept.open_command, "confirmed", within_s=5)
        copies = len(gateway.commands(kept.open_command))
    tell("command over 8 kills", f"confirmed, delivered {copies} times under one id")
