"""Every pack that the broker has acknowledged is in the history exactly once, whatever dies amid a backlog."""

import os
import signal

import pytest

from tests.faults.deadline import until
from tests.faults.harness.probes import COME_BACK_LIMIT_S, page_is_served
from tests.faults.harness.rig import Fault, Rig
from tests.faults.running_post import RunningPost

pytestmark = [pytest.mark.faults, pytest.mark.engines]

BACKLOG_ROUNDS = 60


@pytest.mark.parametrize("killed", ["gateway", "postgres"])
def test_a_backlog_in_the_midst_of_which_something_is_killed_is_kept_exactly_once(
    post: RunningPost, rig: Rig, killed: str
) -> None:
    fault = Fault(f"backlog of {BACKLOG_ROUNDS * len(rig.injector.streams)} packs, {killed} killed in its midst", 20.0)
    for _ in range(2):
        with fault.during():
            _let_a_backlog_grow(post, rig)
            former = post.kill_one(killed)
            until("it is started again", lambda of=former: post.find_pid(killed) not in (None, of), COME_BACK_LIMIT_S)  # type: ignore[misc]
            page_is_served(post)
    rig.judge(fault)


def _let_a_backlog_grow(post: RunningPost, rig: Rig) -> None:
    gateway = post.find_pid("gateway")
    assert gateway is not None
    os.kill(gateway, signal.SIGSTOP)
    for _ in range(BACKLOG_ROUNDS):
        rig.injector.publish_round()
    rig.injector.settle()
    known = post.count("SELECT count(*) FROM readings")
    os.kill(gateway, signal.SIGCONT)
    until("some of it is in", lambda: post.count("SELECT count(*) FROM readings") > known, COME_BACK_LIMIT_S)
