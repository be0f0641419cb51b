"""The broker tells how much of the field's word nobody has committed yet, and how old it is."""

import pytest

from ondijon.infra.nats.backlog import BrokerBacklog
from ondijon.infra.nats.bus import NatsBus
from ondijon.infra.nats.tests.conftest import Field
from ondijon.kernel.health import Backlog

pytestmark = pytest.mark.engines


async def test_what_is_not_acknowledged_is_counted_with_its_age(broker: Field) -> None:
    broker.add("gw-1")
    async with await NatsBus.open(broker.server.nats_url("post.core"), "test") as bus:
        backlog = BrokerBacklog(bus, ["ondijon.1.up."])
        assert await backlog.look() is None
        with broker.own_client("post-gateway") as core:
            assert await core.connect()
            assert await core.subscribe("ondijon/1/up/#")
            assert await backlog.look() == Backlog(0, 0, 0, 0.0)
        with broker.device("gw-1") as device:
            assert await device.connect()
            for _ in range(3):
                await device.publish("ondijon/1/up/gw-1/telemetry", b"[]")
        found = await backlog.look()
        assert found is not None
        assert found.messages == 3
        assert 0.0 <= found.behind_s < 10.0


async def test_subscriptions_of_others_are_not_our_backlog(broker: Field) -> None:
    async with await NatsBus.open(broker.server.nats_url("post.core"), "test") as bus:
        with broker.own_client("somebody") as other:
            assert await other.connect()
            assert await other.subscribe("ondijon/1/down/#")
        assert await BrokerBacklog(bus, ["ondijon.1.up."]).look() is None
