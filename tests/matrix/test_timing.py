"""How long an answer takes tells nothing either: an id of elsewhere against one that does not exist."""

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

import pytest

from tests.matrix.routes import THINGS
from tests.matrix.stage import Stage, Thing, Where
from tests.matrix.table import Line
from tests.matrix.walker import send

pytestmark = [pytest.mark.engines, pytest.mark.quiet]

Request = Callable[[], Awaitable[object]]
SAMPLES = 80
TRIES = 4
# Beyond this share of the answer's own time, and beyond this much at all, a difference is no noise of the machine.
SHARE, LEAST_S = 0.10, 0.000_15
_ASKED = (
    "GET /api/twin/{urn:str}",
    "GET /api/commands/{command_id:uuid}",
    "GET /api/alarms/cards/{card:uuid}",
    "GET /api/incidents/{incident_id:uuid}",
    "GET /api/calls/{call:uuid}",
)


_BOTH: tuple[Where, Where] = ("other", "none")


async def measure(request: Request) -> float:
    started = time.perf_counter()
    await request()
    return time.perf_counter() - started


async def gap(first: Request, second: Request) -> tuple[float, float]:
    """The difference of the medians and the smaller median, in seconds; samples alternate, each pair in turn."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(SAMPLES):
        for place in (0, 1) if number % 2 else (1, 0):
            times[place].append(await measure((first, second)[place]))
    # The quicker half of each: what the machine does beside it only ever makes an answer slower.
    middles = [statistics.median(sorted(one)[: SAMPLES // 2]) for one in times]
    return abs(middles[0] - middles[1]), min(middles)


async def tells(first: Request, second: Request) -> bool:
    """Whether the two take different times again and again: noise does not repeat itself, a leak does."""
    for _ in range(TRIES):
        difference, middle = await gap(first, second)
        if difference <= max(SHARE * middle, LEAST_S):
            return False
    return True


def _asking(stage: Stage, line: Line, thing: Thing) -> Request:
    async def ask() -> None:
        assert (await send(stage, line, "operator", thing)).status_code == 404

    return ask


async def test_an_id_of_elsewhere_takes_as_long_as_one_that_does_not_exist(stage: Stage) -> None:
    telling = []
    for name in _ASKED:
        line = next(one for one in THINGS if one.name == name)
        pair = [_asking(stage, line, await stage.make(line.about, where)) for where in _BOTH]
        for ask in pair * 10:
            await ask()
        if await tells(pair[0], pair[1]):
            telling.append(name)
    assert telling == []


async def test_the_judge_finds_a_leak_of_half_a_millisecond() -> None:
    async def quick() -> None:
        await asyncio.sleep(0.001)

    async def slow() -> None:
        await asyncio.sleep(0.001)
        until = time.perf_counter() + 0.0005
        while time.perf_counter() < until:
            pass

    assert await tells(quick, slow)
    assert not await tells(quick, quick)
