"""Cards, commands, the room and the watched twin reach those who may see them, once, also after an absence."""

from uuid import UUID

import msgspec

from ondijon.testing.builders import lamp, person
from ondijon.testing.fakes import RowsAway
from ondijon.web.news import NewsDesk
from ondijon.web.tests.conftest import Bench, kinds, taken

CHIEF = person("chief")
LOCAL = person("local", ("21001",), ("lamps",))
CARD = UUID(int=1)


def desk(bench: Bench) -> NewsDesk:
    return bench.hub._news


async def tell(bench: Bench, subject: str, number: int = 1) -> None:
    await bench.bus.publish(subject, msgspec.json.encode({"id": UUID(int=number)}))


async def go_round(bench: Bench, times: int = 4) -> None:
    for _ in range(times):
        await desk(bench).deliver()


async def tell_cards(bench: Bench, *numbers: int) -> None:
    await bench.bus.publish("ondijon.card", msgspec.json.encode({"ids": [UUID(int=one) for one in numbers]}))


async def tell_room(bench: Bench, part: str, subject: str, trade: str | None, commune: str | None) -> None:
    news = {"part": part, "subject": subject, "trade": trade, "commune": commune}
    await bench.bus.publish("ondijon.room", msgspec.json.encode(news))


async def test_a_card_reaches_only_those_who_may_see_it(bench: Bench) -> None:
    chief, local = bench.join(CHIEF), bench.join(LOCAL)
    bench.reader.cards = {CARD: ("lamps", "21002"), UUID(int=2): ("lamps", "21001")}
    await tell_cards(bench, 1, 2)
    await go_round(bench, 1)
    assert [text["card"] for text in taken(chief)[0]] == [str(CARD), str(UUID(int=2))]
    assert [text["card"] for text in taken(local)[0]] == [str(UUID(int=2))]


async def test_an_act_on_a_card_tells_the_card_itself(bench: Bench) -> None:
    client = bench.join(CHIEF)
    bench.reader.cards = {CARD: ("lamps", "21001")}
    await tell_room(bench, "alarms", f"card:{CARD}", "lamps", "21001")
    await go_round(bench, 1)
    assert kinds(client) == ["card"]


async def test_people_of_equal_rights_share_one_reading_and_a_storm_takes_several_rounds(bench: Bench) -> None:
    clients = [bench.join(CHIEF) for _ in range(3)]
    bench.reader.cards = {UUID(int=number): ("lamps", "21001") for number in range(1, 451)}
    await tell_cards(bench, *range(1, 451))
    counts = []
    for _ in range(4):
        await go_round(bench, 1)
        counts.append([len(taken(client)[0]) for client in clients])
    assert counts == [[200] * 3, [200] * 3, [50] * 3, [0] * 3]
    assert bench.reader.reads == 3


async def test_a_console_that_is_behind_gets_the_latest_of_each_card_later(bench: Bench) -> None:
    slow, quick = bench.join(CHIEF), bench.join(CHIEF)
    bench.reader.cards = {CARD: ("lamps", "21001")}
    slow.mailbox.put_text("not taken yet")
    for _ in range(5):
        await tell_cards(bench, 1)
        await go_round(bench, 1)
        assert kinds(quick) == ["card"]
    slow.mailbox.take_all()
    await go_round(bench, 1)
    assert kinds(slow) == ["card"]


async def test_a_console_that_is_owed_too_much_asks_for_everything(bench: Bench) -> None:
    slow = bench.join(CHIEF)
    slow.mailbox.put_text("not taken yet")
    for start in range(1, 2_601, 200):
        await tell_cards(bench, *range(start, start + 200))
        await go_round(bench, 1)
    assert slow.resync_is_due
    assert len(slow.owed_cards) <= 2_000


async def test_news_of_the_room_reach_who_sees_their_trade_and_commune(bench: Bench) -> None:
    chief, local = bench.join(CHIEF), bench.join(LOCAL)
    await tell_room(bench, "incidents", "incident:1", "lamps", "21001")
    await tell_room(bench, "incidents", "incident:2", "water", "21001")
    await tell_room(bench, "incidents", "incident:3", "lamps", "21002")
    await tell_room(bench, "logbook", "line:4", None, "21001")
    await tell_room(bench, "logbook", "line:5", "lamps", None)
    await tell_room(bench, "directory", "contact:6", None, None)
    await tell_room(bench, "directory", "contact:6", None, None)
    await go_round(bench, 1)
    assert len(taken(chief)[0]) == 6
    assert [text["subject"] for text in taken(local)[0]] == ["incident:1", "line:4", "line:5", "contact:6"]


async def test_many_changes_of_one_command_between_two_rounds_are_read_once(bench: Bench) -> None:
    client = bench.join(CHIEF)
    for _ in range(50):
        await tell(bench, "ondijon.command")
    await go_round(bench)
    assert kinds(client) == ["command"]
    assert bench.reader.reads == 1


async def test_what_an_absent_database_keeps_from_being_read_is_passed_on_later(bench: Bench) -> None:
    client = bench.join(CHIEF)
    bench.reader.cards = {CARD: ("lamps", "21001")}
    bench.reader.away = True
    await tell_cards(bench, 1)
    try:
        await go_round(bench, 1)
    except RowsAway:
        bench.reader.away = False
    assert kinds(client) == []
    await go_round(bench, 1)
    assert kinds(client) == ["card"]


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


async def test_the_watched_twin_follows_cards_and_commands(bench: Bench) -> None:
    client = bench.join(CHIEF, twin=lamp(0, 0))
    await go_round(bench)
    taken(client)
    bench.reader.cards = {CARD: ("lamps", "21001")}
    await tell_cards(bench, 1)
    await go_round(bench)
    assert kinds(client) == ["card", "twin"]
    await tell(bench, "ondijon.command")
    await go_round(bench)
    assert kinds(client) == ["command", "twin"]


async def test_a_twin_that_may_not_be_seen_is_not_shown(bench: Bench) -> None:
    client = bench.join(CHIEF, twin=lamp(1, 0))
    await go_round(bench)
    assert kinds(client) == []


async def test_news_that_cannot_be_read_are_passed_over(bench: Bench) -> None:
    client = bench.join(CHIEF)
    await bench.bus.publish("ondijon.card", b"?")
    await go_round(bench)
    assert kinds(client) == []
