"""A full disk stops acts and readings visibly, loses nothing acknowledged, and is over when there is room again."""

import time
from collections.abc import Callable

import pytest

from tests.faults.deadline import crowding, until
from tests.faults.harness.form import IS_LONG
from tests.faults.harness.probes import command_is_taken, page_is_served, reading_is_taken_in
from tests.faults.harness.rig import Fault, Rig
from tests.faults.harness.small_disk import SmallDisk
from tests.faults.running_post import RunningPost

pytestmark = [pytest.mark.faults, pytest.mark.engines]

FULL_S = 30.0 if IS_LONG else 2.0
LIMIT_S = 15.0
SHORT_SHARE, TOLD_WITHIN_S = 0.05, 15.0
ALARM = "platform.disk_short"


def test_a_full_disk_under_the_database_loses_nothing_acknowledged(
    post: RunningPost, rig: Rig, home_disk: SmallDisk
) -> None:
    _judge_full(post, rig, home_disk, "disk of database and log full", command_is_taken)


def test_a_full_disk_under_the_broker_loses_nothing_acknowledged(
    post: RunningPost, rig: Rig, streams_disk: SmallDisk
) -> None:
    _judge_full(post, rig, streams_disk, "disk of the broker's streams full", reading_is_taken_in)


def _judge_full(
    post: RunningPost, rig: Rig, disk: SmallDisk, name: str, works_again: Callable[[RunningPost], None]
) -> None:
    if not disk.is_there:
        pytest.skip("only root may mount a small disk")
    fault = Fault(f"{name} for {FULL_S:.0f} s", LIMIT_S)
    disk.fill_but(SHORT_SHARE)
    until("the alarm that it is nearly full", lambda: _is_told(post), TOLD_WITHIN_S)
    with rig.work(), fault.during():
        until_full_s = time.monotonic() + FULL_S
        while time.monotonic() < until_full_s:
            # What the post gives back meanwhile is taken again.
            disk.fill()
            time.sleep(0.2)
        disk.empty()
        fault.mended()
        works_again(post)
        page_is_served(post)
    rig.judge(fault)
    assert max(fault.recovered_s) <= LIMIT_S * crowding()


def _is_told(post: RunningPost) -> bool:
    cards = post.desk("claire").get("/api/alarms")["cards"]
    return any(card["type"] == ALARM for card in cards)
