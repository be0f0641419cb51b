"""Every pack that the broker has acknowledged is in the history exactly once, whatever dies meanwhile."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.deadline import until
from tests.faults.running_post import RunningPost
from tests.faults.streams import LIMIT_S, Streams

pytestmark = [pytest.mark.faults, pytest.mark.engines]

GATEWAYS = 20
FIRST = 8
# Ten packs a second of each gateway: many times what a cabinet sends, and what the sequence ledger's window of 64
# can follow when the broker redelivers what a killed core had in hand after its 5 s (docs/drivers/mqtt.md).
ROUNDS, EVERY_S = 80, 0.1
KILLS = 3
BACKLOG_ROUNDS = 60
BACK_LIMIT_S = 20.0


@pytest.fixture(scope="module")
def streams(post: RunningPost) -> Iterator[Streams]:
    """Gateways that have not sent yet."""
    made = Streams(post, range(FIRST, FIRST + GATEWAYS))
    try:
        made.connect()
        yield made
    finally:
        made.leave()


def _kill(post: RunningPost, name: str) -> None:
    former = post.kill_one(name)
    until("it is started again", lambda: post.find_pid(name) not in (None, former), BACK_LIMIT_S)


@pytest.mark.parametrize("killed", ["gateway", "postgres"])
def test_packs_that_keep_coming_while_something_is_killed_are_kept_exactly_once(
    post: RunningPost, streams: Streams, killed: str
) -> None:
    before, packs = streams.sent, ROUNDS * GATEWAYS
    with ThreadPoolExecutor(1) as publisher:
        publishing = publisher.submit(streams.publish_paced, ROUNDS, EVERY_S)
        for share in (before + packs * kill // (KILLS + 1) for kill in range(1, KILLS + 1)):
            _await_sent(streams, share)
            _kill(post, killed)
        publishing.result()
    streams.judge(f"packs that keep coming while {killed} is killed {KILLS} times (cumulated)")


def _await_sent(streams: Streams, packs: int) -> None:
    until("more is sent", lambda: streams.sent > packs, LIMIT_S)


@pytest.mark.parametrize("killed", ["gateway", "postgres"])
def test_a_backlog_in_the_midst_of_which_something_is_killed_is_kept_exactly_once(
    post: RunningPost, streams: Streams, killed: str
) -> None:
    for _ in range(2):
        gateway, before = post.find_pid("gateway"), streams.sent
        assert gateway is not None
        os.kill(gateway, signal.SIGSTOP)
        for _ in range(BACKLOG_ROUNDS):
            streams.publish_round()
        streams.await_acks()
        os.kill(gateway, signal.SIGCONT)
        streams.await_rows(before + GATEWAYS)
        _kill(post, killed)
        streams.await_rows(streams.sent)
    streams.judge(f"backlogs of {BACKLOG_ROUNDS * GATEWAYS} packs, {killed} killed in their midst (cumulated)")
