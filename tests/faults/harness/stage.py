"""A post over the small town, and the rig around a post, for as long as a test or a fixture needs them."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.contracts.throwaway_trade import write_trade
from tests.faults import town
from tests.faults.deadline import tell, until
from tests.faults.harness.detour import Detour
from tests.faults.harness.form import IS_LONG
from tests.faults.harness.outcome import BEGIN, write_page
from tests.faults.harness.rig import Rig
from tests.faults.running_post import RunningPost

SIMULATED = town.CABINETS * town.LIGHTS_A_CABINET
FIRST_REPORT_LIMIT_S = 30.0


@contextmanager
def town_post(
    home: Path, environ: Mapping[str, str] | None = None, arguments: Sequence[str] = (), detour: Detour | None = None
) -> Iterator[RunningPost]:
    """A post over the small town with the throwaway trade, once every simulated light has reported."""
    asyncio.run(town.settle(home, town.small_town(town.list_benches())))
    write_trade(home / "elsewhere")
    running = RunningPost(home, {"PYTHONPATH": str(home / "elsewhere"), **(environ or {})}, arguments)
    running.reroute = None if detour is None else detour.through
    try:
        seconds = running.start()
        tell("start over a town of 12 cabinets", f"{seconds:.1f} s to ready")
        until("every light has reported", lambda: heard_lights(running) >= SIMULATED, FIRST_REPORT_LIMIT_S)
        yield running
    except AssertionError as error:
        raise AssertionError(f"{error}\n{running.log_tail()}") from None
    finally:
        running.close()


@contextmanager
def rig_around(post: RunningPost, folder: Path, begin: str = BEGIN) -> Iterator[Rig]:
    """A rig whose ledger is in the folder; the long form writes the page, into the table that `begin` marks."""
    made = Rig(post, folder)
    made.open()
    try:
        yield made
    finally:
        made.close()
        if IS_LONG:
            write_page(made.outcomes, begin=begin)


def heard_lights(post: RunningPost) -> int:
    """How many simulated lights have a reading."""
    return post.count(
        """SELECT count(DISTINCT twin_no) FROM readings JOIN twins USING (twin_no)
           WHERE type = 'Streetlight' AND gateway LIKE 'CAB-%'"""
    )
