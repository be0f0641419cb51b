"""The desk raises what has stood long enough, clears what has gone far enough, and is silent where it must be."""

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.kernel.alarms import AlarmSpec, AlarmView, Priority, RaisedBy
from ondijon.kernel.arrays import Bools, Ints32
from ondijon.kernel.city import City
from ondijon.kernel.readings import evolve_batch
from ondijon.runtime.alarm_desk import AlarmChange, AlarmDesk, Silence
from ondijon.testing.builders import LAMPS, batch, lamp, small_city

SECOND = 1_000_000


def _hot(view: AlarmView, rows: Ints32) -> Bools:
    hot: Bools = view.columns["power_w"][rows] > 50.0
    return hot


def _cold(view: AlarmView, rows: Ints32) -> Bools:
    cold: Bools = view.columns["power_w"][rows] < 40.0
    return cold


def _manual(view: AlarmView, rows: Ints32) -> Bools:
    manual: Bools = view.columns["mode"][rows] == 1.0
    return manual


def _power(view: AlarmView, row: int) -> dict[str, Any]:
    return {"power_w": float(view.columns["power_w"][row])}


HOT = AlarmSpec("lamps.hot", "Lamp", Priority.HIGH, 600, _hot, _power)


class Bench:
    """A desk over the small city with one kind of alarm, and the instant in seconds."""

    def __init__(self, **more: Any) -> None:
        spec = msgspec.structs.replace(HOT, **more)
        self.city: City = small_city([msgspec.structs.replace(LAMPS, alarms=(spec,))])
        self.desk = AlarmDesk(self.city)
        self.now_s = 1_000.0

    @property
    def now_us(self) -> int:
        return round(self.now_s * SECOND)

    def report(self, key: str = "power_w", **values: float) -> list[AlarmChange]:
        """Values of the lamps r0 to r11."""
        by_row = {int(name[1:]): value for name, value in values.items()}
        evolve_batch(self.city.columns["Lamp"], batch(self.city, "Lamp", key, by_row, self.now_us))
        return self.desk.judge("Lamp", np.array(sorted(by_row), np.int32), self.now_us)

    def wait(self, seconds: float) -> list[AlarmChange]:
        self.now_s += seconds
        return self.desk.tick(self.now_us)


def told(changes: list[AlarmChange]) -> list[tuple[int, bool]]:
    return [(change.row, change.raised) for change in changes]


def test_a_condition_is_raised_after_its_delay_with_what_was_seen_then() -> None:
    bench = Bench(on_delay_s=3.0)
    assert bench.report(r0=60.0) == []
    assert bench.wait(2.9) == []
    (change,) = bench.wait(0.2)
    assert (change.row, change.raised, change.evidence) == (0, True, {"power_w": 60.0})
    assert bench.wait(100) == []


def test_a_condition_that_ends_within_its_delay_is_never_raised() -> None:
    bench = Bench(on_delay_s=3.0)
    bench.report(r0=60.0)
    bench.now_s += 2
    bench.report(r0=10.0)
    assert bench.wait(10) == []


def test_within_the_deadband_an_alarm_neither_comes_nor_goes() -> None:
    bench = Bench(clears=_cold)
    assert told(bench.report(r0=45.0)) == []
    bench.now_s += 1
    assert told(bench.report(r0=51.0)) == [(0, True)]
    for value in (45.0, 51.0, 41.0, 45.0):
        bench.now_s += 1
        assert told(bench.report(r0=value)) == []
    bench.now_s += 1
    assert told(bench.report(r0=39.0)) == [(0, False)]
    bench.now_s += 1
    assert told(bench.report(r0=45.0)) == []


def test_what_is_suppressed_by_design_raises_nothing_and_clears_what_stood() -> None:
    bench = Bench(suppressed=_manual)
    bench.report("mode", r0=1.0, r1=0.0)
    assert told(bench.report(r0=60.0, r1=60.0)) == [(1, True)]
    bench.now_s += 1
    assert told(bench.report("mode", r0=0.0, r1=1.0)) == [(0, True), (1, False)]


def test_a_silenced_twin_raises_nothing_until_its_silence_ends() -> None:
    bench = Bench()
    numbers = bench.city.twins["Lamp"].twin_no
    assert told(bench.report(r0=60.0, r1=60.0)) == [(0, True), (1, True)]
    bench.desk.silence([Silence(None, [int(numbers[0]), int(numbers[5])])], bench.now_us)
    assert told(bench.wait(1)) == [(0, False)]
    bench.now_s += 1
    assert told(bench.report(r0=70.0, r5=70.0)) == []
    bench.desk.silence([], bench.now_us)
    assert told(bench.wait(1)) == [(0, True), (5, True)]


def test_a_silence_of_one_kind_leaves_other_kinds_alone() -> None:
    bench = Bench()
    number = int(bench.city.twins["Lamp"].twin_no[0])
    bench.desk.silence([Silence("lamps.other", [number])], bench.now_us)
    assert told(bench.report(r0=60.0)) == [(0, True)]


def test_a_silenced_twin_is_not_raised_by_an_event_either() -> None:
    bench = Bench(predicate=None, raised_by=RaisedBy("field.refused", "L-00"), off_delay_s=60.0)
    number = int(bench.city.twins["Lamp"].twin_no[bench.city.twins["Lamp"].row_of[lamp(0, 0)]])
    bench.desk.silence([Silence(None, [number])], bench.now_us)
    assert bench.desk.raise_by_event("field.refused", {}, bench.now_us) == []
    bench.desk.silence([], bench.now_us)
    assert told(bench.desk.raise_by_event("field.refused", {}, bench.now_us)) == [(0, True)]
    assert told(bench.wait(61)) == [(0, False)]


def flap(bench: Bench, times: int, every_s: float) -> list[bool]:
    """Raise and clear; tells for each raise whether it was called chattering."""
    chatters = []
    for _ in range(times):
        (up,) = bench.report(r0=60.0)
        bench.now_s += every_s / 2
        bench.report(r0=10.0)
        bench.now_s += every_s / 2
        chatters.append(up.chatters)
    return chatters


def test_the_fifth_raise_within_ten_minutes_is_chattering() -> None:
    assert flap(Bench(), 7, 100.0) == [False] * 4 + [True] * 3


def test_raises_that_lie_further_apart_are_no_chattering() -> None:
    assert flap(Bench(), 8, 151.0) == [False] * 8


def test_a_restart_does_not_forget_what_chattered_before() -> None:
    bench = Bench()
    raises = [("lamps.hot", lamp(0, 0), round((bench.now_s - at) * SECOND)) for at in (400, 300, 200, 100)]
    bench.desk.restore_raises([*raises, ("lamps.gone", lamp(0, 0), 1), ("lamps.hot", "urn:none", 1)])
    assert flap(bench, 1, 10.0) == [True]


def test_a_restart_takes_up_what_stood() -> None:
    bench = Bench()
    bench.desk.restore([("lamps.hot", lamp(0, 0)), ("lamps.gone", lamp(0, 1)), ("lamps.hot", "urn:none")])
    assert bench.report(r0=60.0) == []
    bench.now_s += 1
    assert told(bench.report(r0=10.0)) == [(0, False)]


def test_health_is_the_most_urgent_open_priority() -> None:
    bench = Bench()
    bench.report(r0=60.0)
    health = bench.desk.health("Lamp", [0, 1], bench.now_us)
    assert health is not None and health.value.tolist() == [2.0, 0.0]


@pytest.mark.parametrize("deadband", [None, _cold])
@given(st.lists(st.tuples(st.sampled_from((10.0, 45.0, 60.0, float("nan"))), st.sampled_from((0.0, 1.0, 5.0)))))
def test_raises_and_clears_alternate_whatever_is_reported(deadband: Any, steps: list[tuple[float, float]]) -> None:
    bench = Bench(on_delay_s=2.0, off_delay_s=3.0, clears=deadband)
    seen: list[bool] = []
    for value, pause in steps:
        bench.now_s += 0.001
        seen += [change.raised for change in bench.report(r0=value)]
        seen += [change.raised for change in bench.wait(pause)]
    assert seen == [place % 2 == 0 for place in range(len(seen))]


MINUTE = {"on_delay_s": 60.0, "off_delay_s": 30.0, "together_from": 3}


def test_enough_that_rise_together_below_one_parent_need_not_wait() -> None:
    bench = Bench(**MINUTE)
    assert bench.report(r0=60.0, r1=60.0, r4=60.0) == []
    assert bench.wait(1) == []
    assert told(bench.report(r2=60.0)) == [(0, True), (1, True), (2, True)]
    assert told(bench.wait(59)) == [(4, True)]


def test_what_has_stood_for_its_delay_makes_no_company_for_what_rises_now() -> None:
    bench = Bench(**MINUTE)
    bench.report(r0=60.0, r1=60.0)
    assert told(bench.wait(60)) == [(0, True), (1, True)]
    assert bench.report(r2=60.0) == []
    assert told(bench.wait(60)) == [(2, True)]


def test_what_goes_waits_its_own_delay_whatever_rises_beside_it_or_elsewhere() -> None:
    bench = Bench(**MINUTE)
    bench.report(r3=60.0, r11=60.0)
    assert told(bench.wait(60)) == [(3, True), (11, True)]
    bench.report(r3=10.0, r11=10.0)
    assert told(bench.report(r0=60.0, r1=60.0, r2=60.0)) == [(0, True), (1, True), (2, True)]
    assert told(bench.wait(30)) == [(3, False), (11, False)]


def test_after_a_restart_only_what_was_ever_heard_is_judged() -> None:
    bench = Bench(suppressed=lambda view, rows: np.isnan(view.columns["power_w"][rows]), clears=_cold)
    bench.desk.restore([("lamps.hot", lamp(0, 0)), ("lamps.hot", lamp(0, 1))])
    evolve_batch(bench.city.columns["Lamp"], batch(bench.city, "Lamp", "power_w", {0: 10.0}, 1))
    bench.desk.look_again(bench.now_us)
    assert told(bench.wait(1)) == [(0, False)]


def test_a_twin_whose_condition_stands_or_whose_alarm_is_open_is_concerned() -> None:
    bench = Bench(on_delay_s=60.0, off_delay_s=60.0)
    bench.report(r0=60.0)
    bench.wait(60)
    bench.report(r0=10.0, r1=60.0)
    assert np.flatnonzero(bench.desk.concerned("Lamp")).tolist() == [0, 1]
