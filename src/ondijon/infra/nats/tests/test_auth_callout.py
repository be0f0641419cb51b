"""Who a device is and what it may do is asked of us, by a real broker, for real MQTT clients."""

import asyncio

import nats
import pytest
from nats.aio.client import Client

from ondijon.infra.nats.tests.conftest import Field, arrival

pytestmark = pytest.mark.engines


async def test_a_known_gateway_speaks_and_listens_in_its_own_subtree(broker: Field) -> None:
    broker.add("GW-1")
    with broker.device("GW-1") as gateway, broker.own_client("core") as core:
        assert await core.connect() and await core.subscribe("ondijon/1/up/#")
        assert await gateway.connect() and await gateway.subscribe("ondijon/1/down/GW-1/#")
        await gateway.publish("ondijon/1/up/GW-1/telemetry", b"up")
        assert await arrival(core.messages) == ("ondijon/1/up/GW-1/telemetry", b"up")
        await core.publish("ondijon/1/down/GW-1/command", b"down")
        assert await arrival(gateway.messages) == ("ondijon/1/down/GW-1/command", b"down")
    assert broker.refusals.empty()


async def test_a_command_waits_for_a_gateway_that_is_away(broker: Field) -> None:
    broker.add("GW-1")
    with broker.device("GW-1") as gateway:
        assert await gateway.connect() and await gateway.subscribe("ondijon/1/down/GW-1/#")
    with broker.own_client("core") as core:
        assert await core.connect()
        await core.publish("ondijon/1/down/GW-1/command", b"later")
    with broker.device("GW-1") as gateway:
        assert await gateway.connect()
        assert await arrival(gateway.messages) == ("ondijon/1/down/GW-1/command", b"later")


async def test_a_credential_added_at_run_time_is_usable_at_once(broker: Field) -> None:
    with broker.device("GW-7") as gateway:
        assert not await gateway.connect()
    assert (await broker.refusal()).kind == "unknown_gateway"
    broker.add("GW-7")
    with broker.device("GW-7") as gateway:
        assert await gateway.connect()


async def test_a_wrong_secret_is_refused_and_told(broker: Field) -> None:
    broker.add("GW-1")
    with broker.device("GW-1", secret="guess") as gateway:
        assert not await gateway.connect()
    refusal = await broker.refusal()
    assert (refusal.gateway, refusal.kind) == ("GW-1", "wrong_secret")


async def test_a_foreign_client_id_is_refused_and_cannot_cut_off_its_owner(broker: Field) -> None:
    broker.add("GW-1")
    broker.add("GW-2")
    with broker.device("GW-1") as victim, broker.device("GW-1", user="GW-2") as thief:
        assert await victim.connect()
        assert not await thief.connect()
        refusal = await broker.refusal()
        assert (refusal.gateway, refusal.kind) == ("GW-2", "foreign_client_id")
        await victim.publish("ondijon/1/up/GW-1/telemetry", b"still here")
        assert victim.disconnected.empty()


async def test_a_forbidden_publish_and_subscription_are_told_though_acknowledged(broker: Field) -> None:
    broker.add("GW-1")
    with broker.device("GW-1") as gateway:
        assert await gateway.connect()
        await gateway.publish("ondijon/1/up/GW-2/telemetry", b"forged")
        told = await broker.refusal()
        assert (told.gateway, told.kind, told.topic) == ("GW-1", "publish", "ondijon/1/up/GW-2/telemetry")
        assert not await gateway.subscribe("ondijon/1/down/GW-2/#")
        told = await broker.refusal()
        assert (told.gateway, told.kind, told.topic) == ("GW-1", "subscribe", "ondijon/1/down/GW-2/#")
        for topic in ("#", "+/sub/#", "$MQTT/sub/#", "ondijon/1/up/GW-1/#"):
            assert not await gateway.subscribe(topic)


async def test_a_will_in_a_foreign_subtree_never_reaches_anybody(broker: Field) -> None:
    broker.add("GW-1")
    broker.add("GW-2")
    with broker.own_client("core") as core, broker.device("GW-1") as gateway, broker.device("GW-2") as other:
        assert await core.connect() and await core.subscribe("ondijon/1/up/#")
        gateway.client.will_set("ondijon/1/up/GW-2/status", b"forged", 1, True)
        await gateway.connect()
        del broker.credentials["GW-1"]
        await broker.callout.kick("GW-1")
        assert await other.connect()
        await other.publish("ondijon/1/up/GW-2/status", b"true")
        assert await arrival(core.messages) == ("ondijon/1/up/GW-2/status", b"true")


async def test_a_revoked_gateway_is_cut_off_within_a_second_and_stays_out(broker: Field) -> None:
    broker.add("GW-1")
    with broker.device("GW-1") as gateway:
        assert await gateway.connect()
        del broker.credentials["GW-1"]
        loop = asyncio.get_running_loop()
        before = loop.time()
        kick = asyncio.create_task(broker.callout.kick("GW-1"))
        await arrival(gateway.disconnected)
        assert loop.time() - before < 1
        assert await kick >= 1
        assert not await arrival(gateway.connected)


async def test_a_kick_leaves_other_gateways_alone(broker: Field) -> None:
    broker.add("GW-1")
    with broker.device("GW-1") as gateway:
        assert await gateway.connect()
        assert await broker.callout.kick("GW-10") == 0
        await gateway.publish("ondijon/1/up/GW-1/telemetry", b"still here")
        assert gateway.disconnected.empty()


async def test_without_the_service_nobody_gets_in(broker: Field) -> None:
    broker.add("GW-1")
    await broker.callout.stop()
    with broker.device("GW-1") as gateway:
        assert not await gateway.connect()
    await broker.callout.start()
    with broker.device("GW-1") as gateway:
        assert await gateway.connect()


async def test_the_service_finds_a_restarted_broker_again(broker: Field) -> None:
    broker.add("GW-1")
    ports = broker.server.ports
    await broker.server.restart()
    assert broker.server.ports == ports
    taken_in = False
    while not taken_in:
        with broker.device("GW-1") as gateway:
            taken_in = await gateway.connect()


async def test_a_sign_in_under_way_when_its_credential_is_revoked_is_refused(broker: Field) -> None:
    broker.add("GW-1")
    broker.gate.clear()
    with broker.device("GW-1") as gateway:
        answer = asyncio.create_task(gateway.connect())
        await broker.asked.wait()
        del broker.credentials["GW-1"]
        await broker.callout.kick("GW-1")
        broker.gate.set()
        assert not await answer


async def test_a_gateway_cannot_use_the_post_s_own_bus(broker: Field) -> None:
    broker.add("GW-1")
    url = f"nats://GW-1:secret@127.0.0.1:{broker.server.ports.client}"
    client = Client()
    with pytest.raises(nats.errors.Error):
        await client.connect(url, allow_reconnect=False)
    await client.close()
    assert (await broker.refusal()).kind == "unknown_gateway"


async def test_a_wrong_password_for_one_of_our_own_users_is_told(broker: Field) -> None:
    with broker.device("x", "post.core", "guess") as client:
        assert not await client.connect()
    refusal = await broker.refusal()
    assert (refusal.gateway, refusal.kind) == ("post.core", "sign_in")
