"""The embedded broker keeps its place, its secrets and what it acknowledged."""

import asyncio
import os
import signal
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondijon.infra.nats.config import ANY_PORT, Ports, render_config
from ondijon.infra.nats.external import MQTT_URL, NATS_URL, ExternalNats, field_bus_from
from ondijon.infra.nats.refusals import Refusal, RefusalReader
from ondijon.infra.nats.secrets_file import read_or_make_secrets
from ondijon.infra.nats.server import SYNC_ALWAYS, EmbeddedNats
from ondijon.infra.nats.tests.conftest import Field, TickingClock, arrival
from ondijon.kernel.errors import Refused

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)


def ignore(refusal: Refusal) -> None:
    """For servers that no device talks to."""


def test_secrets_are_private_and_stay_the_same(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    made = read_or_make_secrets(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_or_make_secrets(path) == made
    assert len(set(made.passwords.values())) == len(made.passwords)
    assert made.issuer.startswith("A")


def test_the_configuration_holds_the_measured_settings(tmp_path: Path) -> None:
    text = render_config(tmp_path, Ports(4222, 1883), read_or_make_secrets(tmp_path / "s"), SYNC_ALWAYS)
    for line in (
        'listen: "127.0.0.1:4222"',
        'listen: "127.0.0.1:1883"',
        "default_max_consumers: 100000",
        "max_ack_pending: 8000",
        'sync_interval: "always"',
    ):
        assert line in text


VIOLATION = '[7] [ERR] 127.0.0.1:1 - mid:9 - "GW-1" - Publish Violation - Subject "ondijon.1.up.GW-2.telemetry"'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (VIOLATION, ("GW-1", "publish", "ondijon/1/up/GW-2/telemetry")),
        (
            '[7] [ERR] 127.0.0.1:1 - mid:9 - "GW-1" - Subscription Violation - Subject ">", SID >',
            ("GW-1", "subscribe", "#"),
        ),
        (
            '[7] [ERR] 127.0.0.1:1 - mid:4 - "co" - authentication error - User "post.core"',
            ("post.core", "sign_in", ""),
        ),
        # The callout tells these itself, with the reason.
        ('[7] [ERR] 127.0.0.1:1 - mid:3 - "GW-2" - authentication error - User "GW-2"', None),
        # A client id made to look like a line about somebody else.
        (
            r'[7] [ERR] 127.0.0.1:1 - mid:3 - "x\" - mid:9 - \"GW-1\" - Publish Violation - Subject \"a" - oops',
            None,
        ),
        ("[7] [INF] Server is ready", None),
    ],
)
def test_refusals_are_read_from_captured_log_lines(line: str, expected: tuple[str, str, str] | None) -> None:
    told: list[Refusal] = []
    assert RefusalReader(TickingClock(), told.append).read(line) == (expected is not None)
    assert [(refusal.gateway, refusal.kind, refusal.topic) for refusal in told] == ([expected] if expected else [])


class StandingClock(TickingClock):
    def now(self) -> datetime:
        return NOON


def test_a_device_that_repeats_itself_is_told_once_a_second() -> None:
    told: list[Refusal] = []
    reader = RefusalReader(StandingClock(), told.append)
    for _ in range(1000):
        reader.read(VIOLATION)
    assert len(told) == 1


@pytest.mark.engines
async def test_a_killed_broker_comes_back_on_its_ports_with_what_it_acknowledged(broker: Field) -> None:
    broker.add("GW-1")
    ports = broker.server.ports
    assert ANY_PORT not in (ports.client, ports.mqtt)
    with broker.own_client("core") as core:
        assert await core.connect() and await core.subscribe("ondijon/1/up/#")
    with broker.device("GW-1") as gateway:
        assert await gateway.connect()
        for number in range(20):
            await gateway.publish("ondijon/1/up/GW-1/telemetry", str(number).encode())
    assert broker.server.pid is not None
    os.kill(broker.server.pid, signal.SIGKILL)
    assert await broker.server.wait_exit() == -signal.SIGKILL
    await broker.server.start()
    assert broker.server.ports == ports
    with broker.own_client("core") as core:
        assert await core.connect()
        payloads = {(await arrival(core.messages))[1] for _ in range(20)}
    assert payloads == {str(number).encode() for number in range(20)}


@pytest.mark.engines
async def test_stopping_takes_no_longer_than_its_grace(tmp_path: Path) -> None:
    server = EmbeddedNats(tmp_path, clock=TickingClock(), on_refusal=ignore, sync_interval=SYNC_ALWAYS)
    await server.start()
    before = asyncio.get_running_loop().time()
    await server.stop(grace_s=1.0)
    assert asyncio.get_running_loop().time() - before < 2
    assert server.pid is None


@pytest.mark.engines
async def test_a_second_broker_on_the_same_files_is_refused(broker: Field, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"error\.home_in_use"):
        await EmbeddedNats(tmp_path, clock=TickingClock(), on_refusal=ignore).start()


@pytest.mark.engines
async def test_a_broker_whose_port_is_taken_tells_its_last_words(broker: Field, tmp_path: Path) -> None:
    taken = Ports(client=broker.server.ports.client)
    second = EmbeddedNats(tmp_path / "second", clock=TickingClock(), on_refusal=ignore, ports=taken)
    with pytest.raises(Refused, match="address already in use"):
        await second.start()


@pytest.mark.engines
async def test_an_outside_server_is_used_by_its_address(broker: Field) -> None:
    outside = ExternalNats(broker.server.nats_url("post.core"))
    await outside.start()
    await outside.ready()
    assert outside.nats_url("post.web") == broker.server.nats_url("post.core")
    await outside.stop()
    assert await outside.wait_exit() == 0


async def test_an_outside_server_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match=r"error\.nats_unreachable"):
        await ExternalNats("nats://127.0.0.1:1").start(limit_s=0.3)


def test_the_environment_chooses_bus_and_broker(tmp_path: Path) -> None:
    clock = TickingClock()
    own = field_bus_from(tmp_path, {}, clock, ignore)
    assert isinstance(own.server, EmbeddedNats)
    assert own.mqtt_url("post.core") == own.server.mqtt_url("post.core")
    mixed = field_bus_from(tmp_path, {MQTT_URL: "mqtts://u:p@broker.example:8883"}, clock, ignore)
    assert isinstance(mixed.server, EmbeddedNats)
    assert mixed.mqtt_url("post.core") == "mqtts://u:p@broker.example:8883"
    with pytest.raises(Refused, match=r"error\.nats_mqtt_url_missing"):
        field_bus_from(tmp_path, {NATS_URL: "nats://bus.example"}, clock, ignore)
    with pytest.raises(Refused, match=r"error\.nats_bad_url"):
        field_bus_from(tmp_path, {MQTT_URL: "http://broker.example"}, clock, ignore)
