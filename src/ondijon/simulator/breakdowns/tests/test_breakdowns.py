"""Played breakdowns: what breaks shows, packs get lost, and alarms of the post's own path find most of it."""

import numpy as np

from ondijon.automations.root_cause import make_grouper
from ondijon.simulator.breakdowns import Script, Stage
from ondijon.simulator.breakdowns.script import HOUR_S, Strike
from ondijon.testing.breakdowns import Listener, field_plan_of
from ondijon.testing.fault_verdict import Judge, kinds_of
from ondijon.testing.generated import grid_city

STRIKES = (
    Strike("lamp_out", 3, 19.4 * HOUR_S, np.inf, 0.0),
    Strike("cycling", 40, 19.4 * HOUR_S, np.inf, 240.0),
    Strike("power_drift", 80, 19.4 * HOUR_S, np.inf, 1.4),
    Strike("phase_loss", 3, 19.5 * HOUR_S, np.inf, 1.0),
    Strike("stolen_cable", 4, 19.5 * HOUR_S, np.inf, 0.5),
    Strike("cabinet_loss", 5, 19.5 * HOUR_S, np.inf, 95.0),
)
EVENING = Script(17.5 * HOUR_S, 20.2 * HOUR_S, 18.0, 31.0, STRIKES, ())


def test_every_kind_of_fault_of_an_evening_is_found_and_nothing_else_is_told() -> None:
    city = grid_city(2, 3)
    stage = Stage(field_plan_of(city), 7)
    listener = Listener(city, stage)
    verdict = Judge(city, stage, listener, make_grouper(city, kinds_of(city)), mute=False).play(EVENING)
    listener.close()
    assert verdict.wrong == []
    assert verdict.f1 == 1.0


def test_a_fifth_of_the_reports_is_lost() -> None:
    stage = Stage(field_plan_of(grid_city(2, 3)), 7)
    said = sum(
        len(heard.cabinets.gateway) for heard in stage.play(Script(10 * HOUR_S, 20 * HOUR_S, 30.0, 31.0, (), ()))
    )
    assert 0.76 < said / (6 * 600) < 0.86


def test_levels_follow_the_night() -> None:
    script = Script(0.0, 0.0, 18.0, 31.0, (), ())
    levels = [script.level_at(hour * HOUR_S) for hour in (12.0, 18.5, 23.0, 26.0, 30.0, 31.5)]
    assert levels == [0.0, 1.0, 0.6, 0.35, 0.7, 0.0]
