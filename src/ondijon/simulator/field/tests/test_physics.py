"""Level, power, counters and heat of the whole field."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondijon.simulator.field.physics import STANDBY_W, power_at
from ondijon.simulator.field.tests.conftest import MakeField
from ondijon.simulator.field.tests.small_city import NOON, SmallField
from ondijon.simulator.field.truth import FaultKind
from ondijon.simulator.field.weather import outside_temperature_c


def test_the_field_starts_as_if_it_had_always_run(field: SmallField) -> None:
    lights = field.city.shared.lights
    assert (lights.level == 1.0).all()
    assert lights.power_w == pytest.approx(50.0 * lights.wear + STANDBY_W)
    assert (lights.temperature_c > 20.0).all()


def test_a_full_ramp_takes_four_seconds(field: SmallField) -> None:
    lights = field.city.shared.lights
    lights.hold[0] = 0.0
    field.run(2.0)
    assert lights.level[0] == pytest.approx(0.5)
    field.run(2.0)
    assert lights.level[0] == 0.0
    assert lights.power_w[0] == pytest.approx(STANDBY_W)


def test_power_follows_the_level_with_fixed_losses() -> None:
    one = np.ones(3, np.float32)
    power = power_at(np.array([0.1, 0.5, 1.0], np.float32), one * 100, one)
    assert power[2] == pytest.approx(100 + STANDBY_W)
    assert 50 < power[1] < 55
    assert 14 < power[0] < 16


def test_by_day_permanent_lights_stand_by_and_switched_ones_are_dead(make_field: MakeField) -> None:
    field = make_field(at=NOON)
    lights = field.city.shared.lights
    assert (lights.level == 0.0).all()
    assert not lights.powered[lights.switched].any()
    assert (lights.power_w[lights.switched] == 0.0).all()
    assert lights.power_w[~lights.switched] == pytest.approx(STANDBY_W)


def test_the_meter_shows_its_lights_and_the_losses(field: SmallField) -> None:
    lights, cabinets = field.city.shared.lights, field.city.shared.gateways
    field.run(1.0)
    assert cabinets.power_w[0] > lights.power_w[:6].sum()
    assert cabinets.power_w[0] < lights.power_w[:6].sum() * 1.1


def test_counters_grow_by_power_and_time(field: SmallField) -> None:
    lights = field.city.shared.lights
    before_j, before_s = lights.energy_j.copy(), lights.burning_s.copy()
    field.run(60.0)
    assert lights.energy_j - before_j == pytest.approx(lights.power_w.astype(float) * 60.0, rel=1e-3)
    assert lights.burning_s - before_s == pytest.approx(60.0)


def test_drivers_cool_slowly(field: SmallField) -> None:
    lights = field.city.shared.lights
    warm_c = float(lights.temperature_c[0])
    lights.hold[0] = 0.0
    field.run(600.0, tick_s=5.0)
    cool_c = float(lights.temperature_c[0])
    outside_c = outside_temperature_c(field.now_s, 5.04)
    assert outside_c + 5.0 < cool_c < warm_c - 5.0


def test_summer_afternoons_are_warmer_than_winter_nights() -> None:
    summer = outside_temperature_c(datetime(2026, 7, 20, 14, tzinfo=UTC).timestamp(), 5.0)
    winter = outside_temperature_c(datetime(2026, 1, 20, 4, tzinfo=UTC).timestamp(), 5.0)
    assert 20.0 < summer < 32.0
    assert -8.0 < winter < 4.0


def test_at_dusk_lights_ramp_up_and_the_switched_feeder_closes(make_field: MakeField) -> None:
    field = make_field(at=datetime(2026, 10, 15, 16, 50, tzinfo=UTC))
    lights = field.city.shared.lights
    assert (lights.level == 0.0).all()
    field.run(900.0, tick_s=1.0)
    assert (lights.level == 1.0).all()
    assert lights.powered.all()


kinds: st.SearchStrategy[FaultKind] = st.sampled_from(
    ["lamp_out", "day_burner", "cycling", "power_drift", "phase_loss", "stolen_cable", "cabinet_loss"]
)
acts = st.lists(
    st.tuples(
        st.sampled_from(["dim", "release", "break", "heal", "pass", "night"]),
        st.integers(0, 11),
        st.floats(0.0, 1.0, width=32),
        kinds,
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_whatever_happens_counters_never_fall_and_levels_stay_in_range(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, float, FaultKind]]
) -> None:
    field = SmallField(Path(tmp_path_factory.mktemp("field")))
    lights, cabinets = field.city.shared.lights, field.city.shared.gateways
    for act, index, level, kind in steps:
        before = (lights.energy_j.copy(), lights.burning_s.copy(), cabinets.energy_j.copy())
        _do(field, act, index, level, kind)
        field.run(1.0)
        assert (lights.energy_j >= before[0]).all()
        assert (lights.burning_s >= before[1]).all()
        assert (cabinets.energy_j >= before[2]).all()
        assert ((lights.level >= 0.0) & (lights.level <= 1.0)).all()
        assert (lights.power_w >= 0.0).all()
        assert np.isfinite(lights.temperature_c).all()
    field.close()


def _do(field: SmallField, act: str, index: int, level: float, kind: FaultKind) -> None:
    match act:
        case "dim":
            field.city.shared.lights.hold[index] = level
        case "release":
            field.city.shared.lights.hold[index] = np.nan
        case "break":
            of_light = kind in ("lamp_out", "day_burner", "cycling", "power_drift")
            field.city.faults.break_it(kind, index if of_light else index % 2, field.now_s, "order")
        case "heal":
            field.city.faults.heal(field.now_s)
        case "night":
            field.clock.move(6 * 3600.0)
        case _:
            field.run(5.0, tick_s=1.0)
