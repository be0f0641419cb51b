"""A gateway's conversation with the post, without a broker."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import pytest

from ondijon.kernel.errors import Refused
from ondijon.simulator.field.flash import StoredProgramme
from ondijon.simulator.field.plan import FieldOptions, check_plan
from ondijon.simulator.field.tests.conftest import MakeField
from ondijon.simulator.field.tests.small_city import CALM, NOON, PROGRAMME, SmallField, plan_of, small_plan

PHASE_WORDS = ("power_l1", "power_l2", "power_l3")


def dim(field: SmallField, level: float, *devices: str, command_id: str = "c1", for_s: float = 60.0) -> None:
    pack = [{"n": f"{device}/level", "v": level} for device in devices]
    field.command(0, {"id": command_id, "exp": field.now_s + for_s, "pack": pack})


def acks(field: SmallField) -> list[dict[str, Any]]:
    return [{k: v for k, v in sent.plain.items() if k != "at"} for sent in field.uplinks[0].take("ack")]


def test_after_a_connection_come_birth_version_and_within_seconds_the_full_state(field: SmallField) -> None:
    field.city.greet(0, field.wall_s)
    birth, version = field.uplinks[0].sent
    assert birth.topic == "ondijon/1/up/CAB-0/status"
    assert birth.retain
    assert birth.plain == {"online": True, "boot": 1, "at": field.now_s}
    assert version.plain == {"version": 0, "at": field.now_s}
    field.uplinks[0].take("")
    field.run(4.0)
    [pack] = field.uplinks[0].take("telemetry")
    assert pack.values["seq"] == 1
    assert pack.records[0].time_s == pytest.approx(field.now_s, abs=4.0)
    assert {name.partition("/")[2] for name in pack.values if name.startswith("SL-0-0/")} == {
        "level", "control", "power", "energy", "burning", "temperature",
    }  # fmt: skip
    assert {name for name in pack.values if name.startswith("CAB-0/")} == {
        f"CAB-0/{word}"
        for word in ("supply", "feeder_permanent", "feeder_switched", "power", "energy", "asked", *PHASE_WORDS)
    }
    assert pack.values["SL-0-0/control"] == "programme"


def test_everything_is_reported_at_the_cadence_and_nothing_between(field: SmallField) -> None:
    field.greet_all()
    field.run(30.0)
    field.uplinks[0].take("")
    field.run(300.0)
    packs = field.uplinks[0].take("telemetry")
    assert len(packs) == 5
    assert np.diff([pack.records[0].time_s for pack in packs]) == pytest.approx(60.0, abs=0.6)
    assert np.diff([int(str(pack.values["seq"]).partition(".")[0]) for pack in packs]).tolist() == [1] * 4


def test_a_big_cabinet_is_split_into_packs(make_field: MakeField) -> None:
    field = make_field(plan=small_plan(gateways=1, lights=130))
    field.city.gateways[0].report(full=True)
    packs = field.uplinks[0].take("telemetry")
    assert [sum(name.endswith("/level") for name in pack.values) for pack in packs] == [60, 60, 10]


def test_dimming_shows_as_a_ramp_and_ends_exactly_at_the_level(field: SmallField) -> None:
    field.greet_all()
    field.run(30.0)
    field.uplinks[0].take("")
    dim(field, 0.2, "SL-0-0")
    assert acks(field) == [{"id": "c1", "status": "accepted"}]
    field.run(8.0)
    levels = [pack.values["SL-0-0/level"] for pack in field.uplinks[0].take("telemetry")]
    assert len(levels) >= 3
    assert levels == sorted(levels, key=lambda level: -float(str(level)))
    assert levels[-1] == 0.2


def test_the_end_of_a_ramp_is_told_however_close_the_last_report_was(field: SmallField) -> None:
    field.greet_all()
    field.run(4.0)
    lights, reported = field.city.shared.lights, field.city.shared.reported
    lights.hold[0] = 0.3
    field.run(8.0)
    reported.level[0] = np.float32(0.3001)  # said in the middle of a ramp, a hair above its end
    field.uplinks[0].take("")
    field.run(2.0)
    assert [pack.values["SL-0-0/level"] for pack in field.uplinks[0].take("telemetry")] == [0.3]


def test_a_held_light_says_manual_until_it_is_released(field: SmallField) -> None:
    field.greet_all()
    field.run(4.0)
    dim(field, 0.2, "SL-0-0")
    field.run(8.0)
    assert field.uplinks[0].take("telemetry")[-1].values["SL-0-0/control"] == "manual"
    field.command(0, {"id": "c2", "exp": field.now_s + 60, "pack": [{"n": "SL-0-0/control", "vs": "programme"}]})
    field.run(8.0)
    released = field.uplinks[0].take("telemetry")[-1].values
    assert (released["SL-0-0/control"], released["SL-0-0/level"]) == ("programme", 1.0)


def test_who_asks_for_what_is_so_already_hears_that_it_is(field: SmallField) -> None:
    field.greet_all()
    dim(field, 0.5, "SL-0-0")
    field.run(20.0)
    field.uplinks[0].take("")
    dim(field, 0.5, "SL-0-0", command_id="c2")
    field.run(4.0)
    [pack] = field.uplinks[0].take("telemetry")
    assert pack.values["SL-0-0/level"] == 0.5
    assert pack.values["SL-0-0/control"] == "manual"


def test_a_hold_survives_the_night_and_a_restart(make_field: MakeField) -> None:
    field = make_field()
    dim(field, 0.2, "SL-0-0")
    field.run(6.0)
    again = make_field(at=NOON)
    assert again.city.shared.lights.level[0] == pytest.approx(0.2)


def test_the_same_id_has_one_effect_and_the_same_answer(make_field: MakeField) -> None:
    field = make_field()
    dim(field, 0.2, "SL-0-0", "SL-9-9")
    first = acks(field)
    field.run(6.0)
    dim(field, 0.9, "SL-0-0", "SL-9-9")
    assert acks(field) == first
    field.run(6.0)
    assert field.city.shared.lights.level[0] == pytest.approx(0.2)
    again = make_field()
    dim(again, 0.9, "SL-0-0", "SL-9-9")
    again.run(6.0)
    assert again.city.shared.lights.level[0] == pytest.approx(0.2)


def test_an_expired_command_is_dropped_and_said_to_be(field: SmallField) -> None:
    dim(field, 0.2, "SL-0-0", for_s=-1.0)
    assert acks(field) == [{"id": "c1", "status": "expired"}]
    field.run(6.0)
    assert (field.city.shared.lights.level == 1.0).all()


def test_partly_refused_commands_name_who_took_them_and_who_did_not(field: SmallField) -> None:
    dim(field, 0.2, "SL-0-0", "SL-1-0")
    assert acks(field) == [
        {"id": "c1", "status": "accepted", "n": ["SL-0-0"]},
        {"id": "c1", "status": "refused", "reason": "unknown_device", "n": ["SL-1-0"]},
    ]


def test_a_pack_that_breaks_the_rules_is_refused_whole(field: SmallField) -> None:
    field.command(0, {"id": "c1", "exp": field.now_s + 9, "pack": [{"n": "a b", "v": 1}]})
    assert acks(field) == [{"id": "c1", "status": "refused", "reason": "malformed"}]


def test_what_nobody_can_read_is_counted_and_answered_by_nothing(field: SmallField) -> None:
    gateway = field.city.gateways[0]
    gateway.hear("ondijon/1/down/CAB-0/command", b"{")
    gateway.hear("ondijon/1/down/CAB-0/command/cbor", b"{")
    gateway.hear("ondijon/1/down/CAB-0/music", b"{}")
    assert field.city.shared.counts.unreadable == 3
    assert field.uplinks[0].sent == []


def test_a_silent_light_takes_its_command_when_it_wakes_before_the_expiry(make_field: MakeField) -> None:
    field = make_field(at=datetime(2026, 10, 15, 16, 48, tzinfo=UTC))
    lights = field.city.shared.lights
    assert not lights.powered[1]
    dim(field, 0.2, "SL-0-1", command_id="early", for_s=30.0)
    field.run(60.0)
    assert np.isnan(lights.hold[1])
    dim(field, 0.3, "SL-0-1", command_id="late", for_s=900.0)
    field.run(600.0)
    assert lights.level[1] == pytest.approx(0.3)


def test_a_programme_is_stored_followed_and_reported(make_field: MakeField) -> None:
    field = make_field()
    content = {**PROGRAMME, "profiles": [plan_of(("12:00", 1.0), ("20:00", 0.5))]}
    payload = msgspec.json.encode({"version": 13, "content": content})
    field.city.gateways[0].hear("ondijon/1/down/CAB-0/programme", payload)
    [stored] = field.uplinks[0].take("programme")
    assert stored.plain["version"] == 13
    field.run(6.0)
    assert field.city.shared.lights.level[0] == 0.5
    assert field.city.shared.lights.level[6] == 1.0
    field.city.gateways[0].hear("ondijon/1/down/CAB-0/programme", payload)
    assert field.uplinks[0].take("programme") == []
    again = make_field()
    assert [gateway.version for gateway in again.city.gateways] == [13, 0]


def test_groups_of_one_gateway_go_their_own_ways(make_field: MakeField) -> None:
    field = make_field()
    content = {
        **PROGRAMME,
        "profiles": [plan_of(("12:00", 0.8)), plan_of(("12:00", 0.0))],
        "calendars": ["0" * 400, "1" * 400],
        "groups": [{"calendar": 0}, {"calendar": 1, "devices": ["SL-0-2", "SL-0-3"]}],
    }
    field.city.gateways[0].hear(
        "ondijon/1/down/CAB-0/programme", msgspec.json.encode({"version": 2, "content": content})
    )
    field.run(8.0)
    levels = field.city.shared.lights.level
    assert levels[:6].round(2).tolist() == pytest.approx([0.8, 0.8, 0.0, 0.0, 0.8, 0.8])
    assert field.city.shared.lights.powered[:6].all()


def test_a_gateway_that_cannot_read_its_flash_does_as_the_factory_said(make_field: MakeField) -> None:
    field = make_field()
    field.city.shared.flash.store_programme("CAB-0", StoredProgramme(9, {"timezone": "Europe/Paris"}))
    again = make_field()
    assert again.city.gateways[0].version == 0
    assert again.city.shared.lights.level[0] == 1.0


def test_a_programme_that_cannot_be_followed_changes_nothing(field: SmallField) -> None:
    payload = msgspec.json.encode({"version": 13, "content": {"timezone": "Europe/Paris"}})
    field.city.gateways[0].hear("ondijon/1/down/CAB-0/programme", payload)
    [kept] = field.uplinks[0].take("programme")
    assert kept.plain["version"] == 0


def test_switched_lights_are_silent_by_day(make_field: MakeField) -> None:
    field = make_field(at=NOON)
    field.greet_all()
    field.run(70.0)
    packs = field.uplinks[0].take("telemetry")
    names = {name.partition("/")[0] for pack in packs for name in pack.values}
    assert names == {"seq", "CAB-0", "SL-0-0", "SL-0-2", "SL-0-4"}
    assert packs[0].values["CAB-0/feeder_switched"] is False


def test_the_switched_feeder_is_reported_as_soon_as_it_closes(make_field: MakeField) -> None:
    field = make_field(at=datetime(2026, 10, 15, 16, 48, tzinfo=UTC))
    field.greet_all()
    field.run(600.0)
    packs = field.uplinks[0].take("telemetry")
    closed = next(pack for pack in packs if pack.values["CAB-0/feeder_switched"])
    assert "SL-0-1/level" in closed.values
    assert closed.values["SL-0-1/control"] == "programme"


def test_gateways_may_speak_cbor(make_field: MakeField) -> None:
    field = make_field(options=msgspec.structs.replace(CALM, cbor_share=1.0))
    field.greet_all()
    field.run(4.0)
    [pack] = field.uplinks[0].take("telemetry/cbor")
    assert pack.values["SL-0-0/level"] == 1.0


def test_when_the_clock_is_set_back_reports_and_programmes_go_on(field: SmallField) -> None:
    field.greet_all()
    field.run(30.0)
    field.clock.move(-9 * 3600.0)
    field.uplinks[0].take("")
    field.run(130.0)
    assert field.city.shared.lights.level[0] == 0.0
    assert len(field.uplinks[0].take("telemetry")) >= 2


def test_an_accelerated_clock_does_not_flood_the_broker(field: SmallField) -> None:
    field.greet_all()
    field.run(4.0)
    field.uplinks[0].take("")
    for _ in range(80):
        field.clock.move(15.0)
        field.run(0.25)
    full = [pack for pack in field.uplinks[0].take("telemetry") if "SL-0-0/energy" in pack.values]
    assert len(full) == 4


def test_ids_that_do_not_fit_the_wire_are_refused() -> None:
    plan = small_plan()
    bad = [
        msgspec.structs.replace(plan, gateways=plan.gateways + plan.gateways[:1]),
        msgspec.structs.replace(plan, gateways=(msgspec.structs.replace(plan.gateways[0], gateway="a b"),)),
        msgspec.structs.replace(plan, gateways=plan.gateways[:1]),
        msgspec.structs.replace(plan, lights=plan.lights + plan.lights[:1]),
    ]
    check_plan(plan)
    for wrong in bad:
        with pytest.raises(Refused):
            check_plan(wrong)


def test_options_have_believable_defaults() -> None:
    assert FieldOptions().report_every_s == 60.0
