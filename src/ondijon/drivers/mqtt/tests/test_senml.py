"""SenML packs against RFC 8428's own examples, and against anything else."""

import math
from pathlib import Path

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as some

from ondijon.drivers.mqtt.protocol import senml
from ondijon.drivers.mqtt.protocol.senml import Record
from ondijon.kernel.errors import RemoteProtocolError

FRAMES = Path(__file__).parent / "frames"
NOW_S = 1_792_965_600.0

finite = some.floats(allow_nan=False, allow_infinity=False)
text = some.text(some.characters(exclude_categories=["Cs"]), max_size=12)
records = some.lists(
    some.builds(
        Record,
        bver=some.none() | some.integers(1, 10),
        bn=some.none() | text,
        bt=some.none() | finite,
        bu=some.none() | text,
        bv=some.none() | finite,
        bs=some.none() | finite,
        n=text,
        u=some.none() | text,
        v=some.none() | finite,
        vs=some.none() | text,
        vb=some.none() | some.booleans(),
        vd=some.none() | some.from_regex(r"[A-Za-z0-9_-]{0,8}", fullmatch=True),
        s=some.none() | finite,
        t=finite,
        ut=some.none() | finite,
    ),
    max_size=6,
)


def frame(name: str) -> bytes:
    return (FRAMES / name).read_bytes()


def test_a_single_data_point_is_read() -> None:
    pack = senml.decode_json(frame("rfc8428_5_1_1.json"))
    assert pack.records == [Record(n="urn:dev:ow:10e2073a01080063", u="Cel", v=23.1)]
    assert pack.faults == []


def test_base_name_time_and_unit_apply_to_every_following_record() -> None:
    resolved = senml.resolve(senml.decode_json(frame("rfc8428_5_1_2.json")).records, NOW_S)
    assert [(each.n.rpartition(":")[2], each.u, each.v) for each in resolved] == [
        ("current", "A", 1.2),
        ("current", "A", 1.3),
        ("current", "A", 1.4),
        ("current", "A", 1.5),
        ("current", "A", 1.6),
        ("voltage", "V", 120.1),
        ("current", "A", 1.7),
    ]
    assert [each.t for each in resolved] == [1276020076.001 + late for late in (-5, -4, -3, -2, -1, 0, 0)]
    assert {each.bver for each in resolved} == {5}


def test_the_resolved_pack_is_the_one_that_the_rfc_gives() -> None:
    unresolved = senml.decode_json(frame("rfc8428_5_1_3.json")).records
    assert senml.resolve(unresolved, NOW_S) == senml.decode_json(frame("rfc8428_5_1_4.json")).records


def test_the_cbor_example_says_the_same_as_the_json_one() -> None:
    packed = bytes.fromhex(frame("rfc8428_6.cbor.hex").decode())
    in_json = senml.decode_json(frame("rfc8428_5_1_2.json"))
    assert senml.decode_cbor(packed) == in_json
    assert senml.decode_cbor(senml.encode_cbor(in_json.records)) == in_json


def test_a_small_time_counts_from_now() -> None:
    resolved = senml.resolve([Record(n="a", v=1.0, t=-60.0), Record(n="a", v=2.0)], NOW_S)
    assert [each.t for each in resolved] == [NOW_S - 60, NOW_S]


def test_a_base_value_is_added_and_stands_alone_without_a_value() -> None:
    unfolded = senml.unfold([Record(bv=10.0, n="a", v=0.5), Record(n="a"), Record(n="b", vb=True)])
    assert unfolded.values == [10.5, 10.0, None]


def test_a_base_sum_is_added() -> None:
    resolved = senml.resolve([Record(bs=10.0, n="a", s=0.5), Record(n="a")], NOW_S)
    assert [each.s for each in resolved] == [10.5, 10.0]


def test_base_names_may_change_from_record_to_record() -> None:
    unfolded = senml.unfold([Record(bn="x/", n="a"), Record(n="b"), Record(bn="y/", n="a"), Record(bn="", n="z")])
    assert unfolded.names == ["x/a", "x/b", "y/a", "z"]


@given(records)
def test_json_comes_back_as_it_went(pack: list[Record]) -> None:
    assert senml.decode_json(senml.encode_json(pack)) == (pack, [])


@given(records)
def test_cbor_comes_back_as_it_went(pack: list[Record]) -> None:
    assert senml.decode_cbor(senml.encode_cbor(pack)) == (pack, [])


@given(some.binary(max_size=200))
def test_any_bytes_are_a_pack_or_refused(payload: bytes) -> None:
    for decode in (senml.decode_json, senml.decode_cbor):
        try:
            pack = decode(payload)
        except RemoteProtocolError:
            continue
        senml.unfold(pack.records)


anything = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=4) | some.binary(max_size=4),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.integers(-7, 9) | text, inner, max_size=4),
    max_leaves=12,
)


@given(anything)
def test_any_cbor_is_a_pack_or_refused(content: object) -> None:
    try:
        pack = senml.decode_cbor(cbor2.dumps(content))
    except RemoteProtocolError:
        return
    assert all(isinstance(each.n, str) for each in pack.records)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x00",
        b"\xff\xfe",
        b'{"n":"a","v":1}',
        b"null",
        b'[{"n":"a","v":1}',
        b'[{"n":"\xff","v":1}]',
        b"[" * 100_000,
        b'[{"n":"a","v":1},]',
        '[{"n":"a","v":1}]'.encode("utf-16"),
    ],
)
def test_what_is_no_pack_at_all_is_refused(payload: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        senml.decode_json(payload)


@pytest.mark.parametrize("payload", [b"", b"\xff", b"\x9f", b"\xa0", b"\x01", b"\x81" * 1_000, b"\x81\x61\xff"])
def test_what_is_no_cbor_pack_is_refused(payload: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        senml.decode_cbor(payload)


@pytest.mark.parametrize(
    "bad",
    [
        b'{"n":"x","v":"high"}',
        b'{"n":"x","v":true}',
        b'{"n":"x","vb":1}',
        b'{"n":7,"v":1}',
        b'"text"',
        b"null",
        b'{"n":"x","v":1,"must_":1}',
    ],
)
def test_a_bad_record_leaves_the_others(bad: bytes) -> None:
    pack = senml.decode_json(b'[{"bn":"d/","n":"a","v":1},' + bad + b',{"n":"b","v":2}]')
    assert [each.n for each in pack.records] == ["a", "b"]
    assert len(pack.faults) == 1
    assert pack.faults[0].startswith("record 1: ")


def test_base_fields_of_a_bad_record_still_hold() -> None:
    pack = senml.decode_json(b'[{"n":"a","v":1},{"bn":"d/","bt":5,"n":"x","v":"high"},{"n":"b","v":2}]')
    assert senml.unfold(pack.records) == (["a", "d/b"], [1.0, 2.0], [0.0, 5.0])


def test_nothing_is_guessed_after_a_bad_base_name() -> None:
    pack = senml.decode_json(b'[{"n":"a","v":1},{"bn":7,"n":"x","v":1},{"n":"b","v":2}]')
    assert [each.n for each in pack.records] == ["a"]
    assert len(pack.faults) == 2


def test_labels_that_need_not_be_understood_are_ignored() -> None:
    pack = senml.decode_json(b'[{"n":"a","v":1,"vendor":{"x":[1]}}]')
    assert pack == ([Record(n="a", v=1.0)], [])


def test_numbers_that_json_does_not_know_reach_the_judge() -> None:
    pack = senml.decode_json(b'[{"n":"a","v":NaN},{"n":"b","v":1e999},{"n":"c","v":3}]')
    assert math.isnan(pack.records[0].v or 0.0)
    assert [each.v for each in pack.records[1:]] == [math.inf, 3.0]


def test_cbor_decimal_fractions_and_byte_strings_are_values() -> None:
    decimal_fraction = bytes.fromhex("81a2006161" + "02c48221196ab3")  # 4([-2, 27315])
    assert senml.decode_cbor(decimal_fraction).records == [Record(n="a", v=273.15)]
    assert senml.decode_cbor(cbor2.dumps([{0: "a", 8: b"\x01\xff"}])).records == [Record(n="a", vd="Af8")]


def test_the_highest_version_counts() -> None:
    assert senml.version_of([Record()]) == 10
    assert senml.version_of([Record(bver=5), Record(bver=11)]) == 11
