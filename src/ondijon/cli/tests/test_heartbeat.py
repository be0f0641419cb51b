"""Tests of what a role says of itself each second."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec

from ondijon.cli.engines import Engines, LoopLag, beat
from ondijon.infra.ids import UuidSource
from ondijon.testing.fakes import FakeBus, StillClock


async def turn_until_due(watching: asyncio.Task[None], lag: LoopLag) -> float:
    """Give the loop turns until the watcher has measured something."""
    while not (worst_ms := lag.take_ms()):
        assert not watching.done()
        await asyncio.sleep(0)
    return worst_ms


async def test_a_task_that_keeps_the_loop_for_itself_shows_as_lag_and_only_once() -> None:
    lag = LoopLag()
    watching = asyncio.create_task(lag.watch())
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    until_s = loop.time() + 0.06
    while loop.time() < until_s:
        pass
    assert await turn_until_due(watching, lag) >= 45.0
    assert lag.take_ms() == 0.0
    watching.cancel()


async def test_a_heartbeat_says_how_long_the_loop_was_held_up() -> None:
    bus = FakeBus()
    heard = asyncio.Event()

    async def hear(subject: str, payload: bytes) -> None:
        heard.set()

    await bus.subscribe("ondijon.role.gateway", hear)
    engines = Engines(
        home=Path(),
        card=cast("Any", SimpleNamespace(node="")),
        rows=cast("Any", None),
        bus=cast("Any", bus),
        clock=cast("Any", StillClock()),
        ids=UuidSource(),
        city=cast("Any", None),
        catalogues={},
        parts=(),
    )
    beating = asyncio.create_task(beat(engines, "gateway"))
    waiting = asyncio.create_task(heard.wait())
    await asyncio.wait((beating, waiting), timeout=5, return_when=asyncio.FIRST_COMPLETED)
    assert heard.is_set()
    beating.cancel()
    word = msgspec.json.decode(bus.said_on("ondijon.role.gateway")[0])
    assert (word["role"], word["state"]) == ("gateway", "ready")
    assert word["detail"] == {"loop_lag_ms": 0.0}
