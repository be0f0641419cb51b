"""A night is repeatable, holds every kind of outage, and loses what it says it loses."""

import numpy as np

from ondijon.simulator.outages import make_night, read_grid
from ondijon.simulator.outages.strikes import Strikes
from ondijon.testing.generated import grid_city

GRID = read_grid(grid_city())


def test_the_same_seed_gives_the_same_night_and_another_another() -> None:
    first, again, other = (make_night(GRID, seed).alarms for seed in (1, 1, 2))
    assert first.twin_no.tolist() == again.twin_no.tolist() and first.raised_s.tolist() == again.raised_s.tolist()
    assert first.twin_no.tolist() != other.twin_no.tolist()


def test_every_kind_strikes_and_every_alarm_has_its_root() -> None:
    night = make_night(GRID, 3)
    kinds = {strike.__name__ for strike in Strikes(GRID, np.random.default_rng(0)).kinds()}
    assert kinds | {"background"} == {root.scenario for root in night.roots}
    assert night.alarms.root.min() >= 0 and night.alarms.root.max() < len(night.roots)
    assert bool(np.all(np.diff(night.alarms.raised_s) >= 0))
    assert bool(np.all(night.alarms.cleared_s > night.alarms.raised_s))


def test_a_fifth_of_the_messages_and_half_of_a_phase_are_lost() -> None:
    strikes = Strikes(GRID, np.random.default_rng(4))
    for turn in range(200):
        strikes.breaker(turn * 10_000.0)
    assert 0.77 < len(strikes.signs) / (200 * 36) < 0.83
    strikes.signs.clear()
    for turn in range(400):
        strikes.phase(turn * 10_000.0)
    assert 0.37 < len(strikes.signs) / (400 * 12) < 0.43


def test_no_alarm_is_raised_twice_at_the_same_object_while_it_stands() -> None:
    alarms = make_night(GRID, 5).alarms
    order = np.lexsort((alarms.raised_s, alarms.twin_no, alarms.key))
    same = (np.diff(alarms.key[order]) == 0) & (np.diff(alarms.twin_no[order]) == 0)
    assert bool(np.all(alarms.raised_s[order][1:][same] >= alarms.cleared_s[order][:-1][same] - 1e-6))
