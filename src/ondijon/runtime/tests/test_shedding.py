"""What is left out when the post does not keep up: never what is newest, never a state, never an alarm's course."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ondijon.kernel.arrays import Bools
from ondijon.kernel.city import City
from ondijon.kernel.field import Intake
from ondijon.kernel.health import Backlog
from ondijon.kernel.readings import Quality, ReadingBatch
from ondijon.runtime.alarm_desk import AlarmDesk
from ondijon.runtime.effects import Effects
from ondijon.runtime.projector import Projector
from ondijon.runtime.shedding import (
    LEAST_GAIN,
    SECOND_US,
    SHED_FROM_MESSAGES,
    SHED_FROM_S,
    Pressure,
    choose_shed,
    evolve_pressure,
    find_overtaken,
)
from ondijon.runtime.tracker import Tracker
from ondijon.testing.builders import small_city
from ondijon.testing.fakes import StillClock

NOW_US = 1_000_000_000_000
ROWS, PROPERTIES = 5, 3
READING = st.tuples(st.integers(0, ROWS - 1), st.integers(0, PROPERTIES - 1), st.integers(0, 120))
FLAGS = st.lists(st.booleans(), min_size=ROWS, max_size=ROWS).map(lambda flags: np.array(flags, np.bool_))


def batch_of(readings: list[tuple[int, int, int]], twin_type: str = "Lamp", now_us: int = NOW_US) -> ReadingBatch:
    """Readings as (row, property, seconds old)."""
    columns = [np.array([one[place] for one in readings]) for place in range(3)] if readings else [np.zeros(0)] * 3
    observed = now_us - columns[2].astype(np.int64) * SECOND_US
    value = np.arange(float(len(readings)))
    good = np.full(len(readings), Quality.GOOD, np.uint8)
    return ReadingBatch(
        twin_type, columns[0].astype(np.int32), columns[1].astype(np.int16), value, observed, observed, good
    )


@given(st.lists(READING, max_size=60), FLAGS)
def test_whatever_is_shed_has_a_newer_reading_that_stays(readings: list[tuple[int, int, int]], may: Bools) -> None:
    batch = batch_of(readings)
    is_measure = np.array([True, True, False])
    shed = choose_shed(batch, is_measure, may, NOW_US)
    kept = batch.part(~shed)
    assert len(kept) + np.count_nonzero(shed) == len(batch)
    newest: dict[tuple[int, int], int] = {}
    for row, place, observed in zip(kept.row, kept.property_index, kept.observed_us, strict=True):
        newest[row, place] = max(observed, newest.get((row, place), 0))
    for at in np.flatnonzero(shed):
        key = (batch.row[at], batch.property_index[at])
        assert newest[key] >= batch.observed_us[at]
        assert may[key[0]] and is_measure[key[1]]
        assert batch.observed_us[at] < NOW_US - 30 * SECOND_US


@given(st.lists(READING, max_size=60))
def test_one_reading_of_each_value_is_never_overtaken(readings: list[tuple[int, int, int]]) -> None:
    batch = batch_of(readings)
    stays = ~find_overtaken(batch)
    pairs = list(zip(batch.row[stays].tolist(), batch.property_index[stays].tolist(), strict=True))
    assert sorted(pairs) == sorted({(row, place) for row, place, _ in readings})


STEP = st.tuples(st.integers(1, 20), st.one_of(st.none(), st.floats(0, 1_000)), st.integers(0, 5_000))


@given(st.lists(STEP, max_size=80))
def test_shedding_begins_only_after_half_a_minute_without_gain(steps: list[tuple[int, float | None, int]]) -> None:
    state, now_us = Pressure(), NOW_US
    for step, behind_s, messages in steps:
        now_us += step * SECOND_US
        before, state = state, evolve_pressure(state, now_us, behind_s, messages)
        if behind_s is None or behind_s < 5:
            assert not state.is_shedding
        elif state.is_shedding and not before.is_shedding:
            assert step <= 5
            assert behind_s >= SHED_FROM_S
            assert messages >= SHED_FROM_MESSAGES
            watched_s = (now_us - before.watched_from_us) / SECOND_US
            assert watched_s >= 30
            assert before.behind_then_s - behind_s < LEAST_GAIN * watched_s


def drain(behind_s: float, gain: float, seconds: int) -> Pressure:
    """Committing each second while the backlog shrinks by `gain` seconds a second."""
    state = Pressure()
    for second in range(seconds):
        state = evolve_pressure(state, NOW_US + second * SECOND_US, behind_s - gain * second, 50_000)
    return state


def test_a_backlog_after_an_outage_is_taken_in_whole_while_it_drains() -> None:
    assert not drain(600, 5.0, 115).is_shedding
    assert drain(60, 0.0, 35).is_shedding
    assert drain(60, -0.5, 35).is_shedding


def test_a_database_that_stood_still_is_no_measure_of_our_speed() -> None:
    state = evolve_pressure(Pressure(), NOW_US, 31.0, 50_000)
    state = evolve_pressure(state, NOW_US + 60 * SECOND_US, 91.0, 50_000)
    assert not state.is_shedding


class Writer:
    """Keeps what would be written."""

    def __init__(self) -> None:
        self.written: list[Effects] = []

    async def write(self, effects: Effects) -> None:
        self.written.append(effects)


def make_projector(clock: StillClock, city: City) -> tuple[Projector, Writer]:
    writer = Writer()
    projector = Projector(city, clock, AlarmDesk(city), Tracker(city), writer)  # type: ignore[arg-type]
    return projector, writer


async def overload(projector: Projector, clock: StillClock) -> None:
    """A minute of commits, 60 s behind all the time."""
    for _ in range(60):
        clock.advance(1)
        projector.hear_backlog(Backlog(40_000, 8_000, 0, 60.0))
        await projector.commit(Intake([], (), (), (), None, 0, 0))


async def test_state_is_the_same_with_and_without_shedding_and_every_row_is_written_or_counted() -> None:
    clock = StillClock()
    one, other = small_city(), small_city()
    (calm, all_written), (late, some_written) = make_projector(clock, one), make_projector(clock, other)
    await overload(late, clock)
    assert late.is_shedding and not calm.is_shedding
    readings = [(row, place, age) for row in range(4) for place in range(3) for age in (90, 70, 50, 10)]
    for projector in (calm, late):
        batch = batch_of(readings, now_us=clock.now_us())
        await projector.commit(Intake([batch], (), (), (), None, 1, 0))
    columns = [city.columns["Lamp"] for city in (one, other)]
    np.testing.assert_array_equal(columns[0].value, columns[1].value)
    np.testing.assert_array_equal(columns[0].observed_us, columns[1].observed_us)
    counts = [
        sum(len(one) for one in effects.batches) for effects in (all_written.written[-1], some_written.written[-1])
    ]
    # Level and mode say how a lamp stands: of its three values only the power is a measure.
    assert counts == [48, 48 - 4 * 3]
    assert late.shed == some_written.written[-1].shed == {"Lamp": 12}
    assert late.readings == calm.readings == 48


async def test_without_word_of_the_backlog_nothing_is_shed() -> None:
    clock = StillClock()
    projector, _ = make_projector(clock, small_city())
    await overload(projector, clock)
    clock.advance(11)
    await projector.commit(Intake([], (), (), (), None, 0, 0))
    assert not projector.is_shedding
