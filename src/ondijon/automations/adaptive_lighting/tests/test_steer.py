"""Adaptive light by its laws: floor, ramp, hold-on, neighbours, what is stale, and every decision decided again."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ondijon.automations.adaptive_lighting.decide import CAUSES, RAMP_PCT
from ondijon.automations.adaptive_lighting.plan import find_neighbours, lay_out
from ondijon.automations.adaptive_lighting.steer import AdaptiveSteerer, Memory, decide_again
from ondijon.kernel.arrays import Floats
from ondijon.kernel.steering import Seen, Steered, Zone

START_US = int(datetime(2026, 11, 21, 20, tzinfo=UTC).timestamp() * 1e6)
MINUTE_US = 60_000_000


def zone(street: str, street_class: str = "tertiary", designed: str = "M4", floor_pct: float = 40.0) -> Zone:
    return Zone(f"21231/{street}/{designed}", "21231", street, street_class, designed, designed, floor_pct)


def pairs(*found: tuple[int, int]) -> Any:
    both = np.array([*found, *((b, a) for a, b in found)], np.int32).reshape(-1, 2)
    return both[:, 0], both[:, 1]


class Night:
    """Some zones with a counter each, minute by minute, after an empty hour of day unless it is to begin unknown.

    A temperature that lives unless told otherwise.
    """

    def __init__(self, zones: list[Zone], beside: Any = None, hour_known: bool = True) -> None:
        numbers = np.arange(len(zones), dtype=np.int32)
        nobody = pairs() if beside is None else beside
        self.steerer = AdaptiveSteerer(lay_out(tuple(zones), (numbers, numbers), nobody, len(zones)))
        self.memory: Memory = self.steerer.begin()
        self.now_us = START_US
        self.observed_us = np.zeros(len(zones), np.int64)
        self.count = len(zones)
        for _ in range(11 if hour_known else 0):
            self.now_us += 4 * MINUTE_US
            self.minute([0.0] * self.count, lit=False)

    def minute(
        self,
        vehicles: list[float],
        *,
        current_pct: float = 100.0,
        urgent: bool = False,
        lit: bool = True,
        silent: bool = False,
        temperature_c: float | None = None,
    ) -> Steered:
        self.now_us += MINUTE_US
        if not silent:
            self.observed_us = np.full(self.count, self.now_us - 5_000_000)
        warmth = self.now_us / MINUTE_US % 977 if temperature_c is None else temperature_c
        seen = Seen(
            self.now_us,
            {
                "vehicles_per_h": np.array(vehicles, np.float64),
                "pedestrians_per_h": np.zeros(self.count),
                "temperature_c": np.full(self.count, warmth),
            },
            self.observed_us.copy(),
            np.full(self.count, lit),
            np.full(self.count, urgent),
            np.full(self.count, current_pct),
        )
        steered = self.steerer.steer(seen, self.memory)
        self.memory = steered.memory
        return steered

    def level(self, vehicles: list[float], minutes: int = 1, **how: Any) -> float:
        for _ in range(minutes - 1):
            self.minute(vehicles, **how)
        return float(self.minute(vehicles, **how).level_pct[0])


def test_a_quiet_street_dims_in_small_steps_to_its_lower_class() -> None:
    night = Night([zone("Rue Verte")])
    levels = [night.level([3.0]) for _ in range(9)]
    assert levels == [90.0, 80.0, 70.0, 60.0, 50.0, 40.0, 40.0, 40.0, 40.0]


def test_traffic_brings_the_designed_class_back_at_once() -> None:
    night = Night([zone("Rue Verte")])
    night.level([3.0], 20)
    assert night.level([700.0]) == 100.0


def test_the_light_comes_before_traffic_reaches_the_limit() -> None:
    night = Night([zone("Rue Verte")])
    night.level([3.0], 20)
    assert night.level([0.81 * 0.15 * 1_500]) == pytest.approx(67.0)


def test_what_was_busy_stays_bright_for_a_quarter_of_an_hour() -> None:
    night = Night([zone("Rue Verte")])
    night.level([3.0], 20)
    night.level([700.0])
    after = [night.level([0.0]) for _ in range(75)]
    held = after.index(min(level for level in after if level < 100.0 or level == 100.0))
    assert all(level == 100.0 for level in after[:14])
    assert held > 14 and after[-1] == 40.0


def test_a_counter_without_news_gives_the_street_back_to_its_programme() -> None:
    night = Night([zone("Rue Verte")])
    night.level([3.0], 20)
    assert not np.isnan(night.level([3.0], 2, silent=True))
    steered = night.minute([3.0], silent=True)
    assert np.isnan(steered.level_pct[0]) and CAUSES[int(steered.why[0])] == "stale"


def test_a_counter_that_repeats_itself_to_the_last_digit_is_not_believed() -> None:
    night = Night([zone("Rue Verte")])
    night.level([3.0], 20)
    levels = [night.level([3.0], temperature_c=9.5) for _ in range(8)]
    assert not np.isnan(levels[0]) and np.isnan(levels[-1])


def test_a_flow_that_stays_the_same_for_hours_is_not_believed() -> None:
    night = Night([zone("Rue Verte")])
    assert not np.isnan(night.level([60.0], 118))
    assert np.isnan(night.level([60.0], 4))


def cause(steered: Steered) -> str:
    return CAUSES[int(steered.why[0])]


def test_an_hour_that_was_not_counted_whole_dims_nothing() -> None:
    night = Night([zone("Rue Verte")], hour_known=False)
    for _ in range(45):
        steered = night.minute([3.0])
        assert np.isnan(steered.level_pct[0]) and cause(steered) == "part_hour"
    assert night.level([3.0]) == 90.0


def test_traffic_in_an_hour_that_was_not_counted_whole_gets_the_designed_class() -> None:
    night = Night([zone("Rue Verte")], hour_known=False)
    night.level([3.0], 3)
    steered = night.minute([300.0])
    assert steered.level_pct[0] == 100.0 and cause(steered) == "doubt"


def test_a_counter_lost_in_traffic_leaves_its_street_the_designed_class_for_an_hour() -> None:
    night = Night([zone("Rue Verte")])
    assert night.level([300.0], 20) == 67.0
    lost = [night.minute([300.0], silent=True) for _ in range(64)]
    levels = [float(steered.level_pct[0]) for steered in lost]
    assert levels[:2] == [67.0, 67.0] and all(level == 100.0 for level in levels[2:59])
    assert cause(lost[10]) == "doubt" and cause(lost[-1]) == "stale" and np.isnan(levels[-1])


def test_a_short_silence_is_bridged_and_a_long_one_ends_the_hour() -> None:
    night = Night([zone("Rue Verte")])
    night.level([3.0], 20)
    night.level([3.0], 6, silent=True)
    assert not np.isnan(night.level([3.0]))
    night.level([3.0], 10, silent=True)
    after = [night.level([3.0]) for _ in range(46)]
    assert all(np.isnan(level) for level in after[:45]) and not np.isnan(after[45])


def test_what_a_counter_said_while_it_was_not_believed_is_no_history() -> None:
    night = Night([zone("Rue Verte")])
    night.level([20.0], 20)
    night.level([20.0], 90, temperature_c=9.5)
    night.level([160.0], 15)
    assert np.isnan(night.level([160.0])), "three of four quarters were frozen"


def test_no_traffic_for_hours_is_believed() -> None:
    night = Night([zone("Rue Verte")])
    assert night.level([0.0], 300) == 40.0


def test_an_incident_nearby_raises_to_all_light_even_without_counters() -> None:
    night = Night([zone("Rue Verte")])
    night.level([3.0], 20)
    assert night.level([3.0], urgent=True) == 100.0
    assert night.level([3.0], 5, silent=True, urgent=True) == 100.0


def test_nothing_is_steered_by_day() -> None:
    night = Night([zone("Rue Verte")])
    assert np.isnan(night.level([3.0], 3, lit=False))


def test_neighbours_differ_by_one_class_at_most() -> None:
    night = Night([zone("Rue Verte"), zone("Rue Bleue"), zone("Rue Rose")], pairs((0, 1), (1, 2)))
    for _ in range(20):
        night.minute([700.0, 0.0, 0.0])
    assert night.minute([700.0, 0.0, 0.0]).level_pct.tolist() == [100.0, 67.0, 40.0]


def test_a_street_designed_for_quiet_hours_is_not_dimmed() -> None:
    night = Night([zone("Rue Verte", "primary", "M4")])
    assert night.level([0.0], 30) == 100.0


def test_lights_of_two_zones_close_together_are_neighbours_both_ways_round() -> None:
    places = np.array([[0.0, 0.0], [30.0, 0.0], [60.0, 0.0], [500.0, 0.0]])
    a, b = find_neighbours(places, np.array([0, 0, 1, 2], np.int32))
    assert list(zip(a.tolist(), b.tolist(), strict=True)) == [(0, 1), (1, 0)]


CLASSES = (("primary", "M3"), ("secondary", "M4"), ("tertiary", "M4"), ("residential", "P3"), ("residential", "M6"))
zones = st.lists(
    st.builds(
        lambda number, kind, floor: zone(f"Rue {number}", kind[0], kind[1], floor),
        st.integers(0, 99),
        st.sampled_from(CLASSES),
        st.sampled_from((0.0, 40.0, 55.5, 100.0)),
    ),
    min_size=3,
    max_size=3,
)
beats = st.lists(
    st.tuples(
        st.lists(st.sampled_from((0.0, 20.0, 70.0, 180.0, 300.0, 900.0)), min_size=3, max_size=3),
        st.sampled_from(("well", "well", "well", "silent", "urgent", "day")),
    ),
    min_size=1,
    max_size=40,
)


def play(
    some: list[Zone], course: list[tuple[list[float], str]], hour_known: bool = True
) -> list[tuple[Night, Steered]]:
    night = Night(some, pairs((0, 1), (1, 2)), hour_known)
    return [
        (
            night,
            night.minute(
                flows, silent=how == "silent", urgent=how == "urgent", lit=how != "day", current_pct=float("nan")
            ),
        )
        for flows, how in course
    ]


def wanted(played: list[tuple[Night, Steered]]) -> Floats:
    return np.array([steered.level_pct for _, steered in played])


@settings(max_examples=60, deadline=None)
@given(zones, beats)
def test_never_below_the_floor_never_above_all_light_and_down_only_in_small_steps(
    some: list[Zone], course: list[tuple[list[float], str]]
) -> None:
    levels = wanted(play(some, course))
    floors = np.array([one.floor_pct for one in some])
    asked = ~np.isnan(levels)
    assert np.all((levels >= floors)[asked]) and np.all((levels <= 100.0)[asked])
    assert np.all((levels == np.round(levels))[asked])
    down = levels[:-1] - levels[1:]
    assert np.all(down[~np.isnan(down)] <= RAMP_PCT)


@settings(max_examples=60, deadline=None)
@given(zones, beats, st.booleans())
def test_every_stored_decision_is_decided_alike_again(
    some: list[Zone], course: list[tuple[list[float], str]], hour_known: bool
) -> None:
    for night, steered in play(some, course, hour_known):
        for number in range(len(some)):
            level, why = decide_again(night.steerer.known(steered, number))
            first = steered.level_pct[number]
            assert (level is None and np.isnan(first)) or level == first
            assert why == night.steerer.causes[int(steered.why[number])]


@settings(max_examples=60, deadline=None)
@given(zones, beats)
def test_the_same_sight_and_memory_give_the_same_answer(
    some: list[Zone], course: list[tuple[list[float], str]]
) -> None:
    assert np.array_equal(wanted(play(some, course)), wanted(play(some, course)), equal_nan=True)
