"""A line cut for a night, or for longer than a year, changes no light."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from ondijon.simulator.field.columns import Floats
from ondijon.simulator.field.programme import nights_of, read_programme
from ondijon.simulator.field.tests.small_city import PROGRAMME, SmallField, plan_of

AFTERNOON = datetime(2026, 10, 24, 15, 0, tzinfo=UTC)  # 17:00 local time, before the night of 25 hours
HOURS_UNTIL_SEVEN = 15
TICK_S = 60.0
GROUPED = {
    **PROGRAMME,
    "profiles": [plan_of(), plan_of(("12:00", 0.9), ("00:30", 0.0), ("05:00", 0.9))],
    "calendars": ["0" * 400, "10" * 200],
    "groups": [{"calendar": 0}, {"calendar": 1, "devices": ["SL-0-2", "SL-0-3"]}],
}


def live_through(folder: Path, *, cut: bool) -> tuple[Floats, SmallField]:
    """The level of every light, minute by minute, from 17:00 to 07:00."""
    folder.mkdir()
    field = SmallField(folder, at=AFTERNOON)
    stored = {"version": 5, "content": GROUPED}
    field.store(0, stored)
    field.greet_all()
    if cut:
        field.city.shared.gateways.reachable[:] = False
    levels = []
    for _ in range(round(HOURS_UNTIL_SEVEN * 3600 / TICK_S)):
        field.run(TICK_S, TICK_S)
        levels.append(field.city.shared.lights.level.copy())
    field.close()
    return np.array(levels), field


def test_a_bus_cut_from_17_00_to_07_00_changes_no_light(tmp_path: Path) -> None:
    heard, _ = live_through(tmp_path / "heard", cut=False)
    alone, field = live_through(tmp_path / "alone", cut=True)
    assert all(uplink.is_cut for uplink in field.uplinks)
    assert np.array_equal(heard, alone)
    assert {0.0, 0.35, 0.6, 1.0} <= {round(level, 2) for level in heard[:, 0].tolist()}
    assert {0.0, 0.9} <= {round(level, 2) for level in heard[:, 2].tolist()}


def test_a_gateway_that_hears_nothing_for_three_years_lights_every_night() -> None:
    programme = read_programme(GROUPED)
    day_s = 86_400.0
    for day in range(3 * 365):
        now_s = datetime(2026, 6, 1, 12, 0, tzinfo=UTC).timestamp() + day * day_s
        for night in nights_of(programme, now_s):
            assert len(night.instants_s) >= 2
            assert night.at(night.instants_s[0])[1]
