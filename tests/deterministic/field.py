"""The field as the post's documents promise it: gateways that keep programmes and holds, behind a broker that loses."""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from ondijon.kernel.city import City
from ondijon.kernel.field import Acknowledgement, DeadLetter, FieldOrder, Intake, Presence, Sink, StoredProgramme
from ondijon.kernel.readings import ReadingBatch
from tests.deterministic.store import Rhythm
from tests.deterministic.town import GATEWAYS, LIGHTS_A_GATEWAY, RATED_W, cabinet, light
from tests.deterministic.virtual_loop import VirtualClock

PARIS = ZoneInfo("Europe/Paris")
STEPS = ((6, 0.0), (17, 100.0), (23, 50.0))
"""A programme's levels from these local hours on; odd versions give 10 % more by night."""
Breakage = Literal["", "out", "burner"]
MOST_IN_ONE = 16


def programme_level(version: int, now: datetime) -> float:
    """The level that a gateway's stored programme asks for, in %, by the town's own hours."""
    hour = now.astimezone(PARIS).hour
    level = next((level for begins, level in reversed(STEPS) if hour >= begins), STEPS[-1][1])
    return min(100.0, level + 10.0 * (version % 2)) if level else 0.0


@dataclass
class Lamp:
    """One light; `control` 1 = held at `level_pct` by a command."""

    urn: str
    control: float = 0.0
    level_pct: float = 0.0
    breakage: Breakage = ""

    def power_w(self) -> float:
        if self.breakage:
            return RATED_W if self.breakage == "burner" else 0.0
        return RATED_W * self.level_pct / 100.0


@dataclass(frozen=True)
class UpMessage:
    """What a gateway said; readings as (URN, property, value)."""

    gateway: str
    observed_us: int
    readings: tuple[tuple[str, str, float], ...] = ()
    word: tuple[UUID, str] | None = None
    online: bool | None = None


@dataclass
class Gateway:
    """A cabinet's controller; it obeys each command once, and keeps what it knows when it is cut off."""

    place: int
    skew_us: int
    online: bool = True
    version: int = 0
    seen: set[UUID] = field(default_factory=set)
    lamps: dict[str, Lamp] = field(default_factory=dict)
    waiting: deque[Callable[[], None]] = field(default_factory=deque)
    obeyed: list[tuple[UUID, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return GATEWAYS[self.place]


class Watcher(Protocol):
    """Who looks on at what passes between the field and the post."""

    def offer(self, messages: Sequence[UpMessage]) -> None: ...

    def hear(self, messages: Sequence[UpMessage]) -> None: ...

    def let_go(self, order: FieldOrder) -> None: ...


class Field:
    """All gateways and the broker between them and the post; `loss`, `twice` and `late` are shares of messages."""

    def __init__(self, clock: VirtualClock, chance: random.Random, watcher: Watcher, note: Callable[..., None]) -> None:
        self._clock = clock
        self.watcher = watcher
        self._chance = chance
        self._note = note
        self.loss = self.twice = self.late = 0.0
        self.refusal = 0.02
        self.cut = False
        self.gateways = {
            GATEWAYS[place]: Gateway(place, chance.choice((0, 0, 40_000_000, -40_000_000, -3_600_000_000)))
            for place in range(len(GATEWAYS))
        }
        for gateway in self.gateways.values():
            for number in range(LIGHTS_A_GATEWAY):
                lamp = Lamp(light(gateway.place, number))
                gateway.lamps[lamp.urn] = lamp
        self.queue: deque[UpMessage] = deque()
        self.arrived = asyncio.Event()
        self.in_flight = 0
        self.retained: dict[str, int] = {}
        self._follow_programmes()

    # From the gateways to the post.

    def say(self, gateway: Gateway, **what: object) -> None:
        """Send a message up; while the gateway is cut off it keeps what it would say as it then is."""
        if not gateway.online:
            return
        now_us = self._clock.now_us()
        message = UpMessage(gateway.name, now_us + gateway.skew_us, **what)  # type: ignore[arg-type]
        self._travel(lambda: self._arrive(message))
        if self._chance.random() < self.twice:
            self._travel(lambda: self._arrive(message))

    def report(self, gateway: Gateway, urns: Sequence[str]) -> None:
        """Report the whole state of these lights."""
        values = []
        for urn in urns:
            lamp = gateway.lamps[urn]
            values += [(urn, "control", lamp.control), (urn, "level_pct", lamp.level_pct)]
            values += [(urn, "power_w", lamp.power_w())]
        self.say(gateway, readings=tuple(values))

    def report_all(self, gateway: Gateway) -> None:
        """What a gateway says at its return and now and then: everything."""
        self.report(gateway, list(gateway.lamps))
        version = (cabinet(gateway.place), "programme_version", float(gateway.version))
        self.say(gateway, readings=(version,))

    def _arrive(self, message: UpMessage) -> None:
        self._note("up", message.gateway, message.observed_us, message.readings, message.word, message.online)
        self.queue.append(message)
        self.arrived.set()

    def _travel(self, arrive: Callable[[], None]) -> None:
        """Let something arrive later; what is `late` is overtaken by others."""
        delay_s = self._chance.uniform(0.02, 0.3)
        if self._chance.random() < self.late:
            delay_s = self._chance.choice((1.0, 3.0, 9.0)) * self._chance.uniform(1, 3)
        self._land(delay_s, arrive)

    def _land(self, delay_s: float, arrive: Callable[[], None]) -> None:
        self.in_flight += 1

        def land() -> None:
            self.in_flight -= 1
            arrive()

        asyncio.get_running_loop().call_later(delay_s, land)

    # From the post to the gateways.

    def take(self, order: FieldOrder) -> bool:
        """The broker takes an order, for whenever its gateway is there; False while the post is cut off from it."""
        if self.cut:
            return False
        self.watcher.let_go(order)
        gateway = self.gateways[order.gateway]
        self._note("down", order.command_id, order.gateway, [(one.device, one.wanted) for one in order.devices])
        if self._chance.random() < self.loss:
            self._note("lost", order.command_id)
            return True
        for _ in range(2 if self._chance.random() < self.twice else 1):
            self._hand_over(gateway, lambda: self._obey(gateway, order))
        return True

    def _hand_over(self, gateway: Gateway, deliver: Callable[[], None]) -> None:
        """In the order of sending, as one topic's messages arrive."""
        gateway.waiting.append(deliver)
        self._travel(lambda: self._deliver(gateway))

    def _deliver(self, gateway: Gateway) -> None:
        while gateway.online and gateway.waiting:
            gateway.waiting.popleft()()

    def _obey(self, gateway: Gateway, order: FieldOrder) -> None:
        if order.command_id in gateway.seen:
            return
        gateway.seen.add(order.command_id)
        if order.expires_at <= self._clock.now():
            self.say(gateway, word=(order.command_id, "expired"))
            return
        if self._chance.random() < self.refusal:
            self.say(gateway, word=(order.command_id, "refused"))
            return
        self.say(gateway, word=(order.command_id, "accepted"))
        wanted = {f"{light(gateway.place, int(one.device[-1]))}": dict(one.wanted) for one in order.devices}
        self._note("obeyed", order.command_id, gateway.name)
        for urn, values in wanted.items():
            self._set(gateway, gateway.lamps[urn], values)
            gateway.obeyed.append((order.command_id, urn))
        if self._chance.random() >= self.loss:
            self.report(gateway, list(wanted))

    def _set(self, gateway: Gateway, lamp: Lamp, values: dict[str, float]) -> None:
        lamp.control = values.get("control", 1.0)
        level = programme_level(gateway.version, self._clock.now())
        lamp.level_pct = values.get("level_pct", lamp.level_pct) if lamp.control else level

    def store(self, programme: StoredProgramme) -> None:
        """Keep the newest programme for a gateway, retained until it is there."""
        self.retained[programme.gateway] = programme.version
        gateway = self.gateways[programme.gateway]
        self._hand_over(gateway, lambda: self._store(gateway))

    def _store(self, gateway: Gateway) -> None:
        version = self.retained[gateway.name]
        if version != gateway.version:
            gateway.version = version
            self._follow_programmes()
        self.say(gateway, readings=((cabinet(gateway.place), "programme_version", float(version)),))

    # What happens to the gateways.

    def turn(self, gateway: Gateway, *, online: bool) -> None:
        """Cut a gateway off, or let it come back: it takes what waits for it, then reports everything."""
        if gateway.online == online:
            return
        gateway.online = online
        self._note("link", gateway.name, online)
        now_us = self._clock.now_us()
        word = UpMessage(gateway.name, now_us + gateway.skew_us, online=online)
        # The status has a topic of its own, on which nothing is overtaken.
        self._land(0.3, lambda: self._arrive(word))
        if online:
            self._travel(lambda: self._come_back(gateway))

    def _come_back(self, gateway: Gateway) -> None:
        self._deliver(gateway)
        self.report_all(gateway)

    def follow_programmes(self) -> None:
        """Let every light go where its programme is now, and say so when that has changed."""
        for gateway, urns in self._follow_programmes():
            self.report(gateway, urns)

    def _follow_programmes(self) -> list[tuple[Gateway, list[str]]]:
        now, turned = self._clock.now(), []
        for gateway in self.gateways.values():
            level = programme_level(gateway.version, now)
            moved = [lamp for lamp in gateway.lamps.values() if not lamp.control and lamp.level_pct != level]
            for lamp in moved:
                lamp.level_pct = level
            turned.append((gateway, [lamp.urn for lamp in moved]))
        return [(gateway, urns) for gateway, urns in turned if urns]


class Driver:
    """The kernel's FieldDriver of one process, over the broker; what was not committed comes again."""

    def __init__(self, city: City, around: Field, clock: VirtualClock, rhythm: Rhythm) -> None:
        self._city = city
        self._field = around
        self._clock = clock
        self._rhythm = rhythm

    async def run(self, sink: Sink) -> None:
        """Take in a few messages at a time; the broker tells again, at the start, who is there."""
        now_us = self._clock.now_us()
        known = [UpMessage(one.name, now_us, online=one.online) for one in self._field.gateways.values()]
        await sink(self._intake(known))
        while True:
            while self._field.cut or not self._field.queue:
                self._field.arrived.clear()
                await self._field.arrived.wait()
            taken = [self._field.queue[place] for place in range(min(MOST_IN_ONE, len(self._field.queue)))]
            await self._rhythm.step()
            self._field.watcher.offer(taken)
            await sink(self._intake(taken))
            self._field.watcher.hear(taken)
            await self._rhythm.step()
            for _ in taken:
                self._field.queue.popleft()

    async def send(self, orders: Sequence[FieldOrder]) -> Sequence[bool]:
        await self._rhythm.step()
        taken = [self._field.take(order) for order in orders]
        await self._rhythm.step()
        return taken

    async def store_programmes(self, programmes: Sequence[StoredProgramme]) -> None:
        await self._rhythm.step()
        for programme in programmes:
            self._field.store(programme)

    def map_letters(self, dead_letters: Sequence[DeadLetter]) -> Intake:
        return Intake([], [], [], dead_letters, None, len(dead_letters), 0)

    def _intake(self, messages: Sequence[UpMessage]) -> Intake:
        batches = [batch for message in messages for batch in self._batches(message)]
        words = [
            Acknowledgement(one.word[0], one.gateway, one.word[1], "", None, ())  # type: ignore[arg-type]
            for one in messages
            if one.word is not None
        ]
        presences = [Presence(one.gateway, one.online) for one in messages if one.online is not None]
        return Intake(batches, words, presences, [], None, len(messages), 0)

    def _batches(self, message: UpMessage) -> list[ReadingBatch]:
        of_type: dict[str, list[tuple[int, int, float]]] = {}
        for urn, key, value in message.readings:
            twins, row = self._city.get_twin(urn)
            index = self._city.columns[twins.twin_type].property_index[key]
            of_type.setdefault(twins.twin_type, []).append((row, index, value))
        return [
            ReadingBatch(
                twin_type,
                np.array([row for row, _, _ in found], np.int32),
                np.array([index for _, index, _ in found], np.int16),
                np.array([value for _, _, value in found], np.float64),
                np.full(len(found), message.observed_us, np.int64),
                np.full(len(found), self._clock.now_us(), np.int64),
                np.zeros(len(found), np.uint8),
            )
            for twin_type, found in of_type.items()
        ]
