"""The codec against the RFC's own examples, and against what no gateway may send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondijon.kernel.errors import RemoteProtocolError
from ondijon.simulator.field.senml import (
    Record,
    Resolved,
    decode_cbor,
    decode_json,
    encode_cbor,
    encode_json,
    resolve,
)
from ondijon.simulator.field.tests import rfc8428

NOW_S = 1_800_000_000.0
OW = "urn:dev:ow:10e2073a01080063"


def resolve_json(payload: bytes) -> list[Resolved]:
    return resolve(decode_json(payload), NOW_S)


def test_a_single_value_without_a_time_is_of_now() -> None:
    assert resolve_json(rfc8428.SINGLE) == [Resolved(OW, NOW_S, "Cel", 23.1)]


def test_the_base_name_is_put_before_each_name() -> None:
    assert resolve_json(rfc8428.NOW) == [
        Resolved(f"{OW}:voltage", NOW_S, "V", 120.1),
        Resolved(f"{OW}:current", NOW_S, "A", 1.2),
    ]


def test_base_time_and_base_unit_hold_for_later_records() -> None:
    first, *rest = resolve_json(rfc8428.FIVE_SECONDS)
    assert first == Resolved("urn:dev:ow:10e2073a0108006:voltage", 1276020076.001, "V", 120.1)
    assert [(record.unit, record.value) for record in rest] == [("A", v) for v in (1.2, 1.3, 1.4, 1.5, 1.6, 1.7)]
    assert [record.time_s for record in rest] == pytest.approx([1276020071.001 + i for i in range(6)])


def test_the_cbor_example_says_the_same_as_the_json_one() -> None:
    assert resolve(decode_cbor(rfc8428.FIVE_SECONDS_CBOR), NOW_S) == resolve_json(rfc8428.FIVE_SECONDS)


def test_what_is_written_in_cbor_reads_as_the_rfcs_example() -> None:
    assert decode_cbor(encode_cbor(decode_cbor(rfc8428.FIVE_SECONDS_CBOR))) == decode_cbor(rfc8428.FIVE_SECONDS_CBOR)


def test_the_resolved_form_is_the_one_that_the_rfc_prints() -> None:
    assert resolve_json(rfc8428.MOVING) == resolve_json(rfc8428.MOVING_RESOLVED)
    assert len(resolve_json(rfc8428.MOVING)) == 13


def test_text_booleans_and_bytes_are_values_too() -> None:
    assert [record.value for record in resolve_json(rfc8428.KINDS)] == [23.1, "Machine Room", False, b"hi \n"]


def test_bytes_travel_through_both_forms() -> None:
    pack = decode_json(rfc8428.KINDS)
    assert decode_json(encode_json(pack)) == pack
    assert decode_cbor(encode_cbor(pack)) == pack


def test_a_new_base_name_keeps_the_base_time() -> None:
    last = resolve_json(rfc8428.RESOURCES)[-1]
    assert last == Resolved("2001:db8::1/humidity", 1320078429.0, "%RH", 67.0)


def test_a_record_with_base_fields_only_is_no_reading() -> None:
    assert [record.name for record in resolve_json(rfc8428.THERMOSTAT)] == [
        f"{OW}:{n}" for n in ("temp", "heat", "fan")
    ]


def test_times_may_lie_after_the_base_time() -> None:
    assert [record.time_s for record in resolve_json(rfc8428.TWO_LIGHTS)] == pytest.approx(
        [1320078429.0, 1320078429.0, 1320078429.1, 1320078429.1]
    )


def test_small_times_are_relative_to_now() -> None:
    assert resolve([Record(n="a", t=-5.0, v=1.0)], NOW_S)[0].time_s == NOW_S - 5.0


def test_base_value_and_base_sum_are_added() -> None:
    [record] = resolve([Record(bv=20.0, bs=100.0, n="a", v=1.5, s=2.0)], NOW_S)
    assert (record.value, record.sum) == (21.5, 102.0)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[",
        b"[]",
        b'{"n":"a","v":1}',
        b"[1]",
        b'[{"n":"a","v":"bright"}]',
        b'[{"n":"a","v":true}]',
        b'[{"n":"a","vd":"%%%"}]',
        b'[{"n":"a","v":1,"must_":2}]',
        b"\xff\xfe",
        b"[" * 3000,
    ],
)
def test_what_is_no_pack_is_refused(payload: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_json(payload)


@pytest.mark.parametrize(
    "record",
    [
        Record(n="a", v=1.0, vs="b"),
        Record(n="", v=1.0),
        Record(n="a level", v=1.0),
        Record(n="-a", v=1.0),
        Record(n="a", v=float("inf")),
        Record(n="a", v=1.0, bver=11),
    ],
)
def test_what_cannot_be_resolved_is_refused(record: Record) -> None:
    with pytest.raises(RemoteProtocolError):
        resolve([record], NOW_S)


@pytest.mark.parametrize("payload", [b"", b"\xa0", b"\x80", b"\x81\x01", rfc8428.FIVE_SECONDS_CBOR + b"\x00", b"\x9f"])
def test_what_is_no_cbor_pack_is_refused(payload: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode_cbor(payload)


def test_unknown_labels_are_ignored() -> None:
    assert decode_json(b'[{"n":"a","v":1,"colour":"red"}]') == [Record(n="a", v=1.0)]


numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
values = st.one_of(
    st.builds(lambda v: {"v": v}, numbers),
    st.builds(lambda v: {"vs": v}, st.text(max_size=20)),
    st.builds(lambda v: {"vb": v}, st.booleans()),
    st.builds(lambda v: {"vd": v}, st.binary(max_size=20)),
)
packs = st.lists(
    st.builds(
        lambda n, t, value: Record(n=n, t=t, **value),
        st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True),
        numbers,
        values,
    ),
    min_size=1,
    max_size=8,
)


@given(packs)
def test_every_pack_comes_back_from_both_forms(pack: list[Record]) -> None:
    assert decode_json(encode_json(pack)) == pack
    assert decode_cbor(encode_cbor(pack)) == pack


@given(st.binary(max_size=200))
def test_no_bytes_make_the_codec_fail_in_another_way(payload: bytes) -> None:
    for decode in (decode_json, decode_cbor):
        try:
            decode(payload)
        except RemoteProtocolError:
            continue
