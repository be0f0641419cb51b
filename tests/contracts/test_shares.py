"""Two gateway roles share the field: each writes for its own gateways only, and only while the share is its own."""

from dataclasses import dataclass

import numpy as np
import pytest

from ondijon.domains.lighting.queries.stored_programmes import find_snapshot
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.commands import CommandState
from ondijon.kernel.field import Cursor
from ondijon.kernel.sharing import Share
from ondijon.runtime import field_queries, share_queries
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.runtime.effects import Effects
from ondijon.runtime.field_role import FieldRole, load_shared_cursor
from ondijon.runtime.loader import load_trades
from ondijon.runtime.post import CommandPost
from ondijon.runtime.share_keeper import ShareLost, Tenure
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from tests.contracts.conftest import CARD, LIGHTS_A_CABINET, FakeField, Room, light, small_inventory
from tests.contracts.test_command_path import dim, stored


@dataclass
class Hosts:
    """Two gateway roles, with the even and the odd cabinets, each with a city of its own in memory."""

    rooms: list[Room]
    tenures: list[Tenure]


async def _open(rows: PostgresRows, clock: StillClock, tenure: Tenure, first_id: int) -> Room:
    city = await load_city(rows, CARD, load_trades()[0])
    bus, fake, ids = FakeBus(), FakeField(), SequentialIds(first_id)
    role = FieldRole(city, rows, bus, clock, ids, fake, tenure)
    await role.start()
    return Room(city, rows, clock, bus, fake, role, CommandPost(city, rows, bus, clock, ids))


async def _take(rows: PostgresRows, number: int, owner: str, epoch_before: int = 0) -> Tenure:
    epoch = await share_queries.take_share(rows, number, owner, epoch_before)
    assert epoch is not None
    return Tenure(Share(number, 2), epoch)


@pytest.fixture
async def hosts(rows: PostgresRows, clock: StillClock) -> Hosts:
    await save_inventory(rows, clock, small_inventory())
    tenures = [await _take(rows, number, f"host-{number}") for number in (0, 1)]
    return Hosts([await _open(rows, clock, tenure, number * 10**9) for number, tenure in enumerate(tenures)], tenures)


async def test_an_order_to_both_halves_leaves_once_a_gateway_and_is_counted_whole(hosts: Hosts) -> None:
    even, odd = hosts.rooms
    command = await dim(even, light(0, 0), light(1, 0))
    await odd.dispatch()
    assert [[order.gateway for order in room.field.orders] for room in hosts.rooms] == [["CAB-0"], ["CAB-1"]]
    assert (await stored(even, command)).state == CommandState.SENT
    even.clock.advance(1)
    await even.report(light(0, 0), control=1.0, level_pct=60.0)
    assert (await stored(even, command)).state == CommandState.SENT
    await odd.report(light(1, 0), control=1.0, level_pct=60.0)
    assert (await stored(even, command)).state == CommandState.CONFIRMED


async def test_a_holder_that_was_taken_for_dead_commits_nothing(hosts: Hosts, rows: PostgresRows) -> None:
    await _take(rows, 0, "host-1", hosts.tenures[0].epoch)
    with pytest.raises(ShareLost):
        await hosts.rooms[0].report(light(0, 0), level_pct=60.0)
    assert await rows.fetch("SELECT FROM readings") == []


async def test_the_next_holder_finds_what_the_last_one_took_in_and_its_snapshot(
    hosts: Hosts, rows: PostgresRows, clock: StillClock
) -> None:
    even, odd = hosts.rooms
    await even.report(light(0, 0), level_pct=30.0)
    await odd.report(light(1, 0), level_pct=70.0)
    for room in hosts.rooms:
        await room.role.keep()
    number = even.city.property_nos["Streetlight", "level_pct"]
    joined = await find_snapshot(rows, number)
    assert joined is not None
    assert len(joined["twin_no"]) == 2 * LIGHTS_A_CABINET * np.dtype("<i4").itemsize
    assert {30.0, 70.0} <= set(np.frombuffer(joined["value"]).tolist())
    cursor = Cursor("mqtt.0", ("CAB-0", "CAB-1"), *(np.array([12, 0], np.int64) for _ in range(3)))
    await even.role.writer.write(Effects(cursor=cursor))
    again = await _open(rows, clock, await _take(rows, 0, "host-1", hosts.tenures[0].epoch), 2 * 10**9)
    lights = again.city.twins["Streetlight"]
    levels = again.city.columns["Streetlight"]["level_pct"]
    assert [levels[lights.get_row(urn)] for urn in (light(0, 0), light(1, 0))] == [30.0, 70.0]
    taken = await load_shared_cursor(rows, "mqtt", "mqtt.0", Share(0, 2))
    assert taken is not None
    assert (taken.gateways, taken.newest.tolist()) == (("CAB-0",), [12])


async def test_only_one_of_two_takes_a_share_that_changed_hands_meanwhile(hosts: Hosts, rows: PostgresRows) -> None:
    epoch = hosts.tenures[0].epoch
    assert await share_queries.take_share(rows, 0, "host-1", epoch) == epoch + 1
    assert await share_queries.take_share(rows, 0, "host-2", epoch) is None


async def test_when_the_field_is_whole_again_the_shares_of_snapshots_go(
    hosts: Hosts, rows: PostgresRows, clock: StillClock
) -> None:
    for room, urn in zip(hosts.rooms, (light(0, 0), light(1, 0)), strict=True):
        await room.report(urn, level_pct=30.0)
        await room.role.keep()
    city = await load_city(rows, CARD, load_trades()[0])
    whole = FieldRole(city, rows, FakeBus(), clock, SequentialIds(3 * 10**9), FakeField())
    await whole.start()
    await whole.keep()
    snapshots = await field_queries.list_snapshots(rows)
    assert {row["share"] for row in snapshots} == {0}
    assert sum(np.isfinite(np.frombuffer(row["value"])).sum() for row in snapshots) >= 2
