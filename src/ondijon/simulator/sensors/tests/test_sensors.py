"""Counters on the wire: one pack a minute in the words of docs/drivers/mqtt.md, and nothing while silent."""

import json
from datetime import UTC, datetime

import numpy as np

from ondijon.simulator.sensors import CounterSpec, SensorField

NOON_US = int(datetime(2026, 11, 21, 11, tzinfo=UTC).timestamp() * 1e6)
SPECS = tuple(CounterSpec(f"CNT-{number}", "x", 5.0, 47.3, 5_000.0, 500.0) for number in range(3))


def test_a_counter_reports_each_minute_what_passed_in_the_last_quarter() -> None:
    field = SensorField(SPECS, "Europe/Paris", 1)
    assert field.advance(NOON_US) and not field.advance(NOON_US + 30_000_000)
    assert field.advance(NOON_US + 60_000_000)
    reports = field.reports()
    assert [place for place, _ in reports] == [0, 1, 2]
    pack = json.loads(reports[1][1])
    assert pack[0]["bn"] == "CNT-1/" and pack[0]["bt"] == NOON_US / 1e6 + 60.0
    assert [record["n"] for record in pack] == ["vehicles", "pedestrians", "temperature"]
    assert 100.0 < pack[0]["v"] < 700.0


def test_a_silent_counter_sends_nothing() -> None:
    field = SensorField(SPECS, "Europe/Paris", 1)
    field.advance(NOON_US)
    field.counters._silent_min[1] = 5.0
    field.advance(NOON_US + 60_000_000)
    assert [place for place, _ in field.reports()] == [0, 2]


def test_a_long_pause_is_made_up_for_by_the_last_quarter_only() -> None:
    field = SensorField(SPECS, "Europe/Paris", 1)
    field.advance(NOON_US)
    assert field.advance(NOON_US + 7_200_000_000)
    assert np.all(field.counters.flow[0] > 0.0)
