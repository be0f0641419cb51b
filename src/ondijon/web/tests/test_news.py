"""Alarms, commands and the watched twin reach those who may see them, once, also after an absence."""

from uuid import UUID

import msgspec

from ondijon.testing.builders import lamp, person
from ondijon.testing.fakes import RowsAway
from ondijon.web.news import NewsDesk
from ondijon.web.tests.conftest import Bench, kinds, taken

CHIEF = person("chief")
LOCAL = person("local", ("21001",), ("lamps",))
ALARM = UUID(int=1)


def desk(bench: Bench) -> NewsDesk:
    return bench.hub._news


async def tell(bench: Bench, subject: str, number: int = 1) -> None:
    await bench.bus.publish(subject, msgspec.json.encode({"id": UUID(int=number)}))


async def go_round(bench: Bench, times: int = 4) -> None:
    for _ in range(times):
        await desk(bench).deliver()


async def test_an_alarm_reaches_only_those_who_may_see_it(bench: Bench) -> None:
    chief, local = bench.join(CHIEF), bench.join(LOCAL)
    bench.reader.alarms = {ALARM: ("lamps", "21002", lamp(1, 0)), UUID(int=2): ("lamps", "21001", lamp(0, 0))}
    await tell(bench, "ondijon.alarm", 1)
    await tell(bench, "ondijon.alarm", 2)
    await go_round(bench, 1)
    assert [text["alarm"] for text in taken(chief)[0]] == [str(ALARM), str(UUID(int=2))]
    assert [text["alarm"] for text in taken(local)[0]] == [str(UUID(int=2))]


async def test_many_changes_of_one_command_between_two_rounds_are_read_once(bench: Bench) -> None:
    client = bench.join(CHIEF)
    for _ in range(50):
        await tell(bench, "ondijon.command")
    await go_round(bench)
    assert kinds(client) == ["command"]
    assert bench.reader.reads == 1


async def test_what_an_absent_database_keeps_from_being_read_is_passed_on_later(bench: Bench) -> None:
    client = bench.join(CHIEF)
    bench.reader.alarms = {ALARM: ("lamps", "21001", lamp(0, 0))}
    bench.reader.away = True
    await tell(bench, "ondijon.alarm")
    try:
        await go_round(bench, 1)
    except RowsAway:
        bench.reader.away = False
    assert kinds(client) == []
    await go_round(bench, 1)
    assert kinds(client) == ["alarm"]


async def test_the_watched_twin_follows_its_readings_and_no_others(bench: Bench) -> None:
    client = bench.join(CHIEF, twin=lamp(0, 0))
    await go_round(bench)
    assert kinds(client) == ["twin"]
    await bench.report("Lamp", "power_w", {1: 5.0})
    await bench.hub.send_round()
    await go_round(bench)
    assert kinds(client) == []
    await bench.report("Lamp", "power_w", {0: 5.0})
    await bench.hub.send_round()
    await go_round(bench)
    assert kinds(client) == ["twin"]


async def test_the_watched_twin_follows_its_alarms_and_commands(bench: Bench) -> None:
    client = bench.join(CHIEF, twin=lamp(0, 0))
    await go_round(bench)
    taken(client)
    bench.reader.alarms = {ALARM: ("lamps", "21001", lamp(0, 0))}
    await tell(bench, "ondijon.alarm")
    await go_round(bench)
    assert kinds(client) == ["alarm", "twin"]
    await tell(bench, "ondijon.command")
    await go_round(bench)
    assert kinds(client) == ["command", "twin"]


async def test_a_twin_that_may_not_be_seen_is_not_shown(bench: Bench) -> None:
    client = bench.join(CHIEF, twin=lamp(1, 0))
    await go_round(bench)
    assert kinds(client) == []


async def test_news_that_cannot_be_read_are_passed_over(bench: Bench) -> None:
    client = bench.join(CHIEF)
    await bench.bus.publish("ondijon.alarm", b"?")
    await go_round(bench)
    assert kinds(client) == []
