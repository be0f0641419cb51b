"""Three hosts with their links, the post that they make together, and the rig that judges it."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.throwaway_trade import write_trade
from tests.faults import town
from tests.faults.deadline import tell, until
from tests.faults.harness.rig import Rig
from tests.faults.harness.stage import rig_around
from tests.several_hosts.hosts_post import HostsPost
from tests.several_hosts.networks import Networks, networks

BEGIN = "<!-- measured over several hosts: written by make faults -->"
SHARED_WITHIN_S = 30.0


@pytest.fixture(scope="module")
def hosts() -> Iterator[Networks]:
    """Three network namespaces on one bridge."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    try:
        with networks(3) as made:
            yield made
    except OSError as error:
        pytest.skip(f"this machine makes no network namespaces: {error}")


@pytest.fixture(scope="module")
def post(hosts: Networks) -> Iterator[HostsPost]:
    """The post, once both gateway roles have their shares."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="ondijon-hosts-", dir=memory if memory.is_dir() else None))
    folder.chmod(0o711)
    running = HostsPost(hosts, folder, {"PYTHONPATH": str(folder / "elsewhere")})
    try:
        asyncio.run(town.settle(running.home, town.small_town(town.list_benches())))
        write_trade(folder / "elsewhere")
        running.join()
        seconds = running.start()
        until("the field is shared", running.is_shared, SHARED_WITHIN_S)
        tell("three hosts, started at once", f"{seconds:.1f} s to ready")
        yield running
    except AssertionError as error:
        raise AssertionError(f"{error}\n{running.log_tail()}") from None
    finally:
        running.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def rig(post: HostsPost, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """What goes on around the post while things are broken, and judges; the long form writes the page."""
    with rig_around(post, tmp_path_factory.mktemp("ledger"), BEGIN) as made:
        yield made
