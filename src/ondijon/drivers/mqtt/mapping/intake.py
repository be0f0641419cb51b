"""Many messages become one kernel intake."""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from ondijon.drivers.mqtt.mapping import letters
from ondijon.drivers.mqtt.mapping.gathered import FUTURE_US, Gathered
from ondijon.drivers.mqtt.mapping.letters import LetterBox, printable
from ondijon.drivers.mqtt.mapping.sequence import Admission, SequenceLedger
from ondijon.drivers.mqtt.mapping.wire_table import PROGRAMME_NAME, STATUS_NAME, Channel, GatewayTable, WireTable
from ondijon.drivers.mqtt.protocol import senml, topics
from ondijon.drivers.mqtt.protocol.messages import (
    BIGGEST_PAYLOAD_BYTES,
    CommandAck,
    Status,
    StoredVersion,
    decode_message,
)
from ondijon.drivers.mqtt.protocol.senml import Record, Unfolded
from ondijon.kernel.errors import RemoteProtocolError
from ondijon.kernel.field import Acknowledgement, Cursor, DeadLetter, Intake, Presence
from ondijon.kernel.readings import ReadingBatch

SEQUENCE_NAME = "seq"
_BIGGEST_SEQUENCE = 2**53


class Message(NamedTuple):
    """One message as the broker delivered it; retained = replayed to a new subscription."""

    topic: str
    payload: bytes
    retained: bool = False


class _Draft:
    """What the messages of one intake have said so far."""

    def __init__(self, wire: WireTable, received_us: int, replay: bool) -> None:
        self.received_us = received_us
        self.replay = replay
        self.gathered = Gathered(wire)
        self.doubtful = Gathered(wire)
        self.box = LetterBox()
        self.acknowledgements: list[Acknowledgement] = []
        self.presences: list[Presence] = []
        self.duplicates = 0
        self.packs = 0

    def batches(self) -> list[ReadingBatch]:
        """Every reading, those of doubtful packs apart."""
        doubtful = self.doubtful.batches(self.received_us, self.box)
        return self.gathered.batches(self.received_us, self.box) + [replace(one, doubtful=True) for one in doubtful]


class IntakeMapper:
    """Maps messages in their order; remembers which packs it took in (`cursor` = where to go on)."""

    def __init__(self, wire: WireTable, driver: str, cursor: Cursor | None = None) -> None:
        self._wire = wire
        self._ledger = SequenceLedger(driver, wire.gateways, cursor)
        self._status_s: dict[int, float] = {}

    @property
    def gaps(self) -> int:
        """Packs missing of all gateways together."""
        return self._ledger.gaps

    def map_messages(self, messages: Iterable[Message], received_us: int) -> Intake:
        """Everything these messages say, as of their common time of reception."""
        return self._map(messages, _Draft(self._wire, received_us, replay=False))

    def map_letters(self, dead_letters: Iterable[DeadLetter], received_us: int) -> Intake:
        """Try dead letters again: sequence numbers are neither asked for nor noted."""
        again = (Message(letter.topic, letter.payload) for letter in dead_letters)
        return self._map(again, _Draft(self._wire, received_us, replay=True))

    def _map(self, messages: Iterable[Message], draft: _Draft) -> Intake:
        count = 0
        channels = self._wire.channels
        for message in messages:
            count += 1
            channel = channels.get(message.topic)
            if channel is None:
                _drop_stranger(message, draft.box)
            elif len(message.payload) > BIGGEST_PAYLOAD_BYTES:
                _drop(message, channel, draft.box, letters.TOO_BIG, f"{len(message.payload)} bytes")
            else:
                self._read(message, channel, draft)
        return Intake(
            batches=draft.batches(),
            acknowledgements=draft.acknowledgements,
            presences=draft.presences,
            dead_letters=draft.box.letters(),
            cursor=self._ledger.cursor() if draft.packs else None,
            messages=count,
            duplicates=draft.duplicates,
        )

    def _read(self, message: Message, channel: Channel, draft: _Draft) -> None:
        kind = channel.topic.kind
        try:
            if kind == "telemetry":
                self._read_pack(senml.decode_json(message.payload), message, channel, draft)
            elif kind == "telemetry/cbor":
                self._read_pack(senml.decode_cbor(message.payload), message, channel, draft)
            elif kind == "ack":
                _read_ack(message, channel, draft)
            elif kind == "status":
                self._read_status(message, channel, draft)
            else:
                self._read_programme(message, channel, draft)
        except RemoteProtocolError as error:
            _drop(message, channel, draft.box, letters.MALFORMED, str(error.values.get("detail", error)))

    def _read_pack(self, pack: senml.Pack, message: Message, channel: Channel, draft: _Draft) -> None:
        records = pack.records
        if not records and not pack.faults:
            raise RemoteProtocolError("error.malformed_pack", detail="no records")
        version = senml.version_of(records)
        if version > senml.BIGGEST_VERSION:
            _drop(message, channel, draft.box, letters.BAD_VERSION, f"bver {version}")
            return
        unfolded = senml.unfold(records)
        numbered = bool(records) and unfolded.names[0] == SEQUENCE_NAME
        asked = numbered and not draft.replay
        admission = self._admit(unfolded.values[0], message, channel, draft) if asked else Admission.NEW
        if admission is Admission.REPEATED:
            draft.duplicates += 1
            return
        gathered = draft.doubtful if admission is Admission.DOUBTFUL else draft.gathered
        gathered.add(channel.table, records, unfolded, start=int(numbered))
        if pack.faults:
            _drop(message, channel, draft.box, letters.BAD_RECORD, "; ".join(pack.faults))

    def _admit(self, value: float | None, message: Message, channel: Channel, draft: _Draft) -> Admission:
        """Note the pack's number; a pack whose number makes no sense is taken in like one without a number."""
        if value is None or not 1 <= value < _BIGGEST_SEQUENCE or value != int(value):
            _drop(message, channel, draft.box, letters.BAD_SEQUENCE, f"seq {value}")
            return Admission.NEW
        admission = self._ledger.admit(channel.table.number, int(value))
        draft.packs += admission is not Admission.REPEATED
        return admission

    def _read_status(self, message: Message, channel: Channel, draft: _Draft) -> None:
        status = decode_message(message.payload, Status)
        gateway = channel.topic.gateway
        time_s = self._time_of(status.at, message, channel, draft)
        last_s = self._status_s.get(channel.table.number, 0.0)
        if time_s and time_s <= last_s and not message.retained:
            # The link's order is surer than a clock that lags: this word came after the last one.
            time_s = 0.0
        self._status_s[channel.table.number] = time_s or draft.received_us / 1e6
        draft.presences.append(Presence(gateway, status.online))
        _say_of_itself(channel.table, Record(n=STATUS_NAME, vb=status.online, t=time_s), draft)

    def _read_programme(self, message: Message, channel: Channel, draft: _Draft) -> None:
        stored = decode_message(message.payload, StoredVersion)
        time_s = self._time_of(stored.at, message, channel, draft)
        _say_of_itself(channel.table, Record(n=PROGRAMME_NAME, v=float(stored.version), t=time_s), draft)

    def _time_of(self, at: float | None, message: Message, channel: Channel, draft: _Draft) -> float:
        """The time a gateway gives, or 0 (now) when it gives none or lives in the future."""
        if at is None:
            return 0.0
        if senml.RELATIVE_BELOW_S <= at <= (draft.received_us + FUTURE_US) / 1e6:
            return at
        reason = letters.BAD_TIME if at < senml.RELATIVE_BELOW_S else letters.FROM_THE_FUTURE
        _drop(message, channel, draft.box, reason, f"at {at}")
        return 0.0


def _read_ack(message: Message, channel: Channel, draft: _Draft) -> None:
    ack = decode_message(message.payload, CommandAck)
    rows_of: dict[str | None, list[int]] = {}
    if ack.n is None:
        rows_of[None] = []
    strangers: list[str] = []
    for device in ack.n or ():
        place = channel.table.place_of.get(device)
        if place is None:
            strangers.append(device)
        else:
            rows_of.setdefault(place[0], []).append(place[1])
    for twin_type, rows in rows_of.items():
        reason = printable(ack.reason)
        draft.acknowledgements.append(
            Acknowledgement(ack.id, channel.topic.gateway, ack.status, reason, twin_type, tuple(rows))
        )
    if strangers:
        detail = f"{strangers[0]} and {len(strangers) - 1} more" if len(strangers) > 1 else strangers[0]
        _drop(message, channel, draft.box, letters.NOT_OWN_DEVICE, detail)


def _say_of_itself(table: GatewayTable, record: Record, draft: _Draft) -> None:
    """A reading on the gateway's own twin, when that twin has such a property."""
    name = f"{table.gateway}/{record.n}"
    if name in table.code_of:
        draft.gathered.add(table, [record], Unfolded([name], [record.v], [record.t]))


def _drop(message: Message, channel: Channel, box: LetterBox, reason: str, detail: str) -> None:
    box.drop(message.topic, channel.topic.gateway, message.payload, reason, detail)


def _drop_stranger(message: Message, box: LetterBox) -> None:
    try:
        gateway = topics.parse_up(message.topic).gateway
    except RemoteProtocolError:
        box.drop(message.topic, "", message.payload, letters.BAD_TOPIC, message.topic)
        return
    box.drop(message.topic, gateway, message.payload, letters.UNKNOWN_GATEWAY, gateway)
