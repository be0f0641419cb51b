"""The driver against a real broker: nothing is acknowledged before the sink, nothing is lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from ondijon.drivers.mqtt.connection import Broker, IngestLimits, MqttDriver
from ondijon.drivers.mqtt.protocol import senml, topics
from ondijon.drivers.mqtt.protocol.senml import Record
from ondijon.drivers.mqtt.tests.a_broker import WAIT_S, HandMadeDevice, LocalBroker
from ondijon.drivers.mqtt.tests.a_city import SetClock, box, lamp, make_city
from ondijon.kernel.errors import EngineAway, FieldFault
from ondijon.kernel.field import DeviceOrder, FieldOrder, Intake, Sink, StoredProgramme

pytestmark = pytest.mark.engines
COMMAND = UUID("01890000-0000-7000-8000-000000000001")
GW = box(0)
UP = topics.up(GW, "telemetry")


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[LocalBroker]:
    local = LocalBroker(tmp_path)
    await local.start()
    yield local
    await local.kill()


def make_driver(broker: LocalBroker, limits: IngestLimits | None = None) -> MqttDriver:
    return MqttDriver(make_city(), SetClock(), Broker("127.0.0.1", broker.mqtt_port, "post"), limits=limits)


@asynccontextmanager
async def running(driver: MqttDriver, sink: Sink) -> AsyncIterator[None]:
    task = asyncio.create_task(driver.run(sink))
    try:
        await until(lambda: driver.counters.connected)
        yield
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool]) -> None:
    """Let the loop turn until something holds."""
    async with asyncio.timeout(WAIT_S):
        while not true():
            await asyncio.sleep(0.005)


def pack(number: int) -> bytes:
    return senml.encode_json([Record(n="seq", v=float(number)), Record(n=f"{lamp(0)}/power", v=float(number))])


def collector() -> tuple[list[float], Sink]:
    """A sink that keeps the values, each in its turn."""
    values: list[float] = []

    async def sink(intake: Intake) -> None:
        if intake.is_early:
            return
        for batch in intake.batches:
            values.extend(batch.value.tolist())

    return values, sink


async def sink_that_hangs(intake: Intake) -> None:
    await asyncio.Event().wait()


def order(seconds: float = 60.0) -> FieldOrder:
    wanted = [DeviceOrder(lamp(0), "lamp", {"level_pct": 60.0, "control": 1.0})]
    return FieldOrder(COMMAND, GW, SetClock().now() + timedelta(seconds=seconds), wanted)


async def test_what_was_not_committed_is_delivered_again_after_a_restart(broker: LocalBroker) -> None:
    device = await HandMadeDevice.connect(broker.mqtt_port, GW)
    dying = make_driver(broker)
    async with running(dying, sink_that_hangs):
        for number in (1, 2, 3):
            await device.publish(UP, pack(number))
        await until(lambda: dying.counters.held_messages == 3)
    await device.publish(UP, pack(4))
    values, sink = collector()
    reborn = make_driver(broker)
    async with running(reborn, sink):
        await until(lambda: len(values) >= 4)
    assert sorted(values) == [1.0, 2.0, 3.0, 4.0]
    await device.close()


async def test_what_was_committed_is_not_delivered_again(broker: LocalBroker) -> None:
    device = await HandMadeDevice.connect(broker.mqtt_port, GW)
    values, sink = collector()
    first = make_driver(broker)
    async with running(first, sink):
        await device.publish(UP, pack(1))
        await until(lambda: first.counters.messages == 1)
        # Our PUBACK left before this order; when the broker has the order, it has the PUBACK too.
        assert await first.send([order()]) == [True]
    second = make_driver(broker)
    async with running(second, sink):
        await device.publish(UP, pack(2))
        await until(lambda: second.counters.messages == 1)
    assert values == [1.0, 2.0]
    assert second.counters.duplicates == 0
    await device.close()


async def test_the_broker_gets_no_puback_before_the_sink_returns(tmp_path: Path) -> None:
    strict = LocalBroker(tmp_path, max_ack_pending=1)
    await strict.start()
    device = await HandMadeDevice.connect(strict.mqtt_port, GW)
    values, collect = collector()
    may_commit = asyncio.Event()

    async def sink(intake: Intake) -> None:
        await may_commit.wait()
        await collect(intake)

    driver = make_driver(strict)
    async with running(driver, sink):
        await device.publish(UP, pack(1))
        await device.publish(UP, pack(2))
        await until(lambda: driver.counters.held_messages == 1)
        # The broker repeats the first after its ack_wait, but never sends the second: the first has no PUBACK.
        await until(lambda: driver.counters.redelivered == 1)
        assert driver.counters.held_messages == 1
        may_commit.set()
        await until(lambda: driver.counters.messages == 2)
    assert values == [1.0, 2.0]
    await device.close()
    await strict.kill()


async def test_an_order_reaches_a_gateway_that_was_offline(broker: LocalBroker) -> None:
    device = await HandMadeDevice.connect(broker.mqtt_port, GW)
    await device.subscribe(f"ondijon/1/down/{GW}/#")
    await device.close()
    driver = make_driver(broker)
    async with running(driver, sink_that_hangs):
        assert await driver.send([order()]) == [True]
    device = await HandMadeDevice.connect(broker.mqtt_port, GW)
    topic, payload = await device.receive()
    assert topic == topics.down(GW, "command")
    assert json.loads(payload)["id"] == str(COMMAND)
    await device.close()


async def test_many_orders_are_sent_and_a_bad_one_fails_alone(broker: LocalBroker) -> None:
    bad = FieldOrder(COMMAND, GW, order().expires_at, [DeviceOrder(lamp(0), "lamp", {"no_such": 1.0})])
    driver = make_driver(broker)
    async with running(driver, sink_that_hangs):
        outcomes = await driver.send([order()] * 100 + [bad] + [order()] * 100)
    assert outcomes == [True] * 100 + [False] + [True] * 100


async def test_without_a_broker_an_order_is_not_sent(broker: LocalBroker) -> None:
    driver = make_driver(broker, IngestLimits(send_timeout_s=0.05))
    assert await driver.send([order()]) == [False]
    with pytest.raises(FieldFault):
        await driver.store_programmes([StoredProgramme(GW, 1, {})])


async def test_a_programme_waits_for_its_gateway(broker: LocalBroker) -> None:
    driver = make_driver(broker)
    async with running(driver, sink_that_hangs):
        await driver.store_programmes([StoredProgramme(GW, 12, {"a": 1}), StoredProgramme(GW, 13, {"a": 2})])
    device = await HandMadeDevice.connect(broker.mqtt_port, GW)
    await device.subscribe(f"ondijon/1/down/{GW}/#")
    topic, payload = await device.receive()
    assert topic == topics.down(GW, "programme")
    assert json.loads(payload) == {"version": 13, "content": {"a": 2}}
    await device.close()


@pytest.mark.parametrize("error", [EngineAway("error.database_away"), ZeroDivisionError()])
async def test_a_sink_that_fails_is_tried_again(broker: LocalBroker, error: Exception) -> None:
    device = await HandMadeDevice.connect(broker.mqtt_port, GW)
    values, collect = collector()
    driver = make_driver(broker, IngestLimits(shortest_back_off_s=0.01))

    async def sink(intake: Intake) -> None:
        if driver.counters.sink_failures < 3:
            raise error
        await collect(intake)

    async with running(driver, sink):
        await device.publish(UP, pack(1))
        await until(lambda: driver.counters.messages == 1)
    assert values == [1.0]
    assert driver.counters.sink_failures == 3
    await device.close()


async def test_a_killed_broker_costs_nothing(broker: LocalBroker) -> None:
    device = await HandMadeDevice.connect(broker.mqtt_port, GW)
    values, sink = collector()
    driver = make_driver(broker)
    async with running(driver, sink):
        await device.publish(UP, pack(1))
        await until(lambda: driver.counters.messages == 1)
        await device.close()
        await broker.kill()
        await until(lambda: not driver.counters.connected)
        await broker.start()
        await until(lambda: driver.counters.connected)
        device = await HandMadeDevice.connect(broker.mqtt_port, GW)
        await device.publish(UP, pack(2))
        await until(lambda: 2.0 in values)
    assert sorted(values) == [1.0, 2.0]
    await device.close()


async def test_a_full_inbox_stops_reading_and_goes_on(broker: LocalBroker) -> None:
    device = await HandMadeDevice.connect(broker.mqtt_port, GW)
    values, collect = collector()
    may_commit = asyncio.Event()

    async def sink(intake: Intake) -> None:
        await may_commit.wait()
        await collect(intake)

    driver = make_driver(broker, IngestLimits(chunk_messages=2, held_messages=10))
    async with running(driver, sink):
        for number in range(1, 201):
            await device.publish(UP, pack(number))
        await until(lambda: driver.counters.held_messages > 10)
        assert driver.counters.held_messages < 200
        may_commit.set()
        await until(lambda: len(values) == 200)
    assert values == [float(number) for number in range(1, 201)]
    await device.close()


async def test_while_much_waits_what_is_said_now_goes_past_it_and_comes_again_in_its_turn(broker: LocalBroker) -> None:
    device = await HandMadeDevice.connect(broker.mqtt_port, GW)
    values, collect = collector()
    early: list[float] = []
    may_commit = asyncio.Event()

    async def sink(intake: Intake) -> None:
        if intake.is_early:
            assert intake.cursor is None
            early.extend(value for batch in intake.batches for value in batch.value.tolist())
            return
        await may_commit.wait()
        await collect(intake)

    driver = make_driver(broker, IngestLimits(chunk_messages=4, behind_messages=8))
    async with running(driver, sink):
        number = 0
        while not early:
            number += 1
            await device.publish(UP, pack(number))
            await asyncio.sleep(0.005)
        may_commit.set()
        await until(lambda: len(values) == number)
    assert values == [float(one) for one in range(1, number + 1)]
    assert set(early) <= set(values)
    await device.close()


async def test_an_early_intake_is_not_given_up_half_way_when_its_line_closes(broker: LocalBroker) -> None:
    device = await HandMadeDevice.connect(broker.mqtt_port, GW)
    begun, ended = [], []
    may_end = asyncio.Event()

    async def sink(intake: Intake) -> None:
        if intake.is_early:
            begun.append(intake)
            await may_end.wait()
            ended.append(intake)

    async with running(make_driver(broker), sink):
        number = 0
        while not begun:
            number += 1
            await device.publish(UP, pack(number))
            await asyncio.sleep(0.005)
    may_end.set()
    await until(lambda: len(ended) == len(begun) == 1)
    await device.close()


async def test_a_second_run_takes_up_where_the_first_had_committed(broker: LocalBroker) -> None:
    device = await HandMadeDevice.connect(broker.mqtt_port, GW)
    values, sink = collector()
    driver = make_driver(broker)
    async with running(driver, sink_that_hangs):
        await device.publish(UP, pack(1))
        await until(lambda: driver.counters.held_messages == 1)
    async with running(driver, sink):
        await until(lambda: len(values) == 1)
    assert (values, driver.counters.duplicates) == ([1.0], 0)
    await device.close()
