"""Orders become command packs in wire names and wire units."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from ondijon.drivers.mqtt.mapping.orders import OrderMapper
from ondijon.drivers.mqtt.protocol.senml import Record, decode_json, encode_json, unfold
from ondijon.drivers.mqtt.tests.a_city import box, lamp, make_city
from ondijon.kernel.errors import LocalProtocolError
from ondijon.kernel.field import DeviceOrder, FieldOrder, StoredProgramme

COMMAND = UUID("01890000-0000-7000-8000-000000000001")
EXPIRES_AT = datetime(2026, 10, 25, 12, 0, 60 - 1, 500_000, tzinfo=UTC)
MAPPER = OrderMapper(make_city())


def order(*devices: DeviceOrder) -> FieldOrder:
    return FieldOrder(COMMAND, box(0), EXPIRES_AT, devices)


def sent(*devices: DeviceOrder) -> list[Record]:
    _, payload = MAPPER.command(order(*devices))
    return decode_json(json.dumps(json.loads(payload)["pack"]).encode()).records


def test_a_command_says_who_what_and_until_when() -> None:
    topic, payload = MAPPER.command(order(DeviceOrder(lamp(0), "lamp", {"level_pct": 60.0})))
    assert topic == f"ondijon/1/down/{box(0)}/command"
    assert json.loads(payload) == {
        "id": str(COMMAND),
        "exp": EXPIRES_AT.timestamp(),
        "pack": [{"n": f"{lamp(0)}/level", "v": 0.6}],
    }


def test_scales_and_words_are_those_of_the_wire() -> None:
    wanted = {"level_pct": 35.0, "control": 1.0}
    assert sent(DeviceOrder(lamp(0), "lamp", wanted)) == [
        Record(bn=f"{lamp(0)}/", n="level", v=0.35),
        Record(n="control", vs="manual"),
    ]
    assert sent(DeviceOrder(box(0), "box", {"supply": 1.0})) == [Record(n=f"{box(0)}/supply", vb=True)]


def test_every_name_is_whole_whatever_stands_before_it() -> None:
    records = sent(
        DeviceOrder(lamp(0), "lamp", {"level_pct": 10.0, "control": 1.0}),
        DeviceOrder(lamp(1), "lamp", {"level_pct": 20.0}),
        DeviceOrder(lamp(2), "lamp", {"level_pct": 30.0, "control": 0.0}),
    )
    names, values, _ = unfold(records)
    assert dict(zip(names, values, strict=True)) == {
        f"{lamp(0)}/level": 0.1,
        f"{lamp(0)}/control": None,
        f"{lamp(1)}/level": 0.2,
        f"{lamp(2)}/level": 0.3,
        f"{lamp(2)}/control": None,
    }
    assert decode_json(encode_json(records)).records == records


@pytest.mark.parametrize(
    "wanted",
    [
        {"no_such": 1.0},
        {"health": 1.0},
        {"level_pct": float("nan")},
        {"control": 2.0},
        {"control": 0.5},
        {"control": -1.0},
    ],
)
def test_what_cannot_be_said_is_refused_here(wanted: dict[str, float]) -> None:
    with pytest.raises(LocalProtocolError):
        MAPPER.command(order(DeviceOrder(lamp(0), "lamp", wanted)))


def test_a_message_too_big_for_a_gateway_is_not_sent() -> None:
    with pytest.raises(LocalProtocolError):
        MAPPER.programme(StoredProgramme(box(0), 1, {"text": "x" * 300_000}))


def test_a_programme_is_kept_as_the_trade_wrote_it() -> None:
    topic, payload = MAPPER.programme(StoredProgramme(box(1), 13, {"steps": [{"level": 0.35}]}))
    assert topic == f"ondijon/1/down/{box(1)}/programme"
    assert json.loads(payload) == {"version": 13, "content": {"steps": [{"level": 0.35}]}}
