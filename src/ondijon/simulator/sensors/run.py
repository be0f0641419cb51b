"""The counters' process: one connection each, a report a minute of the flow of the last quarter of an hour."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from msgspec import Struct

from ondijon.kernel.clock import Clock
from ondijon.kernel.geo import LocalMetres
from ondijon.simulator.field.gateway import DOWN, UP
from ondijon.simulator.field.link import Door, Link
from ondijon.simulator.field.plan import FieldOptions
from ondijon.simulator.field.senml import Record, encode_json
from ondijon.simulator.year.counters import QUARTER_MIN, Counters
from ondijon.simulator.year.demand import Demand, kind_of_day

MINUTE_US = 60_000_000
MOST_MISSED = QUARTER_MIN  # minutes that are made up for after a pause: what a counter still remembers
LOOK_EVERY_S = 0.5
WILL = b'{"online": false}'
NOON_MIN = 720


class CounterSpec(Struct, frozen=True):
    """A counter; `gateway` is its MQTT user name and the name of its twin; users of a usual day."""

    gateway: str
    secret: str
    lon: float
    lat: float
    vehicles_per_day: float
    people_per_day: float


class SensorField:
    """All counters (at least one) and the traffic they count, minute by minute; knows no connection."""

    def __init__(self, specs: Sequence[CounterSpec], timezone: str, seed: int) -> None:
        self._zone = ZoneInfo(timezone)
        self._names = [spec.gateway for spec in specs]
        places = np.array([(spec.lon, spec.lat) for spec in specs], np.float64).reshape(-1, 2)
        frame = LocalMetres(*places.mean(axis=0))
        x_m, y_m = frame.to_metres(places).T
        vehicles = np.array([spec.vehicles_per_day for spec in specs], np.float64)
        people = np.array([spec.people_per_day for spec in specs], np.float64)
        self._demand = Demand(vehicles, people, x_m, y_m, seed)
        self.counters = Counters(len(specs), np.random.default_rng((seed, 11)))
        self._minute = -1
        self._night = -1

    def advance(self, now_us: int) -> bool:
        """Count every minute that passed; whether there is one to report."""
        minute = now_us // MINUTE_US
        if minute <= self._minute:
            return False
        first = minute - MOST_MISSED if self._minute < 0 else max(self._minute + 1, minute - MOST_MISSED)
        for at in range(first, minute + 1):
            self._count(at)
        self._minute = minute
        return True

    def _count(self, minute: int) -> None:
        local = datetime.fromtimestamp(minute * 60, UTC).astimezone(self._zone)
        of_day = local.hour * 60 + local.minute
        after_noon_min = (of_day - NOON_MIN) % 1_440
        night = (local.timetuple().tm_yday - (of_day < NOON_MIN)) % 365
        if night != self._night:
            self._night = night
            self._demand.begin_night(night)
        counted = self._demand.draw(night, kind_of_day(local.weekday()), of_day, after_noon_min)
        self.counters.take(counted, minute * MINUTE_US)

    def reports(self) -> list[tuple[int, bytes]]:
        """(place, pack) of each counter that is not silent now."""
        counters = self.counters
        speaking = np.flatnonzero(counters.observed_us == self._minute * MINUTE_US).tolist()
        vehicles, people = counters.flow.tolist()
        warmth, at_s = counters.temperature_c.tolist(), self._minute * 60.0
        return [
            (place, _pack(self._names[place], at_s, vehicles[place], people[place], warmth[place]))
            for place in speaking
        ]


def _pack(name: str, at_s: float, vehicles_per_h: float, people_per_h: float, temperature_c: float) -> bytes:
    return encode_json(
        [
            Record(bn=f"{name}/", bt=at_s, n="vehicles", v=vehicles_per_h),
            Record(n="pedestrians", v=people_per_h),
            Record(n="temperature", v=temperature_c),
        ]
    )


class _Greeting:
    """A counter says that it is there, and hears nothing."""

    def __init__(self, link: Link, spec: CounterSpec, clock: Clock) -> None:
        self._link, self._spec, self._clock = link, spec, clock

    def __call__(self) -> None:
        status = {"online": True, "boot": 1, "at": self._clock.now_us() / 1e6}
        self._link.send_first(f"{UP}{self._spec.gateway}/status", msgspec.json.encode(status), retain=True)


def _link(door: Door, spec: CounterSpec, rng: np.random.Generator, clock: Clock) -> Link:
    will = (f"{UP}{spec.gateway}/status", WILL)
    link = Link(door, spec.gateway, spec.secret, will=will, subscribe=f"{DOWN}{spec.gateway}/#", rng=rng)
    link.on_up = _Greeting(link, spec, clock)
    return link


async def run_sensors(
    specs: Sequence[CounterSpec],
    *,
    mqtt: tuple[str, int],
    clock: Clock,
    timezone: str,
    seed: int,
    options: FieldOptions,
) -> None:
    """Run every counter until cancelled."""
    field, rng = SensorField(specs, timezone, seed), np.random.default_rng((seed, 12))
    door = Door(
        *mqtt,
        keepalive_s=options.keepalive_s,
        retry_min_s=options.reconnect_min_wall_s,
        retry_max_s=options.reconnect_max_wall_s,
        packs_kept=options.packs_kept_offline,
        packs_in_flight=options.packs_in_flight,
    )
    links = [_link(door, spec, rng, clock) for spec in specs]
    try:
        async with asyncio.TaskGroup() as tasks:
            for place, link in enumerate(links):
                tasks.create_task(_stay(link, place * options.connect_within_wall_s / len(links)))
            tasks.create_task(_report_forever(field, links, specs, clock))
    finally:
        await asyncio.gather(*(link.leave() for link in links))


async def _stay(link: Link, wait_s: float) -> None:
    await asyncio.sleep(wait_s)
    await link.stay_connected()


async def _report_forever(
    field: SensorField, links: Sequence[Link], specs: Sequence[CounterSpec], clock: Clock
) -> None:
    while True:
        if field.advance(clock.now_us()):
            for place, pack in field.reports():
                links[place].send(f"{UP}{specs[place].gateway}/telemetry", pack, droppable=True)
        await asyncio.sleep(LOOK_EVERY_S)
