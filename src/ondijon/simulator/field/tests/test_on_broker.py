"""The field on a real broker, with a foreign MQTT client in the place of the post."""

import asyncio
import contextlib
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import msgspec
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from ondijon.simulator.field.clocks import SpeedClock
from ondijon.simulator.field.run import FieldRunner, run_field
from ondijon.simulator.field.senml import decode_json, resolve
from ondijon.simulator.field.tests.small_city import CALM, EVENING, small_plan
from ondijon.simulator.field.truth import Truth

pytestmark = pytest.mark.engines

OPTIONS = msgspec.structs.replace(
    CALM,
    connect_within_wall_s=0.1,
    tick_wall_s=0.1,
    reconnect_min_wall_s=0.05,
    reconnect_max_wall_s=0.3,
    control_user="sim",
    control_secret="sim-secret",
)
PATIENCE_S = 20.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Broker:
    """A nats-server with MQTT in which each gateway may use only its own topics."""

    def __init__(self, folder: Path) -> None:
        self.mqtt_port = free_port()
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        users = "\n".join(
            f'{{user: "{gateway}", password: "{secret}", permissions: {{'
            f'publish: ["ondijon.1.up.{gateway}.>", "$MQTT.>"], '
            f'subscribe: ["ondijon.1.down.{gateway}", "ondijon.1.down.{gateway}.>", "$MQTT.>"]}}}}'
            for gateway, secret in (("CAB-0", "secret-0"), ("CAB-1", "secret-1"))
        )
        (folder / "broker.conf").write_text(
            f"""
            server_name: field_test
            listen: "127.0.0.1:{free_port()}"
            jetstream {{ store_dir: "{folder / "jetstream"}" }}
            mqtt {{ listen: "127.0.0.1:{self.mqtt_port}" }}
            authorization {{ users: [
              {users}
              {{user: "post", password: "post-secret"}}
              {{user: "sim", password: "sim-secret", permissions: {{subscribe: ["sim.1.control", "$MQTT.>"]}}}}
            ] }}
            """
        )

    async def start(self) -> None:
        program = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
        assert program is not None
        with (self._folder / "broker.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                program, "-c", str(self._folder / "broker.conf"), stdout=log, stderr=log
            )
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.mqtt_port)
                    writer.close()
                    await writer.wait_closed()
                    return
                await asyncio.sleep(0.02)

    async def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            await self._process.wait()
            self._process = None


class Post:
    """What the post would see and say, through another client library."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[float, str, bytes]] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id="post", clean_session=False)
        self._client.username_pw_set("post", "post-secret")
        self._client.reconnect_delay_set(1, 1)
        self._client.on_message = self._hear
        self._client.on_connect = self._listen
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _listen(self, client: paho.Client, *_: object) -> None:
        client.subscribe("ondijon/1/up/#", qos=1)

    def _hear(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        self.heard.append((time.monotonic(), message.topic, bytes(message.payload)))

    def say(self, topic: str, content: object, *, retain: bool = False) -> None:
        self._client.publish(topic, msgspec.json.encode(content), qos=1, retain=retain)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def plain(self, ending: str) -> list[dict[str, Any]]:
        return [msgspec.json.decode(payload) for _, topic, payload in list(self.heard) if topic.endswith(ending)]

    def has_lost(self, gateway: str) -> bool:
        statuses = self.plain(f"{gateway}/status")
        return bool(statuses) and not statuses[-1]["online"]

    def levels(self, device: str) -> list[tuple[float, float]]:
        """(when heard, level) of one light."""
        found = []
        for at_s, topic, payload in list(self.heard):
            if topic.endswith("telemetry"):
                for record in resolve(decode_json(payload), 0.0):
                    if record.name == f"{device}/level" and isinstance(record.value, float):
                        found.append((at_s, record.value))
        return found

    def sequences(self, gateway: str) -> list[int]:
        return [
            int(decode_json(payload)[0].v or 0)
            for _, topic, payload in list(self.heard)
            if topic == f"ondijon/1/up/{gateway}/telemetry"
        ]


async def until(seen: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not seen():
            await asyncio.sleep(0.02)


async def order(post: Post, content: Mapping[str, object], done: Callable[[], object]) -> None:
    """Give an order until it is done: one that comes before the field listens is lost on purpose."""
    async with asyncio.timeout(PATIENCE_S):
        while not done():
            post.say("sim/1/control", content)
            await asyncio.sleep(0.3)


@contextlib.asynccontextmanager
async def living(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Broker(tmp_path)
    await broker.start()
    yield broker
    await broker.kill()


@pytest.fixture
async def post(broker: Broker) -> AsyncIterator[Post]:
    post = Post(broker.mqtt_port)
    yield post
    post.close()


def field_on(broker: Broker, folder: Path) -> Coroutine[Any, Any, None]:
    return run_field(
        small_plan(),
        mqtt=("127.0.0.1", broker.mqtt_port),
        clock=SpeedClock(EVENING),
        seed=7,
        state_folder=folder / "state",
        truth_file=folder / "truth.jsonl",
        options=OPTIONS,
    )


async def test_a_command_dims_a_light_and_its_readings_show_the_ramp(
    broker: Broker, post: Post, tmp_path: Path
) -> None:
    async with living(field_on(broker, tmp_path)):
        await until(lambda: post.levels("SL-0-0") and post.levels("SL-1-5"))
        assert [status["online"] for status in post.plain("status")] == [True, True]
        assert [word["version"] for word in post.plain("programme")] == [0, 0]
        expires_s = SpeedClock(EVENING).now_us() / 1e6 + 60.0
        said_s = time.monotonic()
        post.say(
            "ondijon/1/down/CAB-0/command",
            {"id": "c1", "exp": expires_s, "pack": [{"n": "SL-0-0/level", "v": 0.2}]},
        )
        await until(lambda: post.levels("SL-0-0")[-1][1] == 0.2)
        ramp = [(at_s - said_s, level) for at_s, level in post.levels("SL-0-0") if at_s > said_s]
    assert [ack["status"] for ack in post.plain("ack")] == ["accepted"]
    assert any(0.2 < level < 1.0 for _, level in ramp)
    assert 3.2 < ramp[-1][0] < 8.0
    await until(lambda: len(post.plain("status")) == 4)
    assert [status["online"] for status in post.plain("status")[2:]] == [False, False]


async def test_nothing_is_lost_when_the_broker_dies_and_returns(broker: Broker, post: Post, tmp_path: Path) -> None:
    async with living(field_on(broker, tmp_path)):
        await until(lambda: post.levels("SL-0-0") and post.levels("SL-1-0"))
        often = {"order": "cadence", "every_s": 0.2}
        await order(post, often, lambda: len(post.sequences("CAB-0")) > 4)
        await broker.kill()
        await asyncio.sleep(1.0)
        before = max(post.sequences("CAB-0"))
        await broker.start()
        await until(lambda: max(post.sequences("CAB-0")) > before + 6)
        numbers = set(post.sequences("CAB-0"))
    assert set(range(1, before + 6)) <= numbers


async def test_a_lost_gateway_leaves_its_last_will_and_comes_back_when_healed(
    broker: Broker, post: Post, tmp_path: Path
) -> None:
    async with living(field_on(broker, tmp_path)):
        await until(lambda: post.levels("SL-0-0"))
        await order(post, {"order": "offline", "gateway": "CAB-0"}, lambda: post.has_lost("CAB-0"))
        post.say(
            "ondijon/1/down/CAB-0/command",
            {"id": "c1", "exp": EVENING.timestamp() + 600.0, "pack": [{"n": "SL-0-0/level", "v": 0.3}]},
        )
        await order(post, {"order": "heal", "gateway": "CAB-0"}, lambda: not post.has_lost("CAB-0"))
        # What was said while it was away waited in its persistent session.
        await until(lambda: post.levels("SL-0-0")[-1][1] == 0.3)


async def test_a_stored_programme_comes_with_the_next_connection(broker: Broker, post: Post, tmp_path: Path) -> None:
    content = small_plan().programme
    post.say("ondijon/1/down/CAB-1/programme", {"version": 5, "content": content}, retain=True)
    async with living(field_on(broker, tmp_path)):
        await until(lambda: 5 in [word["version"] for word in post.plain("CAB-1/programme")])


async def test_the_runner_tells_its_figures(broker: Broker, post: Post, tmp_path: Path) -> None:
    with Truth(tmp_path / "truth.jsonl") as truth:
        runner = FieldRunner(
            small_plan(),
            mqtt=("127.0.0.1", broker.mqtt_port),
            clock=SpeedClock(EVENING),
            seed=7,
            state_folder=tmp_path / "state",
            truth=truth,
            options=OPTIONS,
        )
        async with living(runner.run()):
            await until(lambda: post.levels("SL-0-0"))
            out = {"order": "fault", "kind": "lamp_out", "device": "SL-0-3"}
            await order(post, out, lambda: runner.metrics().faults == 1)
            figures = runner.metrics()
    assert (figures.gateways, figures.lights, figures.connected) == (2, 12, 2)
    assert figures.readings > 0


async def test_a_wrong_secret_keeps_one_gateway_out_and_no_other(broker: Broker, post: Post, tmp_path: Path) -> None:
    plan = small_plan()
    stranger = msgspec.structs.replace(plan.gateways[0], secret="guessed")
    with Truth(tmp_path / "truth.jsonl") as truth:
        runner = FieldRunner(
            msgspec.structs.replace(plan, gateways=(stranger, plan.gateways[1])),
            mqtt=("127.0.0.1", broker.mqtt_port),
            clock=SpeedClock(EVENING),
            seed=7,
            state_folder=tmp_path / "state",
            truth=truth,
            options=OPTIONS,
        )
        async with living(runner.run()):
            await until(lambda: post.levels("SL-1-0"))
            assert runner.metrics().connected == 1
    assert post.plain("CAB-0/status") == []
