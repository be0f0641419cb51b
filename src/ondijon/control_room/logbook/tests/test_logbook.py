"""The logbook behind the real door, over real rows."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from ondijon.control_room.logbook.desk.finding import Asked, find_lines
from ondijon.control_room.logbook.manifest import ROOM, WORDS_KEPT_DAYS
from ondijon.control_room.logbook.model import Draft, hash_line, hash_text
from ondijon.control_room.logbook.queries import reading
from ondijon.control_room.logbook.rules.search import Filters, Reach
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.errors import EngineAway, NotAllowed, NotFound, Refused
from ondijon.kernel.events import Event
from ondijon.kernel.identity import THE_POST, Actor
from ondijon.kernel.room import ActDesk, FollowerSpec, RoomManifest
from ondijon.runtime.loader import read_catalogues
from ondijon.runtime.retention import erase_due
from ondijon.testing.builders import COMMUNES, lamp, person, small_city
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

pytestmark = pytest.mark.engines

HERE, THERE = COMMUNES[0], COMMUNES[1]
WORDS = read_catalogues([Path(__file__).parents[1], Path(__file__).parents[3] / "runtime"])
CLAIRE = person("claire", verbs=("see", "log", "export"))
MARC = person("marc", (HERE,), ("lamps",), ("see", "log"))
LOOKER = person("looker", verbs=("see",))
ALL = Reach(everything=True)
LAMPS_HERE = Reach(pairs=(("lamps", HERE),))
EVERY_LAMP = Reach(trades=("lamps",))


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def rows(home: Path) -> AsyncIterator[PostgresRows]:
    async with fresh_rows(home, as_owner=True) as rows:
        yield rows


@pytest.fixture
async def bench(rows: PostgresRows) -> RoomBench:
    bench = RoomBench(small_city(), rows, SequentialIds(), StillClock(), FakeBus(), ROOM, words=WORDS)
    await bench.start()
    return bench


async def write(bench: RoomBench, text: str, who: Actor = CLAIRE, **about: object) -> int:
    answer = await bench.do(who, "logbook.write", {"text": text, **about})
    return int(answer["line_no"])


async def tell(bench: RoomBench, key: str, commune: str | None = HERE, count: int = 1, **payload: object) -> None:
    async with bench.door.desk(CLAIRE) as desk:
        for _ in range(count):
            desk.tell(key, trade="lamps", commune=commune, twin=lamp(0, 0), payload=payload)


async def found(rows: PostgresRows, words: str = "", reach: Reach = ALL, **asked: Any) -> list[int]:
    return await find_lines(rows, Asked(words, **asked), reach, 100)


async def all_lines(rows: PostgresRows) -> Sequence[Any]:
    return list(reversed(await reading.list_lines(rows, await found(rows))))


async def test_nobody_changes_or_deletes_a_line(bench: RoomBench, rows: PostgresRows) -> None:
    await write(bench, "Une ligne")
    for sql in (
        "UPDATE logbook_lines SET key = 'x'",
        "DELETE FROM logbook_lines",
        "TRUNCATE logbook_lines CASCADE",
        "UPDATE logbook_texts SET text = 'x'",
        "UPDATE logbook_texts SET text = NULL",
        "UPDATE logbook_texts SET text = NULL, salt = NULL, trade = 'x'",
        "DELETE FROM logbook_texts",
        "TRUNCATE logbook_texts",
    ):
        with pytest.raises(asyncpg.RaiseError, match="append-only"):
            await rows.execute(sql)


async def test_the_words_of_automatic_lines_never_go(bench: RoomBench, rows: PostgresRows) -> None:
    await tell(bench, "comet.seen")
    await bench.follow()
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await rows.execute("UPDATE logbook_texts SET text = NULL, salt = NULL")


async def test_facts_become_lines_in_order_and_once_whatever_fails_between(
    bench: RoomBench, rows: PostgresRows
) -> None:
    for number in range(3):
        await tell(bench, "holding.erased", holding=f"h{number}", rows=number)
    follower = ROOM.followers[0]
    failing = True

    async def follow_then_die(desk: ActDesk, events: list[Event]) -> None:
        await follower.follow(desk, events)
        if failing:
            raise ConnectionError("the database went away before the commit")

    dying = RoomManifest("logbook", followers=(FollowerSpec(follower.key, follower.keys, follow_then_die),))
    mortal = RoomBench(small_city(), rows, bench.ids, bench.clock, bench.bus, dying, words=WORDS)
    await rows.execute("CREATE TABLE kept AS SELECT * FROM followers")
    with pytest.raises(EngineAway):
        await mortal.follow()
    assert await all_lines(rows) == []
    failing = False
    await mortal.follow()
    await bench.follow()
    texts = [line["text"] for line in await all_lines(rows)]
    assert [text.partition(": h")[2][:1] for text in texts if "effacées" in text] == ["0", "1", "2"]
    # Even a mark that was set back tells no fact twice.
    await rows.execute("UPDATE followers f SET xid = k.xid, event_no = k.event_no FROM kept k WHERE f.key = k.key")
    await bench.follow()
    assert len(await all_lines(rows)) == 3


async def test_more_facts_than_one_batch_keep_their_order(bench: RoomBench, rows: PostgresRows) -> None:
    await tell(bench, "comet.seen", count=1_203)
    await bench.follow()
    lines = await rows.fetch(
        "SELECT e.event_no FROM logbook_lines l JOIN events e ON e.id = l.event ORDER BY l.line_no"
    )
    numbers = [line["event_no"] for line in lines]
    assert len(numbers) == 1_203 and numbers == sorted(numbers)


async def test_the_chain_holds_from_the_first_line_to_the_last(bench: RoomBench, rows: PostgresRows) -> None:
    await tell(bench, "holding.erased", holding="x", rows=3)
    await bench.follow()
    await write(bench, "À la main")
    stored = await rows.fetch("SELECT l.*, t.text, t.salt FROM logbook_lines l JOIN logbook_texts t USING (line_no)")
    previous = bytes(32)
    for row in sorted(stored, key=lambda one: one["line_no"]):
        assert hash_text(row["text"], row["salt"]) == row["text_sha256"]
        draft = Draft(
            row["at"], row["kind"], row["text"], row["trade"], row["commune"], row["subject"], row["key"], row["said"],
            row["actor"], row["corrects"], row["event"],
        )  # fmt: skip
        assert hash_line(previous, row["line_no"], draft, row["text_sha256"]) == row["hash"]
        previous = row["hash"]


async def test_two_writers_at_once_leave_no_gap_and_no_fork(bench: RoomBench, rows: PostgresRows) -> None:
    await asyncio.gather(*(write(bench, f"Ligne {number}") for number in range(20)))
    stored = await rows.fetch("SELECT line_no, previous_hash, hash FROM logbook_lines ORDER BY line_no")
    assert [row["line_no"] for row in stored] == list(range(1, 21))
    assert [row["previous_hash"] for row in stored[1:]] == [row["hash"] for row in stored[:-1]]


async def test_a_correction_names_the_line_and_the_line_stays(bench: RoomBench, rows: PostgresRows) -> None:
    first = await write(bench, "Arrivée 21 h", commune=HERE, trade="lamps", subject="incident:1")
    second = (await bench.do(MARC, "logbook.correct", {"line_no": first, "text": "Arrivée 22 h"}))["line_no"]
    with pytest.raises(Refused, match="logbook_corrected") as refused:
        await bench.do(CLAIRE, "logbook.correct", {"line_no": first, "text": "23 h"})
    assert refused.value.values["line_no"] == second
    third = (await bench.do(CLAIRE, "logbook.correct", {"line_no": second, "text": "23 h"}))["line_no"]
    lines = await all_lines(rows)
    assert [(line["line_no"], line["corrects"], line["corrected_by"]) for line in lines] == [
        (first, None, second),
        (second, first, third),
        (third, second, None),
    ]
    assert {(line["trade"], line["commune"], line["subject"]) for line in lines} == {("lamps", HERE, "incident:1")}


async def test_two_who_correct_one_line_have_one_winner(bench: RoomBench) -> None:
    first = await write(bench, "Arrivée 21 h")
    answers = await asyncio.gather(
        *(bench.do(CLAIRE, "logbook.correct", {"line_no": first, "text": str(number)}) for number in range(2)),
        return_exceptions=True,
    )
    assert sorted(isinstance(answer, Refused) for answer in answers) == [False, True]


async def test_who_may_not_see_a_line_cannot_tell_that_it_exists(bench: RoomBench) -> None:
    line_no = await write(bench, "Ailleurs", trade="lamps", commune=THERE)
    everywhere = await write(bench, "Partout", trade="lamps")
    for hidden in (line_no, everywhere, 9_999):
        with pytest.raises(NotFound, match="logbook_line_not_found"):
            await bench.do(MARC, "logbook.correct", {"line_no": hidden, "text": "x"})


@pytest.mark.parametrize(
    ("who", "about", "error"),
    [
        (LOOKER, {}, NotAllowed),
        (MARC, {}, NotFound),
        (MARC, {"trade": "lamps"}, NotFound),
        (MARC, {"trade": "lamps", "commune": THERE}, NotFound),
        (CLAIRE, {"subject": "not a subject"}, Refused),
        (CLAIRE, {"text": " \n"}, Refused),
        (CLAIRE, {"text": "x" * 4_001}, Refused),
    ],
)
async def test_who_may_not_write_there_is_refused(
    bench: RoomBench, rows: PostgresRows, who: Actor, about: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await bench.do(who, "logbook.write", {"text": "x", **about})
    assert await all_lines(rows) == []


async def test_words_are_found_without_accents_capitals_or_endings(bench: RoomBench, rows: PostgresRows) -> None:
    line = await write(bench, "Lampe ÉTEINTE rue de l’Œuvre, armoire A-112")
    await write(bench, "Autre chose")
    for words in ("lampes eteintes", "œuvre", "OEUVRE", "112", "a-112", "éteinte -feu", "de la lampe", "l'armoire"):
        assert await found(rows, words) == [line], words
    for words in ("lampe feu", "lampe -armoire", '"armoire lampe"'):
        assert await found(rows, words) == [], words


async def test_a_phrase_is_found_in_its_order_only(bench: RoomBench, rows: PostgresRows) -> None:
    whole = await write(bench, "Feu vert bloqué avenue du Lac")
    apart = await write(bench, "Feu vert, puis vert bloqué avenue du Lac")
    assert await found(rows, '"feu vert"') == [apart, whole]
    assert await found(rows, '"feu vert bloqué"') == [whole]
    assert await found(rows, '"vert feu"') == []
    assert await found(rows, 'avenue -"feu vert bloqué avenue"') == []


async def test_rights_are_part_of_the_question(bench: RoomBench, rows: PostgresRows) -> None:
    here = await write(bench, "Lampe ici", trade="lamps", commune=HERE)
    there = await write(bench, "Lampe là-bas", trade="lamps", commune=THERE)
    trade = await write(bench, "Lampe partout", trade="lamps")
    room = await write(bench, "Lampe de la salle")
    await tell(bench, "comet.seen", commune=None)
    await bench.follow()
    assert await found(rows, "lampe") == [room, trade, there, here]
    assert await found(rows, "lampe", EVERY_LAMP) == [trade, there, here]
    assert await found(rows, "lampe", LAMPS_HERE) == [here]
    assert await found(rows, "", LAMPS_HERE) == [here]
    assert await found(rows, "là", LAMPS_HERE) == await found(rows, "là-bas", LAMPS_HERE) == []
    assert await found(rows, "lampe", Reach()) == []
    assert await found(rows, "", LAMPS_HERE, filters=Filters(commune=THERE)) == []


async def test_a_line_of_nobodys_trade_is_seen_by_who_sees_everything_only(
    bench: RoomBench, rows: PostgresRows
) -> None:
    async with bench.door.desk(THE_POST) as desk:
        desk.tell("holding.erased", trade=None, commune=None, payload={"holding": "x", "rows": 1})
    await bench.follow()
    assert len(await found(rows, "effacées")) == 1
    assert await found(rows, "", Reach(trades=("lamps", "logbook"))) == []


async def test_pages_join_without_gap_or_double_and_tell_no_more_than_asked(
    bench: RoomBench, rows: PostgresRows
) -> None:
    mine = []
    for number in range(60):
        where = HERE if number % 3 else THERE
        line_no = await write(bench, f"Lampe {number}", trade="lamps", commune=where)
        mine += [line_no] if where == HERE else []
    pages: list[int] = []
    before: int | None = None
    while page := await find_lines(rows, Asked("lampe", before=before), LAMPS_HERE, 7):
        assert len(page) <= 7
        pages += page
        before = page[-1]
    assert pages == mine[::-1]


async def test_a_period_is_read_from_its_first_instant_to_before_its_last(bench: RoomBench, rows: PostgresRows) -> None:
    lines = []
    for _ in range(5):
        lines.append((await write(bench, "Lampe"), bench.clock.now()))
        bench.clock.advance(60)
    since, until = lines[1][1], lines[3][1]
    assert await found(rows, "lampe", since=since, until=until) == [lines[2][0], lines[1][0]]
    assert await found(rows, since=since, until=until) == [lines[2][0], lines[1][0]]
    assert await found(rows, since=until + timedelta(days=1)) == []


async def test_filters_narrow_what_is_found(bench: RoomBench, rows: PostgresRows) -> None:
    line = await write(bench, "Lampe", trade="lamps", commune=HERE, subject=f"incident:{UUID(int=5)}")
    correction = (await bench.do(CLAIRE, "logbook.correct", {"line_no": line, "text": "Lampe 2"}))["line_no"]
    await tell(bench, "comet.seen")
    await bench.follow()
    assert await found(rows, filters=Filters(kind="correction")) == [correction]
    assert await found(rows, filters=Filters(kind="free", trade="lamps", commune=HERE)) == [line]
    assert await found(rows, filters=Filters(subject=f"incident:{UUID(int=5)}")) == [correction, line]
    assert await found(rows, filters=Filters(subject="incident:x' | 'k:free")) == []


async def test_words_of_people_go_when_their_time_is_over_and_the_line_stays(
    bench: RoomBench, rows: PostgresRows
) -> None:
    line = await write(bench, "Mme Durand a appelé", trade="lamps", commune=HERE)
    await tell(bench, "comet.seen")
    await bench.follow()
    bench.clock.advance(WORDS_KEPT_DAYS * 86_400 + 1)
    async with bench.door.desk(THE_POST) as desk:
        await erase_due(desk, ROOM.holdings)
    assert await found(rows, "Durand") == []
    (erased,) = [one for one in await all_lines(rows) if one["line_no"] == line]
    assert (erased["text"], erased["salt"]) == (None, None) and erased["text_sha256"]
    assert line in await found(rows, "", LAMPS_HERE)
    assert [one["text"] for one in await all_lines(rows)][1] == "comet.seen"


async def test_gateways_that_come_and_go_make_one_line_a_minute(bench: RoomBench, rows: PostgresRows) -> None:
    for number in range(40):
        await tell(bench, "gateway.left", gateway=f"G-{number}")
    await tell(bench, "alarm.raised", type="lamps.out")
    await bench.follow()
    await bench.run_job("logbook.gathered", THE_POST)
    assert await all_lines(rows) == []
    bench.clock.advance(121)
    await bench.run_job("logbook.gathered", THE_POST)
    await bench.run_job("logbook.gathered", THE_POST)
    assert [line["text"] for line in await all_lines(rows)] == [
        "Passerelles perdues : 40 (G-0, G-1, G-2, G-3, G-4, +35)"
    ]
