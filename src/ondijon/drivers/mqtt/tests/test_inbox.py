"""What a chunk may hold."""

from ondijon.drivers.mqtt.connection.inbox import CROSSING_S, Inbox
from ondijon.drivers.mqtt.connection.limits import Counters, IngestLimits
from ondijon.drivers.mqtt.mapping.intake import Message
from ondijon.drivers.mqtt.mapping.sequence import WINDOW

LIMITS = IngestLimits()


def filled(*gateways: str) -> Inbox:
    inbox = Inbox(LIMITS, Counters())
    for packet_id, gateway in enumerate(gateways, start=1):
        kind = "telemetry/cbor" if packet_id % 2 else "telemetry"
        inbox.put(packet_id, Message(f"ondijon/1/up/{gateway}/{kind}", b"[]"))
    return inbox


def test_a_gateway_s_backlog_comes_in_chunks_that_fit_the_window_of_the_sequence_ledger() -> None:
    # Found by kill -9 in the middle of a backlog: 447 of 512 redelivered packs were older than the window.
    inbox = filled(*["G1"] * 100)
    chunks = [inbox.take() for _ in range(3)]
    assert [len(chunk.messages) for chunk in chunks] == [LIMITS.messages_a_gateway] * 3
    assert 4 * LIMITS.messages_a_gateway <= WINDOW
    assert [packet_id for chunk in chunks for packet_id in chunk.packet_ids] == list(range(1, 49))


def test_many_gateways_fill_a_whole_chunk() -> None:
    inbox = filled(*[f"G{number}" for number in range(600)])
    assert len(inbox.take().messages) == LIMITS.chunk_messages


def test_redeliveries_that_crossed_our_acknowledgement_are_dropped_for_a_while() -> None:
    # Found by 20,000 packs of one gateway: 1,026 came again behind thousands of newer ones, and were taken in twice.
    now_s = 0.0
    inbox = Inbox(LIMITS, Counters(), lambda: now_s)
    pack = Message("ondijon/1/up/G1/telemetry", b"[]")
    inbox.put(1, pack)
    assert inbox.release(inbox.take()) == [1]
    for _ in range(3):
        inbox.put(1, pack, is_repeat=True)
    assert not inbox.take().messages
    now_s = CROSSING_S
    inbox.put(1, pack, is_repeat=True)
    assert inbox.take().messages == [pack]


def test_a_packet_id_that_the_broker_uses_again_is_a_new_message() -> None:
    inbox = filled("G1")
    inbox.release(inbox.take())
    anew = Message("ondijon/1/up/G1/telemetry", b"[1]")
    inbox.put(1, anew)
    assert inbox.take().messages == [anew]
