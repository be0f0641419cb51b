"""A database that stops answering without ending holds everything up and loses nothing."""

import os
import signal
import time

import psutil
import pytest

from tests.faults.deadline import crowding
from tests.faults.harness.form import IS_LONG
from tests.faults.harness.probes import command_is_taken, page_is_served
from tests.faults.harness.rig import Fault, Rig
from tests.faults.running_post import RunningPost

pytestmark = [pytest.mark.faults, pytest.mark.engines]

FROZEN_S = 30.0 if IS_LONG else 3.0
LIMIT_S = 10.0


def test_a_frozen_database_holds_everything_up_and_loses_nothing(post: RunningPost, rig: Rig) -> None:
    fault = Fault(f"database frozen for {FROZEN_S:.0f} s (SIGSTOP)", LIMIT_S)
    with rig.work(), fault.during():
        postmaster = post.find_pid("postgres")
        assert postmaster is not None
        family = [psutil.Process(postmaster), *psutil.Process(postmaster).children(recursive=True)]
        for one in family:
            os.kill(one.pid, signal.SIGSTOP)
        time.sleep(FROZEN_S)
        for one in family:
            os.kill(one.pid, signal.SIGCONT)
        fault.mended()
        command_is_taken(post)
        page_is_served(post)
    rig.judge(fault)
    assert max(fault.recovered_s) <= LIMIT_S * crowding()
