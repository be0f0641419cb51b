"""Whatever dies of a post on three hosts, nothing that was acknowledged is lost, and the others go on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.faults.deadline import crowding, until
from tests.faults.harness.form import KILL_ROUNDS, QUIET_S, long_only
from tests.faults.harness.injector import PCT_A_NUMBER
from tests.faults.harness.probes import (
    COME_BACK_LIMIT_S,
    command_is_taken,
    gateway_can_sign_in,
    page_is_served,
)
from tests.faults.harness.rig import Fault, Rig
from tests.faults.town import own_light_urn
from tests.several_hosts.hosts_post import CONSOLE_HOST, DATABASE_HOST, SECOND_HOST, HostsPost

pytestmark = [pytest.mark.faults, pytest.mark.engines, long_only]

CUT_S = 20.0
# Aimed at 5 s: nats-server's Raft groups wait 4 to 9 s for a leader that is gone, and nobody can set that.
NODE_LIMIT_S = 15.0
# Lines that died without a word: devices notice after twice their keepalive at the latest, then the same election.
CUT_LIMIT_S = 25.0
SETTLE_S = 4.0
_NEWEST = """SELECT urn, max(value) AS value
             FROM readings JOIN twins USING (twin_no) JOIN properties USING (property_no)
             WHERE urn = ANY($1::text[]) AND key = 'level_pct' GROUP BY urn"""


@dataclass(frozen=True)
class Kill:
    """One thing to kill: on which host, what proves that it works again, and how soon."""

    host: int
    name: str
    works_again: Callable[[Rig, HostsPost], None]
    limit_s: float

    @property
    def title(self) -> str:
        return f"kill -9 of {self.name} on host {self.host + 1}"


def every_stream_is_in(rig: Rig, post: HostsPost) -> None:
    """Wait until of every gateway, whoever answers for it, something that was sent from now on is in the history."""
    wanted = {own_light_urn(one.number, 0): one.gateway.next_sequence for one in rig.injector.streams}

    def is_in() -> bool:
        newest = {row["urn"]: round(row["value"] / PCT_A_NUMBER) for row in post.rows(_NEWEST, list(wanted))}
        return all(newest.get(urn, 0) >= number for urn, number in wanted.items())

    until("every gateway is heard again", is_in, COME_BACK_LIMIT_S)


KILLS = (
    Kill(SECOND_HOST, "gateway", every_stream_is_in, 5.0),
    Kill(CONSOLE_HOST, "gateway", every_stream_is_in, 5.0),
    Kill(DATABASE_HOST, "core", lambda _, post: gateway_can_sign_in(post), 5.0),
    Kill(CONSOLE_HOST, "web", lambda _, post: page_is_served(post), 5.0),
    Kill(DATABASE_HOST, "postgres", lambda _, post: command_is_taken(post), 10.0),
    Kill(DATABASE_HOST, "nats", every_stream_is_in, NODE_LIMIT_S),
    Kill(SECOND_HOST, "nats", every_stream_is_in, NODE_LIMIT_S),
    Kill(CONSOLE_HOST, "nats", every_stream_is_in, NODE_LIMIT_S),
)


def test_any_process_of_three_hosts_may_be_killed(post: HostsPost, rig: Rig) -> None:
    faults = {kill: Fault(kill.title, kill.limit_s) for kill in KILLS}
    crowded = 1.0
    with rig.work():
        for _ in range(KILL_ROUNDS):
            for kill, fault in faults.items():
                with fault.during():
                    post.kill_on(kill.host, kill.name)
                    kill.works_again(rig, post)
                crowded = max(crowded, crowding())
                _become_whole(post)
    _judge(rig, crowded, *faults.values())


@pytest.mark.parametrize("number", [SECOND_HOST, CONSOLE_HOST], ids=["gateway", "gateway-and-console"])
def test_the_link_of_a_host_may_be_cut(post: HostsPost, rig: Rig, number: int) -> None:
    fault = Fault(f"link of host {number + 1} cut for {CUT_S:.0f} s", CUT_LIMIT_S)
    with rig.work(), _cut(post, number, fault):
        every_stream_is_in(rig, post)
    until("the page is served", post.is_ready, COME_BACK_LIMIT_S)
    _judge(rig, crowding(), fault)


def test_a_whole_host_may_die_and_come_back(post: HostsPost, rig: Rig) -> None:
    fault = Fault("host 2 dead (gateway and NATS node), then started again", NODE_LIMIT_S)
    with rig.work():
        with fault.during():
            post.kill_host(SECOND_HOST)
            every_stream_is_in(rig, post)
        time.sleep(SETTLE_S)
        post.start_again(SECOND_HOST)
        _become_whole(post)
    _judge(rig, crowding(), fault)


@contextmanager
def _cut(post: HostsPost, number: int, fault: Fault) -> Iterator[None]:
    """The block waits for the others to have taken over, while the host is still cut off."""
    address = post.networks.addresses[number]
    began_s = time.monotonic()
    post.networks.cut(address)
    try:
        with fault.during():
            yield
        time.sleep(max(0.0, CUT_S - (time.monotonic() - began_s)))
    finally:
        post.networks.mend(address)
    _become_whole(post)


def _become_whole(post: HostsPost) -> None:
    """Both gateway roles have their shares again, and so the next fault finds what the first one found."""
    until("the field is shared", lambda: post.is_ready() and post.is_shared(), COME_BACK_LIMIT_S)
    time.sleep(QUIET_S + SETTLE_S)


def _judge(rig: Rig, crowded: float, *faults: Fault) -> None:
    rig.judge(*faults)
    late = {one.name: one.recovered_s for one in faults if max(one.recovered_s) > one.limit_s * crowded}
    assert not late
