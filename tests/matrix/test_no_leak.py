"""What one may not see is as if it did not exist: in errors, lists, counts, search, figures, exports and live news."""

import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from ondijon.kernel.frames import SUBJECT, encode_batch
from ondijon.testing.builders import batch
from ondijon.web.live_client import LiveClient
from tests.matrix.acts import ACTS
from tests.matrix.people import NARROW, WALKERS
from tests.matrix.routes import ACTING, LISTS, MINE, THINGS
from tests.matrix.stage import Stage, Thing
from tests.matrix.table import Line, fill
from tests.matrix.things import KINDS
from tests.matrix.walker import send

pytestmark = pytest.mark.engines

_SEARCHES = ("lampe", "pompe", "armoire 1", "rue de l'oeuvre 1", "essai", "L-1", "P-1")
_MORE_READS = (
    *(f"/api/search?q={words}&limit=50" for words in _SEARCHES),
    "/api/incidents?state=open",
    "/api/incidents?state=all&q=essai",
    "/api/incidents?state=all&near=5.15,47.31",
    "/api/calls?list=ringing",
    "/api/calls?list=open",
    "/api/calls?list=call_back",
    "/api/alarms?list=shelved",
    "/api/alarms?list=out_of_service",
    "/api/alarms?list=over",
    "/api/logbook?q=essai",
    "/api/logbook?commune=21002",
    "/api/commands?open=1",
    "/api/directory?q=voirie",
    "/api/directory?commune=21002",
)
# What is made on one ground alone; the others need something at home beside it.
_ALONE = frozenset(KINDS) - {"incident and another", "incident and contact", "call and incident"}
# What has no ground until its place is said: every call-taker hears of it until then.
_CALLS = frozenset(kind for kind in KINDS if "call" in kind)
# What belongs to another trade than lamps, on any ground.
_OF_OTHER_TRADES = frozenset(KINDS) - {"lamp", "lamps", "card", "command", "letter", "shelving", "silence", "session"}


def words_of(answer: httpx.Response, thing: Thing) -> tuple[int, str, bytes]:
    """The answer as somebody sees it who knows nothing but the id that was asked for."""
    body = answer.content
    for asked in (thing.id, *(str(value) for value in thing.extra.values())):
        if len(asked) > 4:
            body = body.replace(asked.encode(), b"ID")
    return answer.status_code, answer.headers.get("content-type", ""), body


async def test_an_id_of_elsewhere_is_answered_byte_for_byte_as_one_that_does_not_exist(stage: Stage) -> None:
    differing = []
    lines = [line for line in (*THINGS, *ACTING, *ACTS) if {"other", "none"} <= set(line.where)]
    assert len(lines) > 40
    for line in lines:
        other, none = await stage.make(line.about, "other"), await stage.make(line.about, "none")
        for who in WALKERS:
            seen = [words_of(await send(stage, line, who, thing), thing) for thing in (other, none)]
            if seen[0] != seen[1]:
                differing.append(f"{line.name} ({line.about}) by {who}: {seen}")
    assert not differing, "\n".join(["", *differing])


async def read_everything(stage: Stage, who: str, things: dict[Line, Thing]) -> dict[str, bytes]:
    """Every answer that this person can get by reading: lists, counts, figures, search, tiles, exports, own things."""
    answers = {}
    for line in (*LISTS, *(one for one in MINE if one.method == "GET")):
        if line.needs != "export":
            answers[line.name] = await stage.desk.ask("GET", fill(line.path, {"who": who}), who)
    for line, thing in things.items():
        if line.needs != "export":
            answers[f"{line.name} {line.about}"] = await send(stage, line, who, thing)
    for path in _MORE_READS:
        answers[path] = await stage.desk.ask("GET", path, who)
    return {name: answer.content for name, answer in answers.items()}


async def read_exports(stage: Stage, who: str, things: dict[Line, Thing]) -> dict[str, bytes]:
    """What leaves the room; apart, because each export is counted where others may read the count."""
    answers = {}
    for line in (*LISTS, *things):
        if line.needs == "export" and not line.path.endswith(".pdf") and ".pdf?" not in line.path:
            thing = things.get(line, Thing("", "", ""))
            answers[line.name] = (await send(stage, line, who, thing)).content
    return answers


async def test_nothing_that_happens_elsewhere_changes_a_single_byte_of_what_is_read_here(stage: Stage) -> None:
    watchers = tuple(who for who in WALKERS if who != "wall")
    things = {line: await stage.keep(line.about, "own") for line in THINGS}
    for who in watchers:
        await stage.desk.cookie(who)
    before = {who: await read_everything(stage, who, things) for who in watchers}
    again = {who: await read_everything(stage, who, things) for who in watchers}
    by_reading = _changed(before, again)
    assert not by_reading, "\n".join(["these change by being read, which would prove nothing", *by_reading])
    for kind in sorted(_ALONE):
        for _ in range(2):
            await stage.make(kind, "other")
    after = {who: await read_everything(stage, who, things) for who in watchers}
    by_others = _changed(before, after)
    assert not by_others, "\n".join(["", *by_others])


def _changed(before: dict[str, dict[str, bytes]], after: dict[str, dict[str, bytes]]) -> list[str]:
    return [
        f"{name} by {who}: {_difference(answer, after[who][name])}"
        for who, answers in before.items()
        for name, answer in answers.items()
        if answer != after[who][name]
    ]


def _difference(first: bytes, second: bytes) -> str:
    at = next((place for place, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), 0)
    start = max(0, at - 60)
    return f"{first[start : at + 60]!r} became {second[start : at + 60]!r}"


async def test_nothing_that_happens_elsewhere_is_in_an_export(stage: Stage) -> None:
    things = {line: await stage.keep(line.about, "own") for line in THINGS}
    before = await read_exports(stage, "shift_leader", things)
    # A list that leaves as CSV has its head and a line at least.
    assert len(before) >= 2 and all(len(one) > 200 or one.count(b"\r\n") > 1 for one in before.values())
    for kind in sorted(_ALONE):
        await stage.make(kind, "other")
    assert await read_exports(stage, "shift_leader", things) == before


async def test_nothing_of_another_trade_changes_a_single_byte_either(stage: Stage) -> None:
    things = {line: await stage.keep(line.about, "own") for line in THINGS}
    before = {NARROW: await read_everything(stage, NARROW, things)}
    for kind in sorted(_OF_OTHER_TRADES):
        await stage.make(kind, "own")
    by_others = _changed(before, {NARROW: await read_everything(stage, NARROW, things)})
    assert not by_others, "\n".join(["", *by_others])


async def test_the_same_things_at_home_are_read_by_whoever_may_see_them(stage: Stage) -> None:
    """Without this, the test above could pass because nobody sees anything at all."""
    things = {line: await stage.keep(line.about, "own") for line in THINGS}
    before = await read_everything(stage, "shift_leader", things)
    for kind in KINDS:
        await stage.make(kind, "own")
    after = await read_everything(stage, "shift_leader", things)
    changed = {name for name, answer in before.items() if answer != after[name]}
    wanted = {"GET /api/alarms", "GET /api/incidents", "GET /api/calls", "GET /api/logbook", "GET /api/commands"}
    wanted |= {"GET /api/directory", "GET /api/wall", "GET /api/communes/{insee:str}/week commune"}
    assert wanted <= changed


async def _join(stage: Stage, who: str) -> LiveClient:
    """A live socket of this person's, read straight from its mailbox."""
    hub = stage.desk.app.state.hub
    seat = await stage.desk.app.state.hub._tools.sessions.find(await stage.desk.cookie(who))
    client: LiveClient = hub.join(seat)
    hub.watch(client, ["Lamp", "Cabinet", "Pump"], "urn:ngsi-ld:Lamp:21002:L-13")
    return client


async def _rounds(stage: Stage, clients: Sequence[LiveClient]) -> list[list[Any]]:
    """What each client is sent by the next rounds: texts as JSON, frames as they are."""
    hub = stage.desk.app.state.hub
    for _ in range(4):
        await hub.send_round()
        await hub._news.deliver()
    taken = [client.mailbox.take_all() for client in clients]
    return [[json.loads(item) if isinstance(item, str) else item for item in items] for items in taken]


async def test_the_live_socket_brings_nothing_of_elsewhere(stage: Stage) -> None:
    watchers = ("shift_leader", "operator", "observer", NARROW, "stranger", "maker")
    clients = [await _join(stage, who) for who in watchers]
    for _ in range(2):
        # The greetings first, then everything once.
        await _rounds(stage, clients)
    placed = await stage.make("call", "other")
    await _rounds(stage, clients)
    for kind in sorted(_ALONE - _CALLS):
        await stage.make(kind, "other")
    await stage.act("calls.end", {"id": placed.id, "version": placed.extra["version"]})
    city = stage.desk.city
    await stage.desk.bus.publish(SUBJECT, encode_batch(batch(city, "Lamp", "level_pct", {7: 61.0}, 10**15)))
    told = dict(zip(watchers, await _rounds(stage, clients), strict=True))
    assert len(told.pop("maker")) > 10
    heard = [f"{who}: {item!r}" for who, items in told.items() for item in items]
    assert not heard, "\n".join(["", *heard])
