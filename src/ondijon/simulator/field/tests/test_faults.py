"""What each fault does to the field, and that the truth is written down."""

import msgspec
import numpy as np
import pytest

from ondijon.kernel.errors import NotFound, Refused
from ondijon.simulator.field.faults import FAULT_CLASSES
from ondijon.simulator.field.plan import FieldOptions
from ondijon.simulator.field.tests.conftest import MakeField
from ondijon.simulator.field.tests.small_city import NOON, SmallField, small_plan
from ondijon.simulator.field.truth import FaultKind, TruthLine


def break_it(field: SmallField, kind: FaultKind, target: str, **wanted: float) -> None:
    for index in field.city.faults.get_indices(kind, target):
        field.city.faults.break_it(kind, index, field.now_s, "order", **wanted)


def test_a_lamp_that_is_out_takes_nothing_at_a_level_above_zero(field: SmallField) -> None:
    break_it(field, "lamp_out", "SL-0-0")
    field.run(1.0)
    lights = field.city.shared.lights
    assert (lights.level[0], lights.power_w[0]) == (1.0, 0.0)
    assert lights.powered[0]


def test_a_day_burner_takes_full_power_while_asked_for_nothing(make_field: MakeField) -> None:
    field = make_field(at=NOON)
    break_it(field, "day_burner", "SL-0-0")
    break_it(field, "day_burner", "SL-0-1")
    field.run(1.0)
    lights = field.city.shared.lights
    assert lights.level[:2].tolist() == [0.0, 0.0]
    assert (lights.power_w[:2] > 45.0).all()
    assert lights.powered[1], "it hangs on the permanent feeder by mistake, so it speaks by day"


def test_a_cycling_lamp_goes_out_and_comes_back(field: SmallField) -> None:
    break_it(field, "cycling", "SL-0-0", amount=60.0)
    powers = []
    for _ in range(70):
        field.run(1.0, tick_s=1.0)
        powers.append(float(field.city.shared.lights.power_w[0]))
    assert min(powers) == 0.0
    assert max(powers) > 45.0


def test_power_drifts_slowly_to_its_new_factor(field: SmallField) -> None:
    break_it(field, "power_drift", "SL-0-0", amount=1.4)
    lights = field.city.shared.lights
    field.run(60.0, tick_s=1.0)
    assert 1.0 < lights.drift[0] < 1.1
    field.run(3600.0, tick_s=10.0)
    assert lights.drift[0] == pytest.approx(1.4, abs=0.01)


@pytest.mark.parametrize(("kind", "dark"), [("phase_loss", [1, 4]), ("circuit_loss", [0, 1, 2])])
def test_a_lost_phase_or_circuit_darkens_its_lights_which_go_on_reporting(
    field: SmallField, kind: FaultKind, dark: list[int]
) -> None:
    break_it(field, kind, "CAB-0", amount=1.0)
    field.run(1.0)
    lights = field.city.shared.lights
    assert np.flatnonzero(lights.power_w == 0.0).tolist() == dark
    assert lights.powered.all() and (lights.level == 1.0).all()
    field.city.faults.heal(field.now_s)
    field.run(1.0)
    assert (lights.power_w > 45.0).all()


def test_a_stolen_cable_darkens_the_far_end_of_a_feeder(field: SmallField) -> None:
    break_it(field, "stolen_cable", "CAB-1")
    field.run(1.0)
    assert np.flatnonzero(~field.city.shared.lights.powered).tolist() == [9, 10, 11]


def test_a_cabinet_without_mains_says_so_with_its_last_breath_and_falls_silent(field: SmallField) -> None:
    field.greet_all()
    field.run(4.0)
    for uplink in field.uplinks:
        uplink.take("")
    break_it(field, "cabinet_loss", "CAB-0", amount=5.0)
    field.run(0.5)
    [gasp] = field.uplinks[0].take("telemetry")
    assert gasp.values["CAB-0/supply"] is False
    assert gasp.values["CAB-0/feeder_permanent"] is False
    assert gasp.values["CAB-0/power"] == 0.0
    assert not any(name.startswith("SL-") for name in gasp.values)
    cut_at_once = field.uplinks[0].is_cut
    field.run(5.0)
    assert (cut_at_once, field.uplinks[0].is_cut) == (False, True)
    field.run(120.0)
    assert field.uplinks[0].sent == []


def test_a_cabinet_that_has_its_mains_back_starts_anew(field: SmallField) -> None:
    field.greet_all()
    field.run(4.0)
    boots = int(field.city.shared.flash.boots[0])
    break_it(field, "cabinet_loss", "CAB-0", amount=1.0, heals_after_s=10.0)
    field.run(12.0)
    assert not field.uplinks[0].is_cut
    assert field.city.shared.flash.boots[0] == boots + 1
    assert field.truth.active == {}


def test_a_lost_gateway_lights_on_by_itself(field: SmallField) -> None:
    break_it(field, "gateway_loss", "CAB-0")
    field.run(1.0)
    assert field.uplinks[0].is_cut
    assert (field.city.shared.lights.level == 1.0).all()
    field.city.faults.heal(field.now_s, target="CAB-0")
    field.run(1.0)
    assert not field.uplinks[0].is_cut


def test_a_skewed_clock_shows_in_times_and_in_the_programme(make_field: MakeField) -> None:
    field = make_field(at=NOON)
    field.greet_all()
    break_it(field, "clock_skew", "CAB-0", amount=8 * 3600.0)
    field.run(6.0)
    telemetry = field.uplinks[0].take("telemetry")
    assert telemetry[0].records[0].time_s == pytest.approx(field.now_s + 8 * 3600.0, abs=10.0)
    assert (field.city.shared.lights.level[:6] > 0.9).all(), "its clock says evening"
    assert (field.city.shared.lights.level[6:] == 0.0).all()


def test_duplicates_are_the_same_pack_again(field: SmallField) -> None:
    break_it(field, "duplicates", "CAB-0", amount=1.0)
    field.city.gateways[0].report(full=True)
    first, second = field.uplinks[0].take("telemetry")
    assert first.payload == second.payload


def test_late_packs_keep_the_time_at_which_they_were_made(field: SmallField) -> None:
    break_it(field, "late", "CAB-0", amount=120.0)
    for _ in range(40):
        field.city.gateways[0].report(full=False)
    made_s, at_once = field.now_s, len(field.uplinks[0].take("telemetry"))
    assert at_once < 40
    field.run(121.0, tick_s=1.0)
    late = field.uplinks[0].take("telemetry")
    assert at_once + len(late) == 40
    assert late[0].records[0].time_s == pytest.approx(made_s, abs=0.01)


def test_malformed_packs_come_besides_the_good_ones(field: SmallField) -> None:
    break_it(field, "malformed", "*", amount=1.0)
    for _ in range(14):
        field.city.gateways[0].report(full=False)
    sent = [sent.payload for sent in field.uplinks[0].take("telemetry")]
    assert len(sent) == 28
    assert len(set(sent[1::2])) == 14
    assert b'{"not": "a list"}' in sent


def test_a_storm_strikes_neighbours_within_its_time(make_field: MakeField) -> None:
    field = make_field(plan=small_plan(gateways=10, lights=10))
    faults = field.city.faults
    faults.storm("lamp_out", faults.lights_around(25, 4), field.now_s, 10.0)
    field.run(5.0)
    assert 3 < int(field.city.shared.lights.lamp_out.sum()) < 22
    field.run(5.5)
    out = np.flatnonzero(field.city.shared.lights.lamp_out)
    assert len(out) == 25
    assert set((out // 10).tolist()) == {3, 4, 5}, "the cabinet and its neighbours"


def test_healing_repairs_and_is_written_down(field: SmallField) -> None:
    break_it(field, "lamp_out", "SL-0-0")
    break_it(field, "power_drift", "SL-0-0")
    assert field.city.faults.heal(field.now_s, target="SL-0-0") == 2
    field.run(1.0)
    assert field.city.shared.lights.power_w[0] > 45.0


def test_the_truth_file_tells_what_broke_and_healed(field: SmallField) -> None:
    break_it(field, "lamp_out", "SL-0-0", heals_after_s=5.0)
    field.run(6.0)
    [path] = field.city.shared.flash.folder.parent.glob("*.jsonl")
    lines = [msgspec.json.decode(line, type=TruthLine) for line in path.read_bytes().splitlines()]
    assert [(line.event, line.fault.kind, line.fault.target) for line in lines] == [
        ("broken", "lamp_out", "SL-0-0"),
        ("healed", "lamp_out", "SL-0-0"),
    ]
    assert lines[1].at_s - lines[0].at_s == pytest.approx(5.0, abs=0.5)


def test_a_restart_repairs_nothing(make_field: MakeField) -> None:
    before = make_field()
    break_it(before, "lamp_out", "SL-1-3")
    break_it(before, "phase_loss", "CAB-0", amount=2.0)
    before.truth.flush()
    after = make_field()
    assert np.flatnonzero(after.city.shared.lights.lamp_out).tolist() == [9]
    assert after.city.shared.gateways.lost_phase.tolist() == [2, -1]


def test_a_real_city_has_something_waiting_for_repair(make_field: MakeField) -> None:
    field = make_field(options=FieldOptions(standing_share=0.5, background_rate=0.0))
    assert len(field.truth.active) == 6


def test_faults_come_by_themselves_at_their_rate(make_field: MakeField) -> None:
    field = make_field(options=FieldOptions(standing_share=0.0, background_rate=20000.0))
    field.run(600.0, tick_s=5.0)
    assert len(field.truth.active) > 5


@pytest.mark.parametrize("kind", FAULT_CLASSES)
def test_every_kind_can_be_undone(field: SmallField, kind: FaultKind) -> None:
    field.run(30.0, tick_s=1.0)
    power = field.city.shared.lights.power_w.copy()
    break_it(field, kind, "SL-0-0" if FAULT_CLASSES[kind].of_light else "CAB-0")
    field.run(20.0, tick_s=1.0)
    field.city.faults.heal(field.now_s, kind=kind)
    field.run(20.0, tick_s=1.0)
    assert field.city.shared.lights.power_w == pytest.approx(power)
    assert not any(uplink.is_cut for uplink in field.uplinks)
    assert field.truth.active == {}


def test_unknown_targets_are_refused(field: SmallField) -> None:
    with pytest.raises(NotFound):
        field.city.faults.get_indices("lamp_out", "CAB-0")
    with pytest.raises(Refused):
        field.city.faults.get_indices("lamp_out", "*")
