"""When everybody comes back at once everybody gets in, and a console that does not read costs nobody memory."""

import asyncio
import time

import numpy as np
import psutil
import pytest

from tests.faults.deadline import crowding, tell
from tests.faults.harness.crowd import Crowd, consoles_come, consoles_freeze
from tests.faults.harness.form import IS_LONG, long_only
from tests.faults.harness.probes import page_is_served
from tests.faults.harness.rig import Fault, Rig
from tests.faults.running_post import RunningPost

pytestmark = [pytest.mark.faults, pytest.mark.engines]

PEOPLE, CONSOLES_EACH = ("claire", "amine", "ines", "elue"), 15
CONSOLES = len(PEOPLE) * CONSOLES_EACH
# paho takes a thread and three descriptors a client: the 700 of a whole city would need processes of their own.
GATEWAYS = 60
ALL_IN_LIMIT_S = 30.0
FROZEN_CONSOLES, FROZEN_S = 12, 30.0 if IS_LONG else 2.0
# A console's queue is bounded (64 KB in the kernel, the rest coalesced): they may cost so much together.
FROZEN_LIMIT_MB = 64.0


@long_only
def test_gateways_and_consoles_that_come_back_at_once_all_get_in(post: RunningPost, rig: Rig) -> None:
    fault = Fault(
        f"{GATEWAYS} gateways and {CONSOLES} consoles at once after the end of broker and web", ALL_IN_LIMIT_S
    )
    cookies = [post.desk(person).cookie for person in PEOPLE]
    crowd = Crowd(post, GATEWAYS)
    try:
        crowd.connect()
        with rig.work(), fault.during():
            began_s = time.monotonic()
            post.kill_one("nats")
            post.kill_one("web")
            crowd.await_out()
            waits_s = asyncio.run(consoles_come(post, cookies, CONSOLES_EACH))
            in_s = crowd.await_in() - began_s
            page_is_served(post)
    finally:
        crowd.leave()
    tell(
        "everybody at once",
        f"gateways in after {in_s:.1f} s, consoles {np.median(waits_s):.1f} to {max(waits_s):.1f} s",
    )
    rig.judge(fault)
    assert max(fault.recovered_s) <= ALL_IN_LIMIT_S * crowding()


def test_consoles_that_do_not_read_cost_bounded_memory_and_delay_nobody(post: RunningPost, rig: Rig) -> None:
    fault = Fault(f"{FROZEN_CONSOLES} consoles that do not read for {FROZEN_S:.0f} s", 1.0)
    web = psutil.Process(post.find_pid("web"))
    with rig.work():
        before_mb = _memory_mb(web)
        with fault.during():
            asyncio.run(consoles_freeze(post, post.desk("claire").cookie, FROZEN_CONSOLES, FROZEN_S))
            grown_mb = _memory_mb(web) - before_mb
            fault.mended()
    tell("consoles that do not read", f"{grown_mb:.0f} MB more in the web role (limit {FROZEN_LIMIT_MB:.0f} MB)")
    rig.judge(fault)
    assert grown_mb <= FROZEN_LIMIT_MB


def _memory_mb(process: psutil.Process) -> float:
    family = [process, *process.children(recursive=True)]
    return float(sum(one.memory_info().rss for one in family)) / 1e6
