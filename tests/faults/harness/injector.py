"""Gateways that publish numbered packs through every fault, as their own memory lets them."""

import random
import threading
import time
from collections.abc import Sequence

from tests.faults.deadline import until
from tests.faults.field_gateway import FieldGateway
from tests.faults.harness.aside import Aside
from tests.faults.harness.ledger import Entry, Kind, Ledger
from tests.faults.running_post import RunningPost
from tests.faults.town import BENCH_GATEWAY, BENCHES, bench_name, own_gateway, own_light

# A pack's number travels as the light's level: 1 is 0.001 %, so that live frames carry it too.
PCT_A_NUMBER = 0.001
EVERY_S = 0.2
ALARM_EVERY_ROUNDS = 5
HEAVY_G, LIGHT_G = 512_000, 0
ACKS_WITHIN_S = 60.0


class Stream:
    """One gateway; a pack says its own sequence number, which no other pack of this gateway ever had."""

    def __init__(self, post: RunningPost, number: int) -> None:
        self.number = number
        self.gateway = FieldGateway(post, own_gateway(number), keeps_trying=True)
        self.packs = 0
        self._waiting: dict[int, str] = {}

    @property
    def next_key(self) -> str:
        return f"{self.number}/{self.gateway.next_sequence}"

    def publish(self) -> None:
        """Send the next pack and go on."""
        key, level = self.next_key, self.gateway.next_sequence * PCT_A_NUMBER / 100
        self.packs += 1
        self.send(key, self.gateway.next_pack({"n": f"{own_light(self.number, 0)}/level", "v": level}))

    def send(self, key: str, pack: str | bytes) -> None:
        """Send anything under a key and go on; without a key it is not accounted for."""
        self._waiting[self.gateway.send(self.gateway.up + "telemetry", pack)] = key

    def take_acked(self) -> list[str]:
        """The keys that were acknowledged since the last call."""
        keys = [self._waiting.pop(mid) for mid in list(self._waiting) if mid in self.gateway.acked]
        return [key for key in keys if key]

    @property
    def is_settled(self) -> bool:
        return not self._waiting


class Injector:
    """Streams in rounds, in an order drawn by lot; each second a bench is overloaded, once until it is unloaded."""

    def __init__(self, post: RunningPost, ledger: Ledger, numbers: Sequence[int], seed: int) -> None:
        self._ledger = ledger
        self._luck = random.Random(seed)
        self.streams = [Stream(post, number) for number in numbers]
        self._benches = Benches(post)
        self._aside = Aside("injector", self._run)
        self._rounds = 0

    @property
    def all_streams(self) -> tuple[Stream, ...]:
        """Those of the packs, and that of the benches."""
        return (*self.streams, self._benches.stream)

    @property
    def sent(self) -> int:
        return sum(stream.packs for stream in self.streams)

    def connect(self) -> None:
        for stream in self.all_streams:
            stream.gateway.connect()

    def leave(self) -> None:
        self.stop()
        for stream in self.all_streams:
            stream.gateway.leave()

    def start(self) -> None:
        """Go on in a thread of its own."""
        self._aside.start()

    def stop(self) -> None:
        self._aside.stop()

    def _run(self, stop: threading.Event) -> None:
        due = time.monotonic()
        while not stop.wait(max(0.0, due - time.monotonic())):
            self.publish_round()
            due = max(due + EVERY_S, time.monotonic() - EVERY_S)

    def publish_round(self) -> None:
        """The next pack of every gateway: first all of them on the disk, with what was acknowledged meanwhile."""
        self._rounds += 1
        self._luck.shuffle(self.streams)
        heavy = self._benches.choose() if self._rounds % ALARM_EVERY_ROUNDS == 0 else None
        entries = [Entry(time.time(), "will", "pack", [stream.next_key for stream in self.streams])]
        if heavy is not None:
            entries.append(Entry(time.time(), "will", "alarm", [heavy]))
        self._ledger.write(*entries, *self._acks())
        for stream in self.streams:
            stream.publish()
        if heavy is not None:
            self._benches.overload(heavy)

    def settle(self) -> None:
        """Wait until everything sent is acknowledged, and write that down."""
        entries: list[Entry] = []

        def is_settled() -> bool:
            entries.extend(self._acks())
            return all(stream.is_settled for stream in self.all_streams)

        until("every PUBACK", is_settled, ACKS_WITHIN_S)
        self._ledger.write(*entries)

    def unload(self) -> None:
        """Let every overloaded bench be light again, so that it can be overloaded anew."""
        self._benches.unload()

    def _acks(self) -> list[Entry]:
        now_s = time.time()
        packs = [key for stream in self.streams for key in stream.take_acked()]
        found: list[tuple[Kind, list[str]]] = [("pack", packs), ("alarm", self._benches.stream.take_acked())]
        return [Entry(now_s, "acked", kind, keys) for kind, keys in found if keys]


class Benches:
    """One gateway whose benches are overloaded one after another; a key is bench and turn, as 7#2."""

    def __init__(self, post: RunningPost) -> None:
        self.stream = Stream(post, BENCH_GATEWAY)
        self._heavy: list[int] = []

    def choose(self) -> str | None:
        """The next bench to overload; none when all are."""
        number = len(self._heavy)
        return f"{number}#{self.stream.gateway.next_sequence}" if number < BENCHES else None

    def overload(self, key: str) -> None:
        number = int(key.partition("#")[0])
        self._heavy.append(number)
        self._say(key, number, HEAVY_G)

    def unload(self) -> None:
        for number in self._heavy:
            self._say("", number, LIGHT_G)
        self._heavy.clear()

    def _say(self, key: str, number: int, load_g: int) -> None:
        record = {"n": f"{bench_name(number)}/load", "v": load_g}
        self.stream.send(key, self.stream.gateway.next_pack(record))
