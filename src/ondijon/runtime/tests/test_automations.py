"""Automations load whole or not at all, decide once for each fact, and can be asked again."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from msgspec import Struct

from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.automation import CARD_TEXTS, Card, Past, Rule, WantedAct
from ondijon.kernel.errors import Refused
from ondijon.kernel.events import Event
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.room import ActDesk, ActSpec, RoomManifest
from ondijon.runtime.automation_runner import AutomationRunner, actor_of, decide_again
from ondijon.runtime.automations import gather, load_automations
from ondijon.runtime.loader import load_trades
from ondijon.testing.builders import COMMUNES, small_city
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

CARD = Card("ring_back", ("bell.rung",), ("bells.ring",), (), "bells", "2026-11-22", 3)
WORDS = {
    language: {f"automation.ring_back.{text}": f"{language} {text}" for text in CARD_TEXTS} for language in ("fr", "en")
}


def module(name: str, **content: object) -> ModuleType:
    made = ModuleType(f"ondijon.automations.{name}")
    vars(made).update(content)
    return made


def want_nothing(event: Event, past: tuple[Past, ...]) -> tuple[WantedAct, ...]:
    return ()


def test_every_automation_of_the_house_loads_with_its_card() -> None:
    loaded = load_automations(load_trades()[1])
    assert [card.key for card in loaded.cards] == ["adaptive_lighting", "alarm_to_incident", "root_cause"]
    assert loaded.make_grouper is not None and [rule.card.key for rule in loaded.rules] == ["alarm_to_incident"]
    assert [steering.card.key for steering in loaded.steerings] == ["adaptive_lighting"]


@pytest.mark.parametrize(
    ("made", "problem"),
    [
        (module("ring_back"), "no CARD"),
        (module("ring_back", CARD=CARD), "neither RULE nor STEERING nor make_grouper"),
        (module("ring", CARD=CARD, RULE=Rule(CARD, (), want_nothing)), "its card is ring_back's"),
        (
            module("ring_back", CARD=CARD, RULE=Rule(msgspec.structs.replace(CARD, version=1), (), want_nothing)),
            "its RULE has another card",
        ),
    ],
)
def test_a_rule_that_is_not_whole_does_not_load(made: ModuleType, problem: str) -> None:
    with pytest.raises(Refused) as refusal:
        gather([made], WORDS)
    assert problem in str(refusal.value.values["problem"])


@pytest.mark.parametrize("text", CARD_TEXTS)
def test_a_card_without_a_word_in_one_language_does_not_load(text: str) -> None:
    words = {"fr": WORDS["fr"], "en": {key: word for key, word in WORDS["en"].items() if not key.endswith(text)}}
    with pytest.raises(Refused):
        gather([module("ring_back", CARD=CARD, RULE=Rule(CARD, (), want_nothing))], words)


def test_two_groupings_of_the_same_alarms_do_not_load() -> None:
    made = module("ring_back", CARD=CARD, make_grouper=want_nothing)
    with pytest.raises(Refused):
        gather([made, made], WORDS)


class Ring(Struct, frozen=True):
    """A bell."""

    bell: str


async def ring(desk: ActDesk, payload: Ring) -> dict[str, str]:
    desk.demand("handle", "bells", COMMUNES[0])
    if payload.bell == "cracked":
        raise Refused("error.cracked")
    subject = f"bell:{payload.bell}"
    desk.tell("bell.rung", trade="bells", commune=COMMUNES[0], subject=subject, payload={"bell": payload.bell})
    return {"rung": payload.bell}


async def hush(desk: ActDesk, payload: Ring) -> None:
    desk.demand("handle", "bells", COMMUNES[0])
    desk.tell("bell.hushed", trade="bells", commune=COMMUNES[0], subject=f"bell:{payload.bell}")


BELLS = RoomManifest("bells", (ActSpec("bells.ring", Ring, ring), ActSpec("bells.hush", Ring, hush)), trades=("bells",))


def ring_back(event: Event, past: tuple[Past, ...]) -> tuple[WantedAct, ...]:
    bell = event.payload["bell"]
    if bell == "deaf":
        return ()
    answer = WantedAct("bells.ring", {"bell": f"{bell} {len(past)}"}, "because")
    return (WantedAct("bells.ring", {"bell": "cracked"}, "because", otherwise=answer),)


def rule(stands_s: float = 0.0) -> Rule:
    return Rule(CARD, ("bell.rung",), ring_back, stands_s, ("bell.hushed",), lambda event: event.payload["bell"], 3600)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def rows(home: Path) -> AsyncIterator[PostgresRows]:
    async with fresh_rows(home) as rows:
        yield rows


async def open_bench(rows: PostgresRows, one: Rule) -> RoomBench:
    runner = AutomationRunner([one], WORDS)
    bench = RoomBench(small_city(), rows, SequentialIds(), StillClock(), FakeBus(), BELLS, runner.part)
    runner.door = bench.door
    await bench.start()
    return bench


async def decisions(rows: PostgresRows) -> list[dict[str, Any]]:
    return [dict(row) for row in await rows.fetch("SELECT * FROM automation_decisions ORDER BY at, id")]


async def rung(rows: PostgresRows) -> list[str]:
    found = await rows.fetch("SELECT payload ->> 'bell' AS bell FROM events WHERE key = 'bell.rung' ORDER BY event_no")
    return [row["bell"] for row in found]


@pytest.mark.engines
async def test_a_rule_acts_as_itself_once_and_never_answers_its_own_act(rows: PostgresRows) -> None:
    bench = await open_bench(rows, rule())
    await bench.do(THE_POST, "bells.ring", {"bell": "big"})
    for _ in range(3):
        await bench.follow()
    assert await rung(rows) == ["big", "big 0"]
    (line,) = await rows.fetch("SELECT actor FROM events WHERE payload ->> 'bell' = 'big 0'")
    assert line["actor"] == actor_of("ring_back").pseudonym
    (user,) = await rows.fetch("SELECT name, disabled_at FROM users WHERE pseudonym = $1", line["actor"])
    assert user["name"] == "fr name" and user["disabled_at"] is not None


@pytest.mark.engines
async def test_a_decision_keeps_what_it_knew_and_gives_the_same_again(rows: PostgresRows) -> None:
    bench = await open_bench(rows, rule())
    for bell in ("big", "big", "deaf"):
        await bench.do(THE_POST, "bells.ring", {"bell": bell})
        await bench.follow()
    assert await rung(rows) == ["big", "big 0", "big", "big 1", "deaf"], "the second decision knew of the first"
    stored = await decisions(rows)
    assert [(row["automation"], row["version"], row["trade"]) for row in stored] == [("ring_back", 3, "bells")] * 2
    for row in stored:
        assert list(msgspec.to_builtins(decide_again(rule(), row["input"]))) == row["outcome"]["wanted"]
        (done,) = row["outcome"]["performed"]
        assert done["refused"] is None and done["act"]["payload"]["bell"].startswith("big")


@pytest.mark.engines
async def test_what_must_stand_is_decided_on_in_time_unless_it_ended_before(rows: PostgresRows) -> None:
    bench = await open_bench(rows, rule(stands_s=30))
    for bell in ("big", "small"):
        await bench.do(THE_POST, "bells.ring", {"bell": bell})
    await bench.do(THE_POST, "bells.hush", {"bell": "small"})
    await bench.follow()
    await bench.run_job("automation.ring_back", THE_POST)
    assert await decisions(rows) == []
    bench.clock.advance(31)
    await bench.run_job("automation.ring_back", THE_POST)
    await bench.run_job("automation.ring_back", THE_POST)
    assert await rung(rows) == ["big", "small", "big 0"]


@pytest.mark.engines
async def test_a_card_that_was_merged_meanwhile_stands_no_more(rows: PostgresRows) -> None:
    bench = await open_bench(rows, rule(stands_s=30))
    merged, into = "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"
    for card, target in ((into, None), (merged, into)):
        await rows.execute(
            """INSERT INTO alarm_cards (id, kind, element, type, trade, priority, first_alarm, expected, explanation,
                                        position, raised_at, merged_into)
               VALUES ($1, 'single', 'x', 'bells.cracked', 'bells', 1, $1, '{}', '{}', '(5, 47)', now(), $2)""",
            card,
            target,
        )
        async with bench.door.desk(THE_POST) as desk:
            desk.tell("bell.rung", trade="bells", commune=None, subject=f"card:{card}", payload={"bell": card[-1]})
    await bench.follow()
    bench.clock.advance(31)
    await bench.run_job("automation.ring_back", THE_POST)
    assert await rung(rows) == ["b", "a", "b 0"]
    assert await rows.fetch("SELECT 1 FROM automation_waiting") == []
