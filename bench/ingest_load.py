"""A load of MQTT gateways in one process: pre-encoded SenML packs, paced or flat out, with their send times."""

import argparse
import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import Struct

CONNECT_TIMEOUT_S = 10.0
PUBACK_BYTES = 4
_CONNECT, _PUBLISH_QOS1, _DISCONNECT = 0x10, 0x32, b"\xe0\x00"
_VARIANTS = 16
_FLUSH_BYTES = 1 << 20


class GatewayNames(Struct, frozen=True):
    """A gateway and the devices that it speaks for."""

    gateway: str
    devices: list[str]


class LoadPlan(Struct, frozen=True):
    """What to send: messages a second 0 means flat out; `single` sends one record a message instead of packs.

    window: publishes without PUBACK over all connections (below 65,536 a connection); the packs' `bt` is their
    send time in whole microseconds, so a reading's observed_us is the moment it was sent. More than one
    connection adds a number to `client_id`; a broker that ties it to the user name needs `connections=1`.
    count: stop after so many messages. backlog_s: not now, but evenly over so many seconds before the start, as told
    of `count` messages that waited.
    """

    port: int
    gateways: list[GatewayNames]
    seconds: float
    messages_per_s: float = 0.0
    properties: tuple[str, ...] = ("level",)
    single: bool = False
    window: int = 4_000
    connections: int = 4
    first_seq: int = 1
    host: str = "127.0.0.1"
    client_id: str = "load"
    count: int = 0
    backlog_s: float = 0.0
    username: str | None = None
    password: str | None = None
    report: str | None = None


class LoadReport(Struct, frozen=True):
    """What was sent; `latest_s` is how far the sending fell behind its pace at worst."""

    messages: int
    records: int
    acked: int
    seconds: float
    messages_per_s: float
    records_per_s: float
    latest_s: float
    cpu_s: float
    next_seq: list[int]


class SendTimes(NamedTuple):
    """One row a message: place of its gateway in the plan, sequence number, microseconds since 1970."""

    gateway: list[int]
    seq: list[int]
    sent_us: list[int]


def make_names(gateways: int, devices_each: int) -> list[GatewayNames]:
    """Names for a throwaway city: GW-0000 ..., SL-000000 ..."""
    return [
        GatewayNames(f"GW-{each:04d}", [f"SL-{each * devices_each + one:06d}" for one in range(devices_each)])
        for each in range(gateways)
    ]


def command_line(plan_file: Path) -> list[str]:
    """How to run the plan in that file (written with `msgspec.json.encode`) as its own process."""
    return [sys.executable, "-m", "bench.ingest_load", str(plan_file)]


class _Templates:
    """Bodies encoded beforehand; a message is topic + head with time and number + body."""

    def __init__(self, plan: LoadPlan) -> None:
        self._topics = [_field(f"ondijon/1/up/{each.gateway}/telemetry".encode()) for each in plan.gateways]
        self._bodies = [_bodies(each, place, plan) for place, each in enumerate(plan.gateways)]
        self.records_each = [1 if plan.single else len(each.devices) * len(plan.properties) for each in plan.gateways]

    def publish(self, place: int, seq: int, sent_us: int, packet_id: int) -> bytes:
        """One whole PUBLISH packet."""
        seconds, fraction = divmod(sent_us, 1_000_000)
        bodies = self._bodies[place]
        body = bodies[seq % len(bodies)]
        head = b'[{"bt":%d.%06d,"n":"seq","v":%d},' % (seconds, fraction, seq)
        topic = self._topics[place]
        size = len(topic) + 2 + len(head) + len(body)
        return b"".join((b"\x32", _length(size), topic, packet_id.to_bytes(2, "big"), head, body))


def _bodies(names: GatewayNames, place: int, plan: LoadPlan) -> list[bytes]:
    if plan.single:
        return [_records([device], plan.properties[:1], place + each) for each, device in enumerate(names.devices)]
    return [_records(names.devices, plan.properties, place + each) for each in range(_VARIANTS)]


def _records(devices: Sequence[str], properties: Sequence[str], salt: int) -> bytes:
    """Records under a base name for each device when it says several things; closes the array."""
    records: list[dict[str, object]] = []
    for number, device in enumerate(devices):
        for place, name in enumerate(properties):
            value = round(((number * 7 + salt * 13 + place) % 101) / 100, 2)
            if len(properties) == 1:
                records.append({"n": f"{device}/{name}", "v": value})
            elif place == 0:
                records.append({"bn": f"{device}/", "n": name, "v": value})
            else:
                records.append({"n": name, "v": value})
    return json.dumps(records, separators=(",", ":")).encode()[1:]


def _field(content: bytes) -> bytes:
    return len(content).to_bytes(2, "big") + content


def _length(size: int) -> bytes:
    """MQTT's remaining length: seven bits a byte, the lowest first."""
    encoded = bytearray()
    while True:
        size, low = divmod(size, 128)
        encoded.append(low | (128 if size else 0))
        if not size:
            return bytes(encoded)


class _Publisher:
    """One connection: bytes out without blocking, PUBACKs counted in."""

    def __init__(self, plan: LoadPlan, number: int) -> None:
        self._socket = socket.create_connection((plan.host, plan.port), CONNECT_TIMEOUT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sign_in(plan, number)
        self._socket.setblocking(False)
        self._out = bytearray()
        self._in_bytes = 0
        self._sent = 0

    def _sign_in(self, plan: LoadPlan, number: int) -> None:
        flags = 0x02
        client_id = plan.client_id if plan.connections == 1 else f"{plan.client_id}-{number}"
        content = _field(client_id.encode())
        if plan.username is not None:
            flags |= 0xC0
            content += _field(plan.username.encode()) + _field((plan.password or "").encode())
        head = _field(b"MQTT") + bytes((4, flags, 0, 0))
        self._socket.sendall(bytes((_CONNECT,)) + _length(len(head) + len(content)) + head + content)
        answer = b""
        while len(answer) < PUBACK_BYTES:
            part = self._socket.recv(PUBACK_BYTES - len(answer))
            if not part:
                raise ConnectionError("the broker closed the connection at sign-in")
            answer += part
        if answer[3] != 0:
            raise ConnectionError(f"the broker refuses the load: code {answer[3]}")

    def fileno(self) -> int:
        return self._socket.fileno()

    @property
    def unacked(self) -> int:
        return self._sent - self._in_bytes // PUBACK_BYTES

    @property
    def acked(self) -> int:
        return self._in_bytes // PUBACK_BYTES

    @property
    def wants_write(self) -> bool:
        return bool(self._out)

    @property
    def is_choked(self) -> bool:
        return len(self._out) > _FLUSH_BYTES

    def next_packet_id(self) -> int:
        self._sent += 1
        return (self._sent - 1) % 65_535 + 1

    def push(self, packet: bytes) -> None:
        self._out += packet

    def flush(self) -> None:
        """Write what the socket takes."""
        try:
            while self._out:
                del self._out[: self._socket.send(memoryview(self._out)[:_FLUSH_BYTES].tobytes())]
        except BlockingIOError:
            return

    def read(self) -> None:
        """Count PUBACKs; raises ConnectionError when the broker hangs up."""
        try:
            part = self._socket.recv(1 << 16)
        except BlockingIOError:
            return
        if not part:
            raise ConnectionError("the broker closed the connection")
        self._in_bytes += len(part)

    def close(self) -> None:
        self._socket.setblocking(True)
        self._socket.sendall(_DISCONNECT)
        self._socket.close()


class _Load:
    """Sends round after round of all gateways, each with its next sequence number."""

    def __init__(self, plan: LoadPlan) -> None:
        self._plan = plan
        self._templates = _Templates(plan)
        self._publishers = [_Publisher(plan, number) for number in range(plan.connections)]
        self._seq = [plan.first_seq] * len(plan.gateways)
        self._next = 0
        self._records = 0
        self.times = SendTimes([], [], [])
        self._latest_s = 0.0
        self._began_us = time.time_ns() // 1000

    def run(self) -> LoadReport:
        selector = selectors.DefaultSelector()
        for publisher in self._publishers:
            selector.register(publisher, selectors.EVENT_READ)
        started, cpu = time.perf_counter(), time.process_time()
        sent = 0
        elapsed = 0.0
        while elapsed < self._plan.seconds and not self._is_done(sent):
            sent += self._send_due(sent, elapsed)
            self._exchange(selector, self._wait_s(sent, elapsed))
            elapsed = time.perf_counter() - started
        while any(each.unacked for each in self._publishers) and elapsed < self._plan.seconds + CONNECT_TIMEOUT_S:
            self._exchange(selector, 0.01)
            elapsed = time.perf_counter() - started
        selector.close()
        acked = sum(each.acked for each in self._publishers)
        for publisher in self._publishers:
            publisher.close()
        return LoadReport(
            messages=sent,
            records=self._records,
            acked=acked,
            seconds=elapsed,
            messages_per_s=sent / elapsed,
            records_per_s=self._records / elapsed,
            latest_s=self._latest_s,
            cpu_s=time.process_time() - cpu,
            next_seq=self._seq,
        )

    def _send_due(self, sent: int, elapsed: float) -> int:
        """Send what the pace and the window allow; returns how many messages."""
        room = self._plan.window - sum(each.unacked for each in self._publishers)
        pace = self._plan.messages_per_s
        if pace > 0.0:
            due = int(elapsed * pace) - sent
            self._latest_s = max(self._latest_s, due / pace)
            room = min(room, due)
        if self._plan.count:
            room = min(room, self._plan.count - sent)
        count = 0
        while count < room and not self._publishers[self._next % len(self._publishers)].is_choked:
            self._send_one()
            count += 1
        return count

    def _is_done(self, sent: int) -> bool:
        return 0 < self._plan.count <= sent

    def _instant_us(self) -> int:
        """The time that the next message speaks of."""
        backlog_us = round(self._plan.backlog_s * 1e6)
        if not backlog_us:
            return time.time_ns() // 1000
        return self._began_us - backlog_us + backlog_us * len(self.times.seq) // self._plan.count

    def _send_one(self) -> None:
        place = self._next
        self._next = (place + 1) % len(self._seq)
        publisher = self._publishers[place % len(self._publishers)]
        seq, sent_us = self._seq[place], self._instant_us()
        self._seq[place] = seq + 1
        publisher.push(self._templates.publish(place, seq, sent_us, publisher.next_packet_id()))
        self._records += self._templates.records_each[place]
        self.times.gateway.append(place)
        self.times.seq.append(seq)
        self.times.sent_us.append(sent_us)

    def _wait_s(self, sent: int, elapsed: float) -> float:
        pace = self._plan.messages_per_s
        if pace <= 0.0:
            return 0.01
        return min(0.01, max(0.0, (sent + 1) / pace - elapsed))

    def _exchange(self, selector: selectors.BaseSelector, wait_s: float) -> None:
        for publisher in self._publishers:
            if publisher.wants_write:
                publisher.flush()
            events = selectors.EVENT_READ | (selectors.EVENT_WRITE if publisher.wants_write else 0)
            selector.modify(publisher, events)
        for key, _ in selector.select(wait_s):
            for publisher in self._publishers:
                if publisher is key.fileobj:
                    publisher.read()


def run_load(plan: LoadPlan) -> tuple[LoadReport, SendTimes]:
    """Run the plan here and now; raises ConnectionError when the broker refuses or hangs up."""
    load = _Load(plan)
    report = load.run()
    return report, load.times


def save_times(times: SendTimes, path: Path) -> None:
    """Raw samples beside the report, as NumPy arrays `gateway`, `seq`, `sent_us`."""
    np.savez_compressed(
        path,
        gateway=np.array(times.gateway, np.int32),
        seq=np.array(times.seq, np.int64),
        sent_us=np.array(times.sent_us, np.int64),
    )


def main() -> None:
    """Run a plan file; prints the report as JSON and writes it, with the send times, where the plan says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path, help="a LoadPlan as JSON")
    plan = msgspec.json.decode(parser.parse_args().plan.read_bytes(), type=LoadPlan)
    report, times = run_load(plan)
    print(msgspec.json.encode(report).decode())
    if plan.report is not None:
        path = Path(plan.report)
        path.write_bytes(msgspec.json.encode(report))
        save_times(times, path.with_suffix(".npz"))


if __name__ == "__main__":
    main()
