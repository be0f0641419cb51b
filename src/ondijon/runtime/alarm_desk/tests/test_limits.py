"""The desk keeps to its instants to the microsecond, to its own kinds, and to what stood before a restart."""

from typing import Any

import msgspec
import numpy as np
import pytest

from ondijon.kernel.alarms import AlarmSpec, AlarmView, Priority, RaisedBy
from ondijon.kernel.arrays import Bools, Ints32
from ondijon.runtime.alarm_desk import AlarmDesk, Silence
from ondijon.runtime.alarm_desk.tests.test_desk import HOT, SECOND, Bench, told
from ondijon.testing.builders import LAMPS, batch, lamp, small_city

NONE = np.array([], np.int32)


def raised_by(event: str = "field.refused", **more: Any) -> Bench:
    return Bench(predicate=None, raised_by=RaisedBy(event, "L-00"), **more)


def test_delays_are_over_at_their_very_microsecond() -> None:
    bench = Bench(on_delay_s=3.0, off_delay_s=5.0)
    bench.report(r0=60.0)
    assert bench.wait(2.999999) == []
    assert told(bench.wait(0.000001)) == [(0, True)]
    bench.report(r0=10.0)
    assert bench.wait(4.999999) == []
    assert told(bench.wait(0.000001)) == [(0, False)]


def test_a_condition_of_time_alone_is_seen_by_the_clock_and_others_only_where_something_was_reported() -> None:
    asked: list[int] = []

    def late(view: AlarmView, rows: Ints32) -> Bools:
        asked.append(len(rows))
        return np.full(len(rows), view.now_us >= 1_060 * SECOND)

    by_clock = Bench(predicate=late, on_tick=True)
    assert by_clock.wait(59) == []
    assert told(by_clock.wait(1)) == [(row, True) for row in range(12)]
    assert asked == [12, 12]
    asked.clear()
    by_report = Bench(predicate=late)
    assert by_report.wait(100) == []
    assert asked == []
    assert told(by_report.report(r3=1.0)) == [(3, True)]


def test_types_without_alarms_and_batches_without_rows_raise_nothing() -> None:
    bench = Bench()
    assert bench.desk.judge("Cabinet", np.array([0], np.int32), bench.now_us) == []
    bench.report(r0=60.0)
    assert bench.desk.judge("Lamp", NONE, bench.now_us) == []


def test_a_restart_takes_up_exactly_what_stood_and_clears_nothing_unheard() -> None:
    bench = Bench()
    bench.desk.restore([("lamps.gone", lamp(0, 1)), ("lamps.hot", "urn:none"), ("lamps.hot", lamp(0, 0))])
    assert bench.wait(1_000) == []
    assert told(bench.report(r1=60.0, r0=60.0)) == [(1, True)]
    bench.now_s += 1
    assert told(bench.report(r0=10.0, r2=10.0)) == [(0, False)]


def test_a_delay_that_ran_when_the_process_ended_begins_anew() -> None:
    bench = Bench(on_delay_s=60.0)
    bench.report(r0=60.0)
    bench.desk = AlarmDesk(bench.city)
    bench.desk.look_again(bench.now_us)
    assert bench.wait(59) == []
    assert told(bench.wait(1)) == [(0, True)]


def test_what_an_event_raised_before_a_restart_clears_itself_as_its_quiet_is_over() -> None:
    bench = raised_by(off_delay_s=60.0)
    bench.desk.restore([("lamps.hot", lamp(0, 0))])
    assert told(bench.wait(0)) == [(0, False)]


def test_an_event_raises_its_own_kinds_once_and_prolongs_them_after_that() -> None:
    bench = raised_by(off_delay_s=60.0)
    assert bench.desk.raise_by_event("field.other", {}, bench.now_us) == []
    (up,) = bench.desk.raise_by_event("field.refused", {"topic": "x"}, bench.now_us)
    assert (up.row, up.raised, up.at_us, up.evidence, up.chatters) == (0, True, bench.now_us, {"topic": "x"}, False)
    bench.now_s += 59
    assert bench.desk.raise_by_event("field.refused", {}, bench.now_us) == []
    assert bench.wait(59.999999) == []
    assert told(bench.wait(0.000001)) == [(0, False)]
    assert Bench().desk.raise_by_event("field.refused", {}, 0) == []


def test_events_chatter_like_conditions() -> None:
    bench, chatters = raised_by(off_delay_s=1.0), []
    for _ in range(6):
        (up,) = bench.desk.raise_by_event("field.refused", {}, bench.now_us)
        chatters.append(up.chatters)
        assert told(bench.wait(1)) == [(0, False)]
    assert chatters == [False] * 4 + [True] * 2


def test_a_silence_of_a_kind_silences_that_kind() -> None:
    bench = Bench()
    number = int(bench.city.twins["Lamp"].twin_no[0])
    bench.desk.silence([Silence("lamps.other", []), Silence("lamps.hot", [number])], bench.now_us)
    assert told(bench.report(r0=60.0, r1=60.0)) == [(1, True)]


@pytest.mark.parametrize("raises", [0, 1, 2, 3, 4, 6])
def test_a_kind_chatters_at_its_own_number_of_raises_and_never_below_two(raises: int) -> None:
    bench, chatters = Bench(chatter_raises=raises), []
    for _ in range(9):
        (up,) = bench.report(r0=60.0)
        bench.now_s += 1
        assert told(bench.report(r0=10.0)) == [(0, False)]
        bench.now_s += 1
        chatters.append(up.chatters)
    quiet = raises - 1 if raises >= 2 else 9
    assert chatters == [False] * quiet + [True] * (9 - quiet)


@pytest.mark.parametrize(("beyond_us", "chattering"), [(0, True), (1, False)])
def test_the_window_of_chattering_counts_its_last_microsecond(beyond_us: int, chattering: bool) -> None:
    bench = Bench(chatter_raises=2, chatter_window_s=600.0)
    bench.desk.restore_raises([("lamps.hot", lamp(0, 0), bench.now_us - 600 * SECOND - beyond_us)])
    (up,) = bench.report(r0=60.0)
    assert up.chatters is chattering


def test_each_row_chatters_for_itself() -> None:
    bench = Bench(chatter_raises=2)
    bench.report(r0=60.0)
    bench.now_s += 1
    bench.report(r0=10.0)
    bench.now_s += 1
    assert [(up.row, up.chatters) for up in bench.report(r0=60.0, r1=60.0)] == [(0, True), (1, False)]


def test_health_is_the_most_urgent_of_several_and_none_for_a_type_without_it() -> None:
    def always(view: AlarmView, rows: Ints32) -> Bools:
        return np.ones(len(rows), np.bool_)

    def spec(key: str, priority: Priority) -> AlarmSpec:
        return msgspec.structs.replace(HOT, key=key, priority=priority, predicate=always)

    specs = (spec("lamps.a", Priority.LOW), spec("lamps.b", Priority.URGENT), spec("lamps.c", Priority.MEDIUM))
    city = small_city([msgspec.structs.replace(LAMPS, alarms=specs)])
    desk = AlarmDesk(city)
    desk.judge("Lamp", np.array([3], np.int32), SECOND)
    health = desk.health("Lamp", [3, 2, 3], 2 * SECOND)
    assert health is not None
    expected = batch(city, "Lamp", "health", {2: 0.0, 3: 1.0}, 2 * SECOND)
    assert (health.row.tolist(), health.value.tolist()) == ([2, 3], [0.0, 1.0])
    for name in ("property_index", "observed_us", "received_us", "quality"):
        assert getattr(health, name).tolist() == getattr(expected, name).tolist()
    assert desk.health("Cabinet", [0], SECOND) is None
