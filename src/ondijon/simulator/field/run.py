"""The field's process: one connection per gateway, one tick for all, orders and figures while it runs."""

import asyncio
import logging
import time
from pathlib import Path

import numpy as np
from msgspec import Struct

from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import OndijonError, Refused
from ondijon.simulator.field import orders
from ondijon.simulator.field.city import City
from ondijon.simulator.field.faults import FAULT_CLASSES
from ondijon.simulator.field.gateway import DOWN, UP
from ondijon.simulator.field.link import Door, Link
from ondijon.simulator.field.plan import FieldOptions, FieldPlan, GatewaySpec
from ondijon.simulator.field.truth import Truth

REPORTS_BEFORE_YIELD = 10
WILL = b'{"online": false}'

log = logging.getLogger(__name__)


class Metrics(Struct, frozen=True):
    """What the field is doing; counters run since its start, rates since the last snapshot."""

    gateways: int
    lights: int
    connected: int
    deaf: int
    connections: int
    packs: int
    readings: int
    readings_per_s: float
    commands: int
    repeated: int
    expired: int
    unreadable: int
    dropped: int
    in_flight: int
    waiting: int
    faults: int
    longest_tick_ms: float


class FieldRunner:
    """Runs a field; `obey` and `metrics` may be called while `run` is under way."""

    def __init__(
        self,
        plan: FieldPlan,
        *,
        mqtt: tuple[str, int],
        clock: Clock,
        seed: int,
        state_folder: Path,
        truth: Truth,
        options: FieldOptions,
        crews: asyncio.Queue[orders.Refit] | None = None,
    ) -> None:
        self._options = options
        self._crews = crews
        self._clock = clock
        self._truth = truth
        rng = np.random.default_rng((seed, 1))
        door = Door(
            *mqtt,
            keepalive_s=options.keepalive_s,
            retry_min_s=options.reconnect_min_wall_s,
            retry_max_s=options.reconnect_max_wall_s,
            packs_kept=options.packs_kept_offline,
            packs_in_flight=options.packs_in_flight,
        )
        self._links = [_gateway_link(door, spec, rng) for spec in plan.gateways]
        self._control = _control_link(door, options, rng)
        self._city = City(
            plan, self._links, clock=clock, seed=seed, state_folder=state_folder, truth=truth, options=options
        )
        for g, link in enumerate(self._links):
            link.on_message = self._city.gateways[g].hear
            link.on_up = _Greeting(self._city, g)
        if self._control is not None:
            self._control.on_message = self._take_order
        self._longest_tick_s = 0.0
        self._last_metrics = (time.monotonic(), 0)

    async def run(self) -> None:
        """Live until cancelled; then say goodbye on every connection."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._tick_forever())
                tasks.create_task(self._print_metrics())
                if self._crews is not None:
                    tasks.create_task(self._follow_crews(self._crews))
                if self._control is not None:
                    tasks.create_task(self._control.stay_connected())
                pause_s = self._options.connect_within_wall_s / max(1, len(self._links))
                for place, link in enumerate(self._links):
                    tasks.create_task(_connect_later(link, place * pause_s))
        finally:
            await self._leave()

    async def _leave(self) -> None:
        for link, gateway in zip(self._links, self._city.gateways, strict=True):
            if link.connected:
                gateway.say_goodbye()
        links = [*self._links, self._control] if self._control is not None else self._links
        await asyncio.gather(*(link.leave() for link in links))

    async def _tick_forever(self) -> None:
        tick_s = self._options.tick_wall_s
        next_s = time.monotonic()
        while True:
            started_s = time.monotonic()
            self.advance()
            self._longest_tick_s = max(self._longest_tick_s, time.monotonic() - started_s)
            await self._report_due()
            next_s = max(next_s + tick_s, time.monotonic())
            await asyncio.sleep(next_s - time.monotonic())

    def advance(self) -> None:
        self._city.advance(self._clock.now_us() / 1e6)

    async def _report_due(self) -> None:
        city = self._city
        for place, (g, lights) in enumerate(city.due(self._clock.now_us() / 1e6, time.monotonic())):
            city.gateways[g].report(full=lights is None, at=lights)
            if place % REPORTS_BEFORE_YIELD == REPORTS_BEFORE_YIELD - 1:
                await asyncio.sleep(0)

    async def _follow_crews(self, crews: asyncio.Queue[orders.Refit]) -> None:
        while True:
            self.obey(await crews.get())

    async def _print_metrics(self) -> None:
        while True:
            await asyncio.sleep(self._options.metrics_every_wall_s)
            log.info("field %s", self.metrics())

    def metrics(self) -> Metrics:
        """A snapshot; it also begins the next span for the rates."""
        counts = self._city.shared.counts
        now_s, (since_s, readings) = time.monotonic(), self._last_metrics
        snapshot = Metrics(
            gateways=len(self._links),
            lights=len(self._city.shared.devices),
            connected=sum(link.connected for link in self._links),
            deaf=sum(link.deaf for link in self._links),
            connections=sum(link.connections for link in self._links),
            packs=counts.packs,
            readings=counts.readings,
            readings_per_s=round((counts.readings - readings) / max(now_s - since_s, 1e-3), 1),
            commands=counts.commands,
            repeated=counts.repeated,
            expired=counts.expired,
            unreadable=counts.unreadable,
            dropped=sum(link.dropped for link in self._links),
            in_flight=sum(link.in_flight for link in self._links),
            waiting=sum(link.waiting for link in self._links),
            faults=len(self._truth.active),
            longest_tick_ms=round(self._longest_tick_s * 1e3, 1),
        )
        self._last_metrics = (now_s, counts.readings)
        self._longest_tick_s = 0.0
        return snapshot

    def _take_order(self, topic: str, payload: bytes) -> None:
        try:
            self.obey(orders.read_order(payload))
        except OndijonError as refusal:
            log.warning("order refused: %s", refusal)

    def obey(self, order: orders.Order) -> None:
        """Carry out an order; raises NotFound or Refused."""
        now_s = self._clock.now_us() / 1e6
        faults = self._city.faults
        match order:
            case orders.Storm():
                self._storm(order, now_s)
            case orders.BreakIt():
                for index in self._targets(order):
                    faults.break_it(order.kind, index, now_s, "order", amount=order.amount, heals_after_s=order.for_s)
            case orders.Heal():
                faults.heal(now_s, target=order.device or order.gateway, kind=order.kind)
            case orders.Offline():
                for index in faults.get_indices("gateway_loss", order.gateway):
                    faults.break_it("gateway_loss", index, now_s, "order", heals_after_s=order.for_s)
            case orders.Cadence():
                self._city.rota.set_cadence(order.every_s, now_s, time.monotonic())
            case orders.Refit():
                self._city.refit(order.powers_w)
            case orders.Report():
                self._city.rota.expect_all(now_s, time.monotonic())
        log.info("order done: %.200s", order)

    def _targets(self, order: orders.BreakIt) -> list[int]:
        faults = self._city.faults
        if order.feeder is None and order.uplink is None:
            return faults.get_indices(order.kind, order.device or order.gateway or "")
        if FAULT_CLASSES[order.kind].of_light:
            raise Refused("error.unknown_fault", kind=order.kind)
        return faults.on_trunk(order.feeder, order.uplink)

    def _storm(self, order: orders.Storm, now_s: float) -> None:
        faults = self._city.faults
        centre = None if order.gateway is None else faults.get_indices("gateway_loss", order.gateway)[0]
        if order.scattered:
            indices = faults.scattered(order.kind, order.count)
        elif FAULT_CLASSES[order.kind].of_light:
            indices = faults.lights_around(order.count, centre, by_feeder=order.by_feeder)
        else:
            indices = faults.gateways_around(order.count, centre)
        faults.storm(order.kind, indices, now_s, order.within_s, amount=order.amount, heals_after_s=order.for_s)


class _Greeting:
    """What happens when a gateway's connection is up."""

    def __init__(self, city: City, g: int) -> None:
        self._city = city
        self._g = g

    def __call__(self) -> None:
        self._city.greet(self._g, time.monotonic())


def _gateway_link(door: Door, spec: GatewaySpec, rng: np.random.Generator) -> Link:
    return Link(
        door,
        spec.gateway,
        spec.secret,
        will=(f"{UP}{spec.gateway}/status", WILL),
        subscribe=f"{DOWN}{spec.gateway}/#",
        rng=rng,
    )


def _control_link(door: Door, options: FieldOptions, rng: np.random.Generator) -> Link | None:
    if options.control_user is None:
        return None
    # A clean session: orders given while the field was down must not strike when it returns.
    return Link(
        door,
        options.control_user,
        options.control_secret,
        will=None,
        subscribe=options.control_topic,
        rng=rng,
        clean=True,
    )


async def _connect_later(link: Link, wait_s: float) -> None:
    await asyncio.sleep(wait_s)
    await link.stay_connected()


async def run_field(
    plan: FieldPlan,
    *,
    mqtt: tuple[str, int],
    clock: Clock,
    seed: int,
    state_folder: Path,
    truth_file: Path,
    options: FieldOptions,
    crews: asyncio.Queue[orders.Refit] | None = None,
) -> None:
    """Run the whole field until cancelled; `crews` tell what they put up."""
    with Truth(truth_file) as truth:
        runner = FieldRunner(
            plan,
            mqtt=mqtt,
            clock=clock,
            seed=seed,
            state_folder=state_folder,
            truth=truth,
            options=options,
            crews=crews,
        )
        del plan  # tens of thousands of records that the columns have replaced
        await runner.run()
