"""The bus carries messages and requests between roles and outlives its server."""

import asyncio
import contextlib
import os
import signal

import pytest

from ondijon.infra.nats.bus import BusAway, NatsBus
from ondijon.infra.nats.tests.conftest import WAIT_S, Field
from ondijon.kernel.ports import Bus

pytestmark = pytest.mark.engines
Inbox = asyncio.Queue[tuple[str, bytes]]


async def listening(bus: Bus, subject: str) -> Inbox:
    inbox: Inbox = asyncio.Queue()

    async def take(subject: str, payload: bytes) -> None:
        inbox.put_nowait((subject, payload))

    await bus.subscribe(subject, take)
    return inbox


async def test_messages_arrive_in_order_with_their_subject(broker: Field) -> None:
    async with (
        await NatsBus.open(broker.server.nats_url("post.core"), "core") as core,
        await NatsBus.open(broker.server.nats_url("post.web"), "web") as web,
    ):
        inbox = await listening(web, "ondijon.live.>")
        for number in range(100):
            await core.publish(f"ondijon.live.{number}", str(number).encode())
        arrived = [await asyncio.wait_for(inbox.get(), WAIT_S) for _ in range(100)]
    assert arrived == [(f"ondijon.live.{number}", str(number).encode()) for number in range(100)]


async def test_a_frame_of_a_whole_city_fits(broker: Field) -> None:
    async with await NatsBus.open(broker.server.nats_url("post.core"), "core") as core:
        inbox = await listening(core, "big")
        await core.publish("big", bytes(7 << 20))
        assert len((await asyncio.wait_for(inbox.get(), WAIT_S))[1]) == 7 << 20


async def test_a_request_has_one_answer_or_none_in_time(broker: Field) -> None:
    async def double(payload: bytes) -> bytes:
        return payload * 2

    async with await NatsBus.open(broker.server.nats_url("post.core"), "core") as core:
        await core.answer("double", double)
        assert await core.request("double", b"ab", 5) == b"abab"
        with pytest.raises(BusAway):
            await core.request("nobody.there", b"", 0.2)


async def test_a_failing_handler_does_not_end_the_subscription(broker: Field) -> None:
    done = asyncio.Event()

    async def stumble(subject: str, payload: bytes) -> None:
        if payload == b"bad":
            raise ValueError(payload)
        done.set()

    async with await NatsBus.open(broker.server.nats_url("post.core"), "core") as core:
        await core.subscribe("x", stumble)
        await core.publish("x", b"bad")
        await core.publish("x", b"good")
        await asyncio.wait_for(done.wait(), WAIT_S)


async def test_subscriptions_and_messages_outlive_a_killed_server(broker: Field) -> None:
    async with await NatsBus.open(broker.server.nats_url("post.core"), "core") as core:
        inbox = await listening(core, "x")
        assert broker.server.pid is not None
        os.kill(broker.server.pid, signal.SIGKILL)
        await broker.server.wait_exit()
        await broker.server.start()
        # What is sent in the moment of the break may be lost (at most once): repeat until the bus is back.
        arrived = asyncio.create_task(inbox.get())
        while not arrived.done():
            await core.publish("x", b"again")
            await asyncio.wait({arrived}, timeout=0.05)
        assert arrived.result() == ("x", b"again")


async def test_a_bus_that_its_library_gave_up_begins_anew(broker: Field) -> None:
    async with await NatsBus.open(broker.server.nats_url("post.core"), "core") as core:
        inbox = await listening(core, "x")
        # What nats-py does by itself after some of the server's error words.
        await core._client.close()
        arrived = asyncio.create_task(inbox.get())
        while not arrived.done():
            with contextlib.suppress(BusAway):
                await core.publish("x", b"again")
            await asyncio.wait({arrived}, timeout=0.05)
        assert arrived.result() == ("x", b"again")


async def test_messages_wait_for_an_absent_server_up_to_a_limit(broker: Field) -> None:
    async with await NatsBus.open(broker.server.nats_url("post.core"), "core") as core:
        inbox = await listening(core, "x")
        await broker.server.stop()
        await core.wait_away()
        await core.publish("x", b"kept")
        with pytest.raises(BusAway):
            for _ in range(10):
                await core.publish("y", bytes(1 << 20))
        await broker.server.start()
        assert await asyncio.wait_for(inbox.get(), WAIT_S) == ("x", b"kept")


async def test_a_server_that_is_not_there_or_refuses_us_is_told(broker: Field) -> None:
    with pytest.raises(BusAway):
        await NatsBus.open("nats://127.0.0.1:1", "core", limit_s=0.3)
    with pytest.raises(BusAway):
        url = broker.server.nats_url("post.core").replace("post.core", "post.web")
        await NatsBus.open(url, "core", limit_s=0.3)
