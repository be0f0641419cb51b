"""What an open console is sent, and what it is not."""

import asyncio

import msgspec
import numpy as np

from ondijon.kernel.frames import WANTED_SUBJECT
from ondijon.kernel.identity import Actor
from ondijon.testing.builders import person
from ondijon.web.frames import FrameHead, Slice
from ondijon.web.live_client import Farewell
from ondijon.web.sessions import Person
from ondijon.web.tests.conftest import Bench, kinds, settle, taken

CHIEF = person("chief")
LOCAL = person("local", ("21001",), ("lamps",))
WATER = person("water", trades=("water",))
LAMPS_HERE = [0, 1, 2, 3]


class Network:
    """A way to a client that lets nothing through until it is opened."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.sent: list[str | bytes] = []

    async def send(self, item: str | bytes) -> None:
        await self.opened.wait()
        self.sent.append(item)


def rows_of(frames: list[tuple[FrameHead, Slice]]) -> list[list[int]]:
    return [part.row.tolist() for _, part in frames]


async def test_a_watch_is_answered_with_one_full_frame_for_each_live_property(bench: Bench) -> None:
    await bench.report("Lamp", "level_pct", {0: 40.0, 5: 50.0})
    client = bench.join(CHIEF, "Lamp")
    await bench.hub.send_round()
    _, frames = taken(client)
    assert [(head.full, head.type_index, head.property_index) for head, _ in frames] == [
        (True, 0, 0),
        (True, 0, 2),
        (True, 0, 3),
    ]
    level = frames[0][1]
    assert level.row.tolist() == list(range(12))
    assert level.value[[0, 5]].tolist() == [40.0, 50.0]
    assert np.isnan(level.value[1])
    assert level.observed_s[1] == 0


async def test_changes_of_a_round_leave_as_one_frame_with_the_latest_value(bench: Bench) -> None:
    client = bench.join(CHIEF, "Lamp")
    await bench.hub.send_round()
    taken(client)
    for level in (10.0, 20.0, 30.0):
        await bench.report("Lamp", "level_pct", {2: level})
    await bench.report("Lamp", "power_w", {2: 7.0})
    await bench.hub.send_round()
    _, frames = taken(client)
    ((head, part),) = frames
    assert (head.full, part.row.tolist(), part.value.tolist()) == (False, [2], [30.0])
    assert head.epoch_s == bench.clock.now_us() / 1e6
    await bench.hub.send_round()
    assert taken(client) == ([], [])


async def test_nobody_is_sent_a_twin_of_another_commune_or_trade(bench: Bench) -> None:
    chief, local, water = (bench.join(one, "Lamp", "Pump") for one in (CHIEF, LOCAL, WATER))
    await bench.hub.send_round()
    assert rows_of(taken(local)[1]) == [LAMPS_HERE] * 3
    assert rows_of(taken(water)[1]) == [[0, 1, 2]]
    taken(chief)
    await bench.report("Lamp", "level_pct", {1: 5.0, 4: 6.0})
    await bench.report("Pump", "flow_l_s", {0: 1.0})
    await bench.hub.send_round()
    assert rows_of(taken(chief)[1]) == [[1, 4], [0]]
    assert rows_of(taken(local)[1]) == [[1]]
    (frame,) = taken(water)[1]
    # The first type of those that this person's bootstrap lists.
    assert (frame[0].type_index, frame[1].row.tolist()) == (0, [0])


async def test_people_with_equal_rights_share_their_frames(bench: Bench) -> None:
    first, second = bench.join(CHIEF, "Lamp"), bench.join(person("other"), "Lamp")
    await bench.hub.send_round()
    ours, theirs = first.mailbox.take_all(), second.mailbox.take_all()
    assert all(one is other for one, other in zip(ours, theirs, strict=True))


async def test_watching_the_same_types_again_sends_nothing_anew(bench: Bench) -> None:
    client = bench.join(CHIEF, "Lamp")
    await bench.hub.send_round()
    taken(client)
    bench.hub.watch(client, ["Lamp", "Cabinet"], None)
    await bench.hub.send_round()
    assert [head.type_index for head, _ in taken(client)[1]] == [1]


async def test_a_slow_client_gets_what_it_missed_in_one_go(bench: Bench) -> None:
    client = bench.join(CHIEF, "Lamp")
    await bench.hub.send_round()
    for row in (1, 2, 3):
        await bench.report("Lamp", "level_pct", {row: 10.0 * row})
        await bench.hub.send_round()
    assert all(head.full for head, _ in taken(client)[1])
    await bench.hub.send_round()
    (frame,) = taken(client)[1]
    assert (frame[1].row.tolist(), frame[1].value.tolist()) == ([1, 2, 3], [10.0, 20.0, 30.0])


async def test_a_very_slow_client_is_told_and_starts_afresh(bench: Bench) -> None:
    client, network = bench.join(CHIEF, "Lamp"), Network()
    await bench.hub.send_round()
    sending = asyncio.create_task(client.mailbox.send_all(network.send))
    await asyncio.sleep(0)
    for row in range(40):
        await bench.report("Lamp", "level_pct", {row % 12: 1.0})
        await bench.hub.send_round()
    assert not client.mailbox.is_clear
    network.opened.set()
    await settle(client.mailbox)
    # Of the first full frames only the one that was under way has been sent.
    assert len(network.sent) == 1
    sending.cancel()
    await bench.hub.send_round()
    texts, frames = taken(client)
    assert [text["kind"] for text in texts] == ["resync"]
    assert [head.full for head, _ in frames] == [True, True, True]


async def test_a_client_that_takes_nothing_for_a_minute_is_let_go(bench: Bench) -> None:
    client, network = bench.join(CHIEF, "Lamp"), Network()
    await bench.hub.send_round()
    sending = asyncio.create_task(client.mailbox.send_all(network.send))
    await asyncio.sleep(0)
    for _ in range(401):
        await bench.hub.send_round()
    assert client.farewell is Farewell.TOO_SLOW
    sending.cancel()


async def test_late_readings_change_nothing_on_the_screens(bench: Bench) -> None:
    client = bench.join(CHIEF, "Lamp")
    await bench.report("Lamp", "level_pct", {0: 50.0})
    await bench.hub.send_round()
    taken(client)
    bench.clock.advance(-3600)
    await bench.report("Lamp", "level_pct", {0: 10.0})
    await bench.hub.send_round()
    assert taken(client)[1] == []


async def test_readings_of_unknown_rows_are_refused_whole(bench: Bench) -> None:
    client = bench.join(CHIEF, "Lamp")
    await bench.hub.send_round()
    taken(client)
    await bench.report("Lamp", "level_pct", {0: 50.0, 99: 50.0})
    await bench.bus.publish("ondijon.frames", b"nonsense")
    await bench.hub.send_round()
    assert taken(client)[1] == []


async def test_the_link_is_lost_after_three_seconds_of_silence_and_found_again(bench: Bench) -> None:
    client = bench.join(CHIEF)
    await bench.beat()
    await bench.hub.send_second()
    assert [text for text in taken(client)[0] if text["kind"] == "link"][0]["gateway"] == "live"
    bench.clock.advance(3.2)
    await bench.hub.send_second()
    texts = taken(client)[0]
    assert [text["gateway"] for text in texts if text["kind"] == "link"] == ["lost"]
    (health,) = [text["roles"] for text in texts if text["kind"] == "health"]
    assert health["gateway"]["state"] == "silent"
    await bench.beat()
    await bench.hub.send_second()
    assert [text["gateway"] for text in taken(client)[0] if text["kind"] == "link"] == ["live"]


async def test_everything_is_asked_for_again_when_the_gateway_may_have_been_missed(bench: Bench) -> None:
    wanted = bench.bus.said_on
    assert len(wanted(WANTED_SUBJECT)) == 1
    await bench.beat()
    bench.clock.advance(1)
    await bench.beat()
    assert len(wanted(WANTED_SUBJECT)) == 2
    bench.clock.advance(1)
    await bench.beat(pid=2)
    assert len(wanted(WANTED_SUBJECT)) == 3
    bench.clock.advance(2.5)
    await bench.beat(pid=2)
    assert len(wanted(WANTED_SUBJECT)) == 4


async def test_the_clock_tells_how_old_the_newest_reading_was(bench: Bench) -> None:
    client = bench.join(CHIEF)
    await bench.report("Lamp", "level_pct", {0: 50.0})
    await bench.hub.send_second()
    (clock,) = [text for text in taken(client)[0] if text["kind"] == "clock"]
    assert (clock["now"], clock["lag_s"]) == (bench.clock.now().isoformat().replace("+00:00", "Z"), 0.0)


async def test_a_session_that_ends_closes_its_sockets_and_no_other(bench: Bench) -> None:
    client, other = bench.join(CHIEF, "Lamp"), bench.join(LOCAL, "Lamp")
    del bench.sessions.people[client.person.session]
    revoked = {"user_id": str(CHIEF.user_id)}
    await bench.bus.publish("ondijon.session.revoked", msgspec.json.encode(revoked))
    assert (client.farewell, other.farewell) == (Farewell.SIGNED_OUT, None)


async def test_a_session_that_nobody_told_of_is_found_out_within_ten_seconds(bench: Bench) -> None:
    client = bench.join(CHIEF, "Lamp")
    del bench.sessions.people[client.person.session]
    bench.clock.advance(9)
    await bench.hub.send_second()
    assert client.farewell is None
    bench.clock.advance(1)
    await bench.hub.send_second()
    assert client.farewell is Farewell.SIGNED_OUT


async def test_a_session_s_twelve_hours_end_its_socket(bench: Bench) -> None:
    client = bench.join(CHIEF, "Lamp")
    bench.clock.advance(12 * 3600)
    await bench.hub.send_round()
    assert client.farewell is Farewell.SIGNED_OUT


async def test_rights_that_change_take_effect_on_an_open_socket(bench: Bench) -> None:
    client = bench.join(CHIEF, "Lamp", "Pump")
    await bench.hub.send_round()
    taken(client)
    await _give_grants(bench, client.person, LOCAL)
    await bench.hub.send_round()
    texts, frames = taken(client)
    assert [text["kind"] for text in texts] == ["resync"]
    assert rows_of(frames) == [LAMPS_HERE] * 3


async def _give_grants(bench: Bench, holder: Person, model: Actor) -> None:
    actor = msgspec.structs.replace(holder.actor, grants=model.grants)
    bench.sessions.people[holder.session] = msgspec.structs.replace(holder, actor=actor)
    await bench.hub.check_user(actor.user_id)


async def test_a_new_client_is_greeted_with_the_state_of_the_post(bench: Bench) -> None:
    person_ = Person(CHIEF, b"s", bench.clock.now())
    client = bench.hub.join(person_)
    assert kinds(client) == ["hello", "link", "health"]
