"""Behind a backlog the live state is of now, and what had its turn is in the history once, with every alarm once."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from ondijon.kernel.alarms import AlarmSpec, AlarmView, Priority
from ondijon.kernel.arrays import Bools, Ints32
from ondijon.kernel.field import Intake
from ondijon.kernel.readings import ReadingBatch
from ondijon.runtime.alarm_desk import AlarmDesk
from ondijon.runtime.effects import Effects, EffectsWriter
from ondijon.runtime.projector import LINE_KEPT_US, Projector
from ondijon.runtime.tracker import Tracker
from ondijon.testing.builders import LAMPS, batch, small_city
from ondijon.testing.fakes import StillClock

MINUTE_US = 60_000_000


def _hot(view: AlarmView, rows: Ints32) -> Bools:
    hot: Bools = view.columns["power_w"][rows] > 50.0
    return hot


def _power(view: AlarmView, row: int) -> dict[str, Any]:
    return {"power_w": float(view.columns["power_w"][row])}


HOT = AlarmSpec("lamps.hot", "Lamp", Priority.HIGH, 600, _hot, _power)


class Kept(EffectsWriter):
    """Keeps what would be written and told."""

    def __init__(self) -> None:
        self.history: list[float] = []
        self.shown: list[float] = []
        self.alarms: list[tuple[int, bool]] = []

    async def write(self, effects: Effects) -> None:
        self.history += powers(effects.batches)
        self.shown += powers(effects.shown)
        self.alarms += [(change.row, change.raised) for change in effects.alarms]


def powers(batches: Sequence[ReadingBatch]) -> list[float]:
    """Without the health that the desk derives."""
    power = small_city([LAMPS]).columns["Lamp"].property_index["power_w"]
    return [value for one in batches for value in one.value[one.property_index == power].tolist()]


class Room:
    """A projector over the small city, the power of one lamp, and minutes since the backlog began."""

    def __init__(self, spec: AlarmSpec = HOT) -> None:
        self.city = small_city([msgspec.structs.replace(LAMPS, alarms=(spec,))])
        self.kept = Kept()
        self.clock = StillClock()
        self.began_us = self.clock.now_us() - 12 * MINUTE_US
        desk = AlarmDesk(self.city)
        self.projector = Projector(self.city, self.clock, desk, Tracker(self.city), self.kept)

    async def say(self, minute: int, power_w: float, *, is_early: bool = False, row: int = 0) -> None:
        said = batch(self.city, "Lamp", "power_w", {row: power_w}, self.began_us + minute * MINUTE_US)
        await self.projector.commit(Intake([said], (), (), (), None, 1, 0, is_early))

    @property
    def power_w(self) -> float:
        return float(self.city.columns["Lamp"]["power_w"][0])


async def test_what_goes_past_a_backlog_is_live_at_once_and_in_the_history_in_its_turn() -> None:
    room = Room()
    await room.say(10, 30.0, is_early=True)
    assert room.power_w == 30.0
    for minute, power_w in ((1, 10.0), (2, 20.0), (10, 30.0)):
        await room.say(minute, power_w)
        assert room.power_w == 30.0
    assert (room.kept.shown, room.kept.history) == ([30.0], [10.0, 20.0, 30.0])


async def test_an_alarm_that_came_and_went_within_the_backlog_is_told_as_such() -> None:
    room = Room()
    await room.say(10, 30.0, is_early=True)
    for minute, power_w in ((1, 60.0), (2, 70.0), (3, 20.0), (10, 30.0)):
        await room.say(minute, power_w)
    assert room.kept.alarms == [(0, True), (0, False)]


async def test_an_alarm_of_now_is_raised_at_once_and_not_again_in_its_turn() -> None:
    room = Room()
    await room.say(10, 60.0, is_early=True)
    assert room.kept.alarms == [(0, True)]
    await room.say(11, 30.0, is_early=True)
    for minute, power_w in ((1, 20.0), (10, 60.0), (11, 30.0)):
        await room.say(minute, power_w)
    assert room.kept.alarms == [(0, True), (0, False)]


async def test_an_alarm_of_a_twin_that_nothing_newer_is_known_of_stands() -> None:
    room = Room()
    await room.say(10, 30.0, is_early=True)
    await room.say(1, 60.0, row=1)
    assert room.kept.alarms == [(1, True)]


async def test_an_alarm_that_needs_to_stand_for_a_while_is_not_made_of_a_backlog() -> None:
    room = Room(msgspec.structs.replace(HOT, on_delay_s=30))
    await room.say(10, 30.0, is_early=True)
    for minute, power_w in ((1, 60.0), (2, 20.0), (10, 30.0)):
        await room.say(minute, power_w)
    assert room.kept.alarms == []


@pytest.mark.parametrize("after_us", [LINE_KEPT_US // 2, LINE_KEPT_US + 1])
async def test_a_minute_after_the_last_one_that_went_past_late_readings_only_fill_the_history(after_us: int) -> None:
    room = Room()
    await room.say(10, 30.0, is_early=True)
    room.clock.advance(after_us / 1e6)
    await room.projector.tick()
    await room.say(1, 60.0)
    assert bool(room.kept.alarms) == (after_us < LINE_KEPT_US)
