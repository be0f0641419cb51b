"""Who watches the same incident sees each other, across web processes, and nobody else does."""

from uuid import UUID

import msgspec

from ondijon.testing.builders import person
from ondijon.web.presence import PRESENCE_SUBJECT, Watching
from ondijon.web.tests.conftest import Bench, taken

HERE, THERE = UUID(int=1), UUID(int=2)
ANNE, ZOE = person("anne"), person("zoe")
LOCAL = person("local", ("21001",), ("lamps",))


def people(bench: Bench) -> list[str]:
    return bench.hub.presence.people(HERE)


async def test_two_who_watch_one_incident_are_told_of_each_other(bench: Bench) -> None:
    bench.reader.incidents = {HERE: ("lamps", "21001")}
    anne = bench.join(ANNE, incident=HERE)
    await bench.hub.presence.turn()
    assert taken(anne)[0] == [{"kind": "presence", "incident": str(HERE), "people": ["Anne"]}]
    zoe = bench.join(ZOE, incident=HERE)
    await bench.hub.presence.turn()
    await bench.hub.presence.turn()
    for client in (anne, zoe):
        assert [text["people"] for text in taken(client)[0]] == [["Anne", "Zoe"]]
    bench.hub.leave(zoe)
    await bench.hub.presence.turn()
    assert [text["people"] for text in taken(anne)[0]] == [["Anne"]]


async def test_who_may_not_see_an_incident_watches_nothing_and_is_told_nothing(bench: Bench) -> None:
    bench.reader.incidents = {HERE: ("lamps", "21001"), THERE: ("lamps", "21002")}
    local = bench.join(LOCAL, incident=THERE)
    await bench.hub.presence.turn()
    assert taken(local)[0] == []
    assert bench.hub.presence.people(THERE) == []


async def test_watchers_of_another_process_count_until_it_is_silent(bench: Bench) -> None:
    bench.reader.incidents = {HERE: ("lamps", "21001")}
    bench.join(ANNE, incident=HERE)
    await bench.hub.presence.turn()
    other = Watching("another", {HERE: ("Bob",)})
    await bench.bus.publish(PRESENCE_SUBJECT, msgspec.json.encode(other))
    assert people(bench) == ["Anne", "Bob"]
    bench.clock.advance(31)
    await bench.hub.presence.turn()
    assert people(bench) == ["Anne"]
    assert len(bench.bus.said_on(PRESENCE_SUBJECT)) == 3


async def test_what_cannot_be_read_is_passed_over(bench: Bench) -> None:
    await bench.bus.publish(PRESENCE_SUBJECT, b"?")
    assert people(bench) == []
