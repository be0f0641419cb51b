"""One cabinet gateway: what it hears, what it answers, what it stores and what it reports."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
import numpy as np
from msgspec import Struct

from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import RemoteProtocolError
from ondijon.simulator.field.columns import GatewayColumns, Indices, LightColumns
from ondijon.simulator.field.commands import HOLD_AS_IS, read_command, understand
from ondijon.simulator.field.flash import Flash, StoredProgramme
from ondijon.simulator.field.malformed import malformed_pack
from ondijon.simulator.field.packs import Reported, cabinet_records, light_records, note_reported
from ondijon.simulator.field.plan import FieldOptions
from ondijon.simulator.field.programme import Programme, groups_of, nights_of, read_programme
from ondijon.simulator.field.senml import Record, encode_cbor, encode_json

UP = "ondijon/1/up/"
DOWN = "ondijon/1/down/"
LATENCY_MEDIAN_S = 0.2
LATENCY_SPREAD = 0.55
LATENCY_MIN_S = 0.05
LATENCY_MAX_S = 0.8
ANSWERS_KEPT = 64
HELD_KEPT = 5000


class Uplink(Protocol):
    """A gateway's way to the post: where it hands in messages, and what a fault can cut."""

    def send(self, topic: str, payload: bytes, *, retain: bool = False, droppable: bool = False) -> None: ...

    def send_first(self, topic: str, payload: bytes, *, retain: bool = False) -> None: ...

    def cut(self) -> None: ...

    def restore(self) -> None: ...


class _Ack(Struct, frozen=True, omit_defaults=True):
    id: str
    status: str
    at: float
    reason: str | None = None
    n: list[str] | None = None


class _Status(Struct, frozen=True):
    online: bool
    boot: int
    at: float


class _StoredVersion(Struct, frozen=True):
    version: int
    at: float


@dataclass(slots=True)
class Counts:
    """What the field did since it started."""

    packs: int = 0
    readings: int = 0
    commands: int = 0
    repeated: int = 0
    expired: int = 0
    unreadable: int = 0


@dataclass(slots=True)
class Shared:
    """What all gateways of one process share."""

    lights: LightColumns
    gateways: GatewayColumns
    reported: Reported
    devices: Sequence[str]
    flash: Flash
    clock: Clock
    rng: np.random.Generator
    options: FieldOptions
    counts: Counts = field(default_factory=Counts)
    held_back: list[tuple[float, int, int, bytes]] = field(default_factory=list)

    def now_s(self) -> float:
        return self.clock.now_us() / 1e6


class Gateway:
    """The logic of one controller; it knows its lights by their indices in the columns."""

    def __init__(
        self, shared: Shared, index: int, gateway: str, stored: StoredProgramme, uplink: Uplink, *, cbor: bool
    ) -> None:
        self.gateway = gateway
        self.version = stored.version
        self._shared = shared
        self._index = index
        self._uplink = uplink
        self._cbor = cbor
        self._up = f"{UP}{gateway}/"
        self._down = f"{DOWN}{gateway}/"
        first, end = shared.gateways.first[index : index + 2].tolist()
        self._first = first
        self._own = {device: first + place for place, device in enumerate(shared.devices[first:end])}
        self._follow(read_programme(stored.content))
        self._answers: OrderedDict[str, list[bytes]] = OrderedDict()
        self._malformed_turn = index

    @property
    def lights(self) -> Indices:
        """Indices of its lights that have voltage now: the others are silent."""
        powered = self._shared.lights.powered[self._first : self._first + len(self._own)]
        indices: Indices = np.flatnonzero(powered) + self._first
        return indices

    def now_s(self) -> float:
        """What its own clock shows."""
        return self._shared.now_s() + float(self._shared.gateways.skew_s[self._index])

    def say_hello(self) -> None:
        """Birth after every connection: alive, and which programme is stored."""
        status = _Status(True, int(self._shared.flash.boots[self._index]), round(self.now_s(), 3))
        self._uplink.send_first(self._up + "status", msgspec.json.encode(status), retain=True)
        self._say_version()

    def say_goodbye(self) -> None:
        """A polite stop says what the last will would have said."""
        status = _Status(False, int(self._shared.flash.boots[self._index]), round(self.now_s(), 3))
        self._uplink.send(self._up + "status", msgspec.json.encode(status), retain=True)

    def _say_version(self) -> None:
        word = _StoredVersion(self.version, round(self.now_s(), 3))
        self._uplink.send(self._up + "programme", msgspec.json.encode(word))

    def hear(self, topic: str, payload: bytes) -> None:
        """Take a message from the post."""
        match topic.removeprefix(self._down):
            case "command":
                self._obey(payload, cbor=False)
            case "command/cbor":
                self._obey(payload, cbor=True)
            case "programme":
                self._store_programme(payload)
            case _:
                self._shared.counts.unreadable += 1

    def _obey(self, payload: bytes, *, cbor: bool) -> None:
        counts, flash = self._shared.counts, self._shared.flash
        try:
            command = read_command(payload, cbor=cbor)
        except RemoteProtocolError:
            counts.unreadable += 1
            return
        counts.commands += 1
        if flash.has_seen(self._index, command.id):
            counts.repeated += 1
            self._answer(command.id, self._answers.get(command.id) or [self._ack(command.id, "accepted")])
            return
        flash.remember_command(self._index, command.id)
        now_s = self.now_s()
        if command.expires_s < now_s:
            counts.expired += 1
            self._answer(command.id, [self._ack(command.id, "expired")])
            return
        try:
            understood = understand(command, self._own, now_s)
        except RemoteProtocolError:
            self._answer(command.id, [self._ack(command.id, "refused", reason="malformed")])
            return
        self._queue(understood.levels, command.expires_s)
        answers = [
            self._ack(command.id, "refused", reason=reason, n=devices) for reason, devices in understood.refused.items()
        ]
        if understood.levels:
            accepted = list(understood.levels) if answers else None
            answers.insert(0, self._ack(command.id, "accepted", n=accepted))
        self._answer(command.id, answers)

    def _queue(self, levels: dict[str, float], expires_s: float) -> None:
        """Let wanted levels reach the lights after a believable while."""
        lights = self._shared.lights
        at = np.array([self._own[device] for device in levels], np.intp)
        wanted = np.array(list(levels.values()), np.float32)
        latency_s = LATENCY_MEDIAN_S * float(self._shared.rng.lognormal(0.0, LATENCY_SPREAD))
        skew_s = float(self._shared.gateways.skew_s[self._index])
        lights.pending_level[at] = np.where(wanted == HOLD_AS_IS, lights.wanted[at], wanted)
        lights.pending_due_s[at] = self._shared.now_s() + min(max(latency_s, LATENCY_MIN_S), LATENCY_MAX_S)
        lights.pending_until_s[at] = expires_s - skew_s
        pending, held = lights.pending_level[at], lights.hold[at]
        there = np.where(np.isnan(pending), np.isnan(held), (lights.level[at] == pending) & (held == pending))
        # Who asks for what is so already wants to hear that it is: a report that nothing else would set off.
        self._shared.reported.known[at[there]] = False

    def _ack(self, command_id: str, status: str, reason: str | None = None, n: list[str] | None = None) -> bytes:
        return msgspec.json.encode(_Ack(command_id, status, round(self.now_s(), 3), reason, n))

    def _answer(self, command_id: str, answers: list[bytes]) -> None:
        self._answers[command_id] = answers
        while len(self._answers) > ANSWERS_KEPT:
            self._answers.popitem(last=False)
        for answer in answers:
            self._uplink.send(self._up + "ack", answer)

    def _store_programme(self, payload: bytes) -> None:
        try:
            stored = msgspec.json.decode(payload, type=StoredProgramme)
            if stored.version == self.version:
                return
            self._follow(read_programme(stored.content))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RemoteProtocolError):
            self._shared.counts.unreadable += 1
            self._say_version()
            return
        self._shared.flash.store_programme(self.gateway, stored)
        self.version = stored.version
        self._shared.gateways.programme_until_s[self._index] = -np.inf
        self._say_version()

    def _follow(self, programme: Programme) -> None:
        self.programme = programme
        self._group_of = np.array(groups_of(programme, list(self._own)), np.intp)

    def follow_programme(self, own_s: float) -> tuple[bool, float]:
        """Let its lights want what the programme says; whether night's feeders are closed, and until when all holds."""
        now = [night.at(own_s) for night in nights_of(self.programme, own_s)]
        levels = np.array([level for level, _, _ in now], np.float32)
        self._shared.lights.programme_level[self._first : self._first + len(self._own)] = levels[self._group_of]
        return any(lit for _, lit, _ in now), min(until_s for _, _, until_s in now)

    def report(self, *, full: bool, at: Indices | None = None) -> None:
        """Send the cabinet's own state and the lights `at` (all that have voltage when None)."""
        shared = self._shared
        chosen = self.lights if at is None else at
        size = shared.options.devices_per_pack
        note_reported(shared.lights, shared.gateways, shared.reported, chosen, self._index)
        for start in range(0, max(1, len(chosen)), size):
            records = light_records(
                shared.lights, shared.devices, chosen[start : start + size], full=full, rng=shared.rng
            )
            own = cabinet_records(shared.gateways, self._index, self.gateway) if start == 0 else ()
            self._telemetry([*own, *records])

    def _telemetry(self, records: list[Record]) -> None:
        shared, g = self._shared, self._index
        sequence = shared.flash.next_sequence(g)
        pack = [Record(bt=round(self.now_s(), 3), n="seq", v=sequence), *records]
        payload = encode_cbor(pack) if self._cbor else encode_json(pack)
        shared.counts.packs += 1
        shared.counts.readings += len(records)
        disturbed = shared.gateways.late_share[g] or shared.gateways.duplicate_share[g]
        if disturbed or shared.gateways.malformed_share[g]:
            self._send_disturbed(payload, sequence, records)
        else:
            self.send_telemetry(payload)

    def send_telemetry(self, payload: bytes) -> None:
        suffix = "telemetry/cbor" if self._cbor else "telemetry"
        self._uplink.send(self._up + suffix, payload, droppable=True)

    def _send_disturbed(self, payload: bytes, sequence: int, records: list[Record]) -> None:
        shared, g = self._shared, self._index
        duplicated, late, malformed = shared.rng.random(3)
        if late < shared.gateways.late_share[g] and len(shared.held_back) < HELD_KEPT:
            due_s = shared.now_s() + float(shared.gateways.late_s[g])
            shared.held_back.append((due_s, g, sequence, payload))
        else:
            self.send_telemetry(payload)
        if duplicated < shared.gateways.duplicate_share[g]:
            self.send_telemetry(payload)
        if malformed < shared.gateways.malformed_share[g]:
            self._malformed_turn += 1
            broken = malformed_pack(self._malformed_turn, self.now_s(), shared.flash.next_sequence(g), records)
            self._uplink.send(self._up + "telemetry", broken, droppable=True)
