"""Messages become one intake: readings in columns, words of gateways, and dead letters with their reason."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ondijon.drivers.mqtt.mapping import letters
from ondijon.drivers.mqtt.mapping.intake import IntakeMapper, Message
from ondijon.drivers.mqtt.mapping.wire_table import WireTable
from ondijon.drivers.mqtt.protocol import senml, topics
from ondijon.drivers.mqtt.protocol.senml import Record
from ondijon.drivers.mqtt.tests.a_city import NOW_S, NOW_US, box, lamp, make_city
from ondijon.kernel.errors import Refused
from ondijon.kernel.field import Intake, Presence
from ondijon.kernel.readings import Quality

CITY = make_city(boxes=2, lamps_each=3)
WIRE = WireTable(CITY)
GW = box(0)
Reading = tuple[str, int, str, float, float]


def mapper() -> IntakeMapper:
    return IntakeMapper(WIRE, "mqtt")


def seq(number: int, base_time_s: float | None = NOW_S) -> Record:
    return Record(bt=base_time_s, n="seq", v=float(number))


def telemetry(*records: Record, gateway: str = GW) -> Message:
    return Message(topics.up(gateway, "telemetry"), senml.encode_json(records))


def said(kind: topics.UpKind, payload: bytes, gateway: str = GW, retained: bool = False) -> Message:
    return Message(topics.up(gateway, kind), payload, retained)


def readings(intake: Intake) -> set[Reading]:
    """(twin type, row, property, value, seconds before now) of every reading."""
    found: set[Reading] = set()
    for batch in intake.batches:
        keys = CITY.columns[batch.twin_type].properties
        assert set(batch.quality.tolist()) == {Quality.GOOD}
        assert set(batch.received_us.tolist()) == {NOW_US}
        for row, index, value, observed_us in zip(
            batch.row.tolist(),
            batch.property_index.tolist(),
            batch.value.tolist(),
            batch.observed_us.tolist(),
            strict=True,
        ):
            found.add((batch.twin_type, row, keys[index], round(value, 9), (NOW_US - observed_us) / 1e6))
    return found


def reasons(intake: Intake) -> list[str]:
    return [letter.reason for letter in intake.dead_letters]


def test_a_pack_becomes_readings_in_the_posts_own_units() -> None:
    intake = mapper().map_messages(
        [
            telemetry(
                seq(1, NOW_S - 2.5),
                Record(bn=f"{lamp(1)}/", n="level", v=0.8),
                Record(n="energy", v=7.2e6, t=1.0),
                Record(n="control", vs="manual"),
                Record(bn=f"{GW}/", n="supply", vb=True),
                Record(n="power", v=512.0),
            )
        ],
        NOW_US,
    )
    assert readings(intake) == {
        ("lamp", 1, "level_pct", 80.0, 2.5),
        ("lamp", 1, "energy_kwh", 2.0, 1.5),
        ("lamp", 1, "control", 1.0, 2.5),
        ("box", 0, "supply", 1.0, 2.5),
        ("box", 0, "power_w", 512.0, 2.5),
    }
    assert intake.messages == 1
    assert reasons(intake) == []


def test_json_and_cbor_say_the_same() -> None:
    records = [seq(1), Record(n=f"{lamp(2)}/level", v=0.35), Record(n=f"{GW}/supply", vb=False)]
    in_json = mapper().map_messages([telemetry(*records)], NOW_US)
    in_cbor = mapper().map_messages([said("telemetry/cbor", senml.encode_cbor(records))], NOW_US)
    assert readings(in_json) == readings(in_cbor) != set()


def test_many_gateways_are_read_at_once() -> None:
    messages = [
        telemetry(seq(1), Record(n=f"{lamp(0)}/power", v=40.0)),
        telemetry(seq(1), Record(n=f"{lamp(3)}/power", v=41.0), gateway=box(1)),
        telemetry(seq(2), Record(n=f"{lamp(1)}/power", v=42.0)),
    ]
    intake = mapper().map_messages(messages, NOW_US)
    assert {(row, value) for _, row, _, value, _ in readings(intake)} == {(0, 40.0), (3, 41.0), (1, 42.0)}


def test_times_may_be_absent_relative_or_late() -> None:
    intake = mapper().map_messages(
        [
            telemetry(
                Record(n="seq", v=1.0),
                Record(n=f"{lamp(0)}/power", v=1.0),
                Record(n=f"{lamp(1)}/power", v=2.0, t=-90.0),
                Record(n=f"{lamp(2)}/power", v=3.0, t=NOW_S - 86_400.0),
            )
        ],
        NOW_US,
    )
    assert {(row, age) for _, row, _, _, age in readings(intake)} == {(0, 0.0), (1, 90.0), (2, 86_400.0)}


def test_a_pack_seen_twice_has_no_effect() -> None:
    one = mapper()
    pack = telemetry(seq(7), Record(n=f"{lamp(0)}/power", v=40.0))
    first, second = one.map_messages([pack], NOW_US), one.map_messages([pack, pack], NOW_US)
    assert len(readings(first)) == 1
    assert first.cursor is not None
    assert first.cursor.newest.tolist() == [0, 7] or first.cursor.newest.tolist() == [7, 0]
    assert (len(readings(second)), second.duplicates, second.cursor) == (0, 2, None)


def test_a_pack_without_a_good_number_is_taken_in_all_the_same() -> None:
    reading = Record(n=f"{lamp(0)}/power", v=40.0)
    one = mapper()
    for pack in (telemetry(reading), telemetry(reading), telemetry(Record(n="seq", v=-1.0), reading)):
        intake = one.map_messages([pack], NOW_US)
        assert (len(readings(intake)), intake.duplicates, intake.cursor) == (1, 0, None)


def test_packs_out_of_order_are_taken_and_gaps_counted() -> None:
    one = mapper()
    packs = [telemetry(seq(number), Record(n=f"{lamp(0)}/power", v=1.0, t=-number)) for number in (1, 4, 3, 4)]
    intake = one.map_messages(packs, NOW_US)
    assert (len(readings(intake)), intake.duplicates, one.gaps) == (3, 1, 1)


def test_the_cursor_goes_on_where_it_was() -> None:
    pack = telemetry(seq(7), Record(n=f"{lamp(0)}/power", v=40.0))
    before = mapper().map_messages([pack], NOW_US)
    after = IntakeMapper(WIRE, "mqtt", before.cursor).map_messages([pack], NOW_US)
    assert (after.duplicates, len(readings(after))) == (1, 0)


BAD_RECORDS = [
    (Record(n=f"{lamp(4)}/power", v=1.0), letters.NOT_OWN_DEVICE),
    (Record(n="nobody/power", v=1.0), letters.NOT_OWN_DEVICE),
    (Record(n="power", v=1.0), letters.NOT_OWN_DEVICE),
    (Record(n=f"{lamp(0)}/colour", v=1.0), letters.UNKNOWN_PROPERTY),
    (Record(n=f"{lamp(0)}/health", v=1.0), letters.UNKNOWN_PROPERTY),
    (Record(n=lamp(0), v=1.0), letters.UNKNOWN_PROPERTY),
    (Record(n=f"{lamp(0)}/power", vb=True), letters.WRONG_KIND),
    (Record(n=f"{lamp(0)}/power", vs="40"), letters.WRONG_KIND),
    (Record(n=f"{lamp(0)}/power"), letters.WRONG_KIND),
    (Record(n=f"{lamp(0)}/power", s=4.0), letters.WRONG_KIND),
    (Record(n=f"{GW}/supply", v=1.0), letters.WRONG_KIND),
    (Record(n=f"{GW}/supply", vs="true"), letters.WRONG_KIND),
    (Record(n=f"{lamp(0)}/control", v=1.0), letters.WRONG_KIND),
    (Record(n=f"{lamp(0)}/control", vb=True), letters.WRONG_KIND),
    (Record(n=f"{lamp(0)}/control", vs="disco"), letters.UNKNOWN_CHOICE),
    (Record(n=f"{lamp(0)}/power", v=float("nan")), letters.NOT_FINITE),
    (Record(n=f"{lamp(0)}/power", v=float("inf")), letters.NOT_FINITE),
    (Record(n=f"{lamp(0)}/level", v=1e307), letters.NOT_FINITE),
    (Record(n=f"{lamp(0)}/power", v=1.0, t=301.0), letters.FROM_THE_FUTURE),
    (Record(n=f"{lamp(0)}/power", v=1.0, t=1e10), letters.FROM_THE_FUTURE),
    (Record(n=f"{lamp(0)}/power", v=1.0, t=946_684_800 - NOW_S), letters.BAD_TIME),
    (Record(n=f"{lamp(0)}/power", v=1.0, t=-3e9), letters.BAD_TIME),
    (Record(n=f"{lamp(0)}/power", v=1.0, t=1e300), letters.BAD_TIME),
    (Record(n=f"{lamp(0)}/power", v=1.0, t=float("nan")), letters.BAD_TIME),
]


@pytest.mark.parametrize(("record", "reason"), BAD_RECORDS)
@pytest.mark.parametrize("kind", ["telemetry", "telemetry/cbor"])
def test_a_bad_record_is_a_letter_and_the_good_ones_pass(kind: topics.UpKind, record: Record, reason: str) -> None:
    good = Record(n=f"{lamp(1)}/power", v=40.0)
    encode = senml.encode_json if kind == "telemetry" else senml.encode_cbor
    intake = mapper().map_messages([said(kind, encode([seq(1), good, record, good]))], NOW_US)
    assert readings(intake) == {("lamp", 1, "power_w", 40.0, 0.0)}
    assert sum(len(batch) for batch in intake.batches) == 2
    (letter,) = intake.dead_letters
    assert (letter.reason, letter.gateway, letter.detail) == (reason, GW, record.n)
    kept = senml.decode_json(letter.payload).records
    assert [each.n for each in kept] == [record.n]


def test_just_within_five_minutes_is_not_yet_the_future() -> None:
    intake = mapper().map_messages([telemetry(seq(1), Record(n=f"{lamp(0)}/power", v=1.0, t=299.0))], NOW_US)
    assert reasons(intake) == []
    assert len(readings(intake)) == 1


BAD_MESSAGES = [
    (Message("ondijon/1/up/GW-0000/elsewhere", b"x"), letters.BAD_TOPIC),
    (Message("", b"x"), letters.BAD_TOPIC),
    (Message("ondijon/1/up/STRANGER/telemetry", b"[]"), letters.UNKNOWN_GATEWAY),
    (said("telemetry", b" " * (256 * 1024 + 1)), letters.TOO_BIG),
    (said("telemetry", b""), letters.MALFORMED),
    (said("telemetry", b"\x00\x00"), letters.MALFORMED),
    (said("telemetry", b"[\xff]"), letters.MALFORMED),
    (said("telemetry", b'[{"bt":1,"n":"seq","v":1}'), letters.MALFORMED),
    (said("telemetry/cbor", b"\x9f"), letters.MALFORMED),
    (said("status", b"{}"), letters.MALFORMED),
    (said("status", b'{"online":1}'), letters.MALFORMED),
    (said("ack", b'{"id":"7","status":"accepted"}'), letters.MALFORMED),
    (said("programme", b'{"version":"12"}'), letters.MALFORMED),
    (said("programme", b"[" * 100_000), letters.MALFORMED),
    (said("telemetry", b"[]"), letters.MALFORMED),
    (telemetry(Record(n="seq", v=0.0)), letters.BAD_SEQUENCE),
    (telemetry(Record(n="seq", v=1.5)), letters.BAD_SEQUENCE),
    (telemetry(Record(n="seq", vs="1")), letters.BAD_SEQUENCE),
    (telemetry(Record(n="seq", v=float("nan"))), letters.BAD_SEQUENCE),
    (telemetry(Record(bver=11, n="seq", v=1.0)), letters.BAD_VERSION),
    (said("telemetry", b'[{"n":"seq","v":1},{"n":"x","v":"y"}]'), letters.BAD_RECORD),
]


@pytest.mark.parametrize(("message", "reason"), BAD_MESSAGES)
def test_a_bad_message_is_a_letter_and_the_rest_flows(message: Message, reason: str) -> None:
    good = telemetry(seq(9), Record(n=f"{lamp(1)}/power", v=40.0))
    intake = mapper().map_messages([message, good], NOW_US)
    assert reasons(intake) == [reason]
    assert intake.dead_letters[0].topic == message.topic
    whole = message.payload[:4096] if reason == letters.TOO_BIG else message.payload
    assert intake.dead_letters[0].payload == whole
    assert readings(intake) == {("lamp", 1, "power_w", 40.0, 0.0)}
    assert intake.messages == 2


def test_every_reason_is_tested() -> None:
    assert {reason for _, reason in BAD_RECORDS} | {reason for _, reason in BAD_MESSAGES} == set(letters.REASONS)


def test_letters_of_one_message_and_reason_are_one() -> None:
    strangers = [Record(n=f"ghost-{number}/power", v=1.0) for number in range(50)]
    intake = mapper().map_messages([telemetry(seq(1), *strangers)], NOW_US)
    (letter,) = intake.dead_letters
    assert letter.detail == "ghost-0/power and 49 more"
    assert len(senml.decode_json(letter.payload).records) == 50


def test_a_gateway_that_repeats_itself_is_counted_not_kept() -> None:
    intake = mapper().map_messages([said("telemetry", b"junk") for _ in range(10)], NOW_US)
    assert len(intake.dead_letters) == letters.LETTERS_OF_A_KIND
    assert intake.dead_letters[-1].detail.endswith("(+7 messages)")


def test_letters_are_fit_for_text_columns() -> None:
    names = [Record(n="a\x00b/\ud800", v=1.0)]
    intake = mapper().map_messages([telemetry(seq(1), *names), Message("a\x00\ud800", b"")], NOW_US)
    for letter in intake.dead_letters:
        for text in (letter.topic, letter.detail):
            assert "\x00" not in text
            text.encode()


def test_a_letter_can_be_tried_again_when_the_inventory_is_put_right() -> None:
    late = Record(n=f"{lamp(4)}/power", v=1.0, t=-60.0)
    intake = mapper().map_messages([telemetry(seq(1), late)], NOW_US)
    wider = IntakeMapper(WireTable(make_city(boxes=1, lamps_each=6)), "mqtt")
    again = wider.map_letters(intake.dead_letters, NOW_US)
    assert readings(again) == {("lamp", 4, "power_w", 1.0, 60.0)}
    assert again.cursor is None


def test_a_gateway_comes_and_goes() -> None:
    came = f'{{"online":true,"boot":17,"at":{NOW_S - 10}}}'.encode()
    one = mapper()
    intake = one.map_messages([said("status", came)], NOW_US)
    assert intake.presences == [Presence(GW, True)]
    assert readings(intake) == {("box", 0, "online", 1.0, 10.0)}
    intake = one.map_messages([said("status", b'{"online":false}')], NOW_US)
    assert intake.presences == [Presence(GW, False)]
    assert readings(intake) == {("box", 0, "online", 0.0, 0.0)}


def test_a_clock_that_lags_does_not_hide_that_the_gateway_is_back() -> None:
    lagging = f'{{"online":true,"at":{NOW_S - 10}}}'.encode()
    one = mapper()
    one.map_messages([said("status", b'{"online":false}')], NOW_US)
    assert readings(one.map_messages([said("status", lagging)], NOW_US)) == {("box", 0, "online", 1.0, 0.0)}
    retained = one.map_messages([said("status", lagging, retained=True)], NOW_US)
    assert readings(retained) == {("box", 0, "online", 1.0, 10.0)}


def test_a_clock_that_runs_ahead_is_told_and_the_gateway_is_still_there() -> None:
    ahead = f'{{"online":true,"at":{NOW_S + 3600}}}'.encode()
    intake = mapper().map_messages([said("status", ahead)], NOW_US)
    assert readings(intake) == {("box", 0, "online", 1.0, 0.0)}
    assert reasons(intake) == [letters.FROM_THE_FUTURE]


def test_a_stored_programme_is_a_reading() -> None:
    intake = mapper().map_messages([said("programme", b'{"version":12}')], NOW_US)
    assert readings(intake) == {("box", 0, "programme_version", 12.0, 0.0)}


def test_acknowledgements_name_their_targets_or_all() -> None:
    command = UUID("01890000-0000-7000-8000-000000000001")
    some_of_it = f'{{"id":"{command}","status":"refused","reason":"fault","n":["{lamp(2)}","{lamp(0)}"]}}'
    all_of_it = f'{{"id":"{command}","status":"accepted","at":1}}'
    intake = mapper().map_messages([said("ack", some_of_it.encode()), said("ack", all_of_it.encode())], NOW_US)
    first, second = intake.acknowledgements
    assert (first.command_id, first.gateway, first.status, first.reason) == (command, GW, "refused", "fault")
    assert (first.twin_type, first.rows) == ("lamp", (2, 0))
    assert (second.status, second.twin_type, second.rows) == ("accepted", None, ())


def test_acknowledgements_are_split_by_type_and_speak_only_for_own_devices() -> None:
    command = UUID("01890000-0000-7000-8000-000000000001")
    text = f'{{"id":"{command}","status":"expired","n":["{lamp(0)}","{GW}","{lamp(5)}"]}}'
    intake = mapper().map_messages([said("ack", text.encode())], NOW_US)
    assert [(each.twin_type, each.rows) for each in intake.acknowledgements] == [("lamp", (0,)), ("box", (0,))]
    assert reasons(intake) == [letters.NOT_OWN_DEVICE]


def test_two_devices_of_one_gateway_may_not_share_a_name() -> None:
    city = make_city(boxes=1, lamps_each=1)
    twins = city.twins["lamp"]
    twins.records = [twins.records[0], twins.records[0]]
    with pytest.raises(Refused):
        WireTable(city)


def test_a_city_without_gateways_knows_nobody() -> None:
    empty = IntakeMapper(WireTable(make_city(boxes=0)), "mqtt")
    intake = empty.map_messages([telemetry(seq(1), Record(n="a/b", v=1.0))], NOW_US)
    assert reasons(intake) == [letters.UNKNOWN_GATEWAY]
    assert list(intake.batches) == []


kinds = some.sampled_from(topics.UP_KINDS)
fragments = some.sampled_from(
    [b"[", b"]", b"{", b"}", b'"n":', b'"v":', b'"bn":', b'"seq"', b",", b"1", b"-1e999", b"NaN", b"null", b'"t":']
)


@given(kinds, some.binary(max_size=64) | some.lists(fragments, max_size=12).map(b"".join))
def test_no_bytes_stop_the_rest(kind: topics.UpKind, junk: bytes) -> None:
    good = telemetry(seq(2), Record(n=f"{lamp(1)}/power", v=40.0))
    intake = mapper().map_messages([said(kind, junk), good], NOW_US)
    assert ("lamp", 1, "power_w", 40.0, 0.0) in readings(intake)
