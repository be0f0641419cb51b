"""The directory behind the real door: who may change it, who is called, what the city's file does."""

import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

import ondijon
from ondijon.control_room.directory.desk.seed import load_directory
from ondijon.control_room.directory.manifest import ROOM
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.identity import THE_POST, Actor, Verb
from ondijon.testing.builders import COMMUNES, person, small_city
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

pytestmark = pytest.mark.engines
HERE, THERE = COMMUNES[0], COMMUNES[1]
EDITS: tuple[Verb, ...] = ("see", "handle", "configure")
CHIEF = person("chief", verbs=EDITS)
ENGINEER = person("engineer", trades=("lamps",), verbs=EDITS)
OPERATOR = person("operator", verbs=("see", "handle"))
STRANGER = person("stranger", communes=(THERE,), trades=("water",), verbs=EDITS)
CREW = {
    "key": "lighting_crew",
    "kind": "service",
    "name": "Équipe d’éclairage",
    "phone": "03 53 01 10 01",
    "trades": ["lamps"],
    "communes": [HERE],
    "hours": "Mo-Fr 08:00-18:00; PH off",
}
NIGHT = {
    **CREW,
    "kind": "on_call",
    "name": "Astreinte éclairage",
    "communes": ["*"],
    "hours": "Mo-Fr 18:00-08:00; Sa,Su,PH 00:00-24:00",
}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def rows(home: Path) -> AsyncIterator[PostgresRows]:
    async with fresh_rows(home) as rows:
        yield rows


@pytest.fixture
def bench(rows: PostgresRows) -> RoomBench:
    return RoomBench(small_city(), rows, SequentialIds(), StillClock(), FakeBus(), ROOM)


async def save(bench: RoomBench, who: Actor, **fields: Any) -> UUID:
    return UUID((await bench.do(who, "directory.save", fields))["id"])


async def names_on_duty(bench: RoomBench, who: Actor, commune: str, **asked: Any) -> list[tuple[str, bool]]:
    payload = {"trade": "lamps", "commune": commune, "keys": ["lighting_crew"], **asked}
    found = await bench.do(who, "directory.find_on_duty", payload)
    return [(one["name"], one["open_now"]) for one in found]


async def test_who_is_called_changes_with_the_hour_and_the_commune(bench: RoomBench) -> None:
    await save(bench, CHIEF, **CREW)
    await save(bench, CHIEF, **NIGHT)
    # StillClock begins on a Saturday evening.
    assert await names_on_duty(bench, OPERATOR, HERE) == [("Astreinte éclairage", True), ("Équipe d’éclairage", False)]
    bench.clock.advance(36 * 3600 + 3600)
    assert await names_on_duty(bench, OPERATOR, HERE) == [("Équipe d’éclairage", True), ("Astreinte éclairage", False)]
    assert await names_on_duty(bench, OPERATOR, THERE) == [("Astreinte éclairage", False)]
    assert await names_on_duty(bench, OPERATOR, HERE, kinds=["on_call"]) == [("Astreinte éclairage", False)]


async def test_two_who_save_at_once_have_one_winner_and_the_other_is_told_who(bench: RoomBench) -> None:
    await bench.door._rows.execute(  # the name that the loser reads
        """INSERT INTO users (user_id, pseudonym, username, name, password_hash, grants)
           VALUES ($1, $2, 'chief', 'Claire', '', '[]')""",
        CHIEF.user_id,
        CHIEF.pseudonym,
    )
    contact = await save(bench, CHIEF, **CREW)
    first = {**CREW, "id": str(contact), "version": 1, "phone": "03 53 01 10 02"}
    assert (await bench.do(CHIEF, "directory.save", first))["version"] == 2
    with pytest.raises(Refused) as refusal:
        await bench.do(ENGINEER, "directory.save", {**first, "phone": "03 53 01 10 03"})
    assert (refusal.value.key, refusal.value.values) == ("error.changed_meanwhile", {"by": "Claire"})


async def test_only_who_may_configure_all_that_it_serves_may_change_it(bench: RoomBench) -> None:
    contact = await save(bench, ENGINEER, **{**CREW, "communes": ["*"]})
    wider = {**CREW, "id": str(contact), "version": 1, "trades": ["*"]}
    with pytest.raises(NotAllowed):
        await bench.do(ENGINEER, "directory.save", wider)
    with pytest.raises(NotAllowed):
        await bench.do(OPERATOR, "directory.save", CREW)
    with pytest.raises(NotFound, match="no_such_contact"):
        await bench.do(STRANGER, "directory.retire", {"id": str(contact)})
    with pytest.raises(NotFound, match="no_such_contact"):
        await bench.do(CHIEF, "directory.retire", {"id": str(UUID(int=1))})


async def test_a_retired_contact_is_called_no_more_and_leaves_no_person(bench: RoomBench, rows: PostgresRows) -> None:
    contact = await save(bench, CHIEF, **CREW, person={"name": "Paul Durand", "phone": "06 39 98 10 01"})
    assert await rows.fetch_one("SELECT 1 FROM contact_persons") is not None
    await bench.do(CHIEF, "directory.retire", {"id": str(contact), "version": 1})
    assert await rows.fetch_one("SELECT 1 FROM contact_persons") is None
    assert await names_on_duty(bench, CHIEF, HERE) == []
    with pytest.raises(NotFound):
        await bench.do(CHIEF, "directory.save", {**CREW, "id": str(contact), "version": 2})


async def test_a_person_stays_unless_told_otherwise_and_never_enters_a_fact(
    bench: RoomBench, rows: PostgresRows
) -> None:
    contact = await save(bench, CHIEF, **CREW, person={"name": "Paul Durand", "phone": "06 39 98 10 01"})
    await bench.do(CHIEF, "directory.save", {**CREW, "id": str(contact), "version": 1, "note": "Sonner deux fois"})
    assert await rows.fetch_one("SELECT 1 FROM contact_persons WHERE name = 'Paul Durand'") is not None
    told = msgspec.json.encode([dict(row) for row in await rows.fetch("SELECT key, payload FROM events")])
    assert b"Durand" not in told and b"contact.corrected" in told
    await bench.do(CHIEF, "directory.save", {**CREW, "id": str(contact), "version": 2, "person": None})
    assert await rows.fetch_one("SELECT 1 FROM contact_persons") is None


async def load(bench: RoomBench, *contacts: dict[str, Any]) -> None:
    async with bench.door.desk(THE_POST) as desk:
        await load_directory(desk, {"contact": list(contacts)})


async def test_the_citys_file_stands_until_a_person_changes_a_contact(bench: RoomBench, rows: PostgresRows) -> None:
    crew, night = {**CREW, "seed": "crew"}, {**NIGHT, "seed": "night"}
    await load(bench, crew, night)
    await load(bench, crew, night)
    assert len(await rows.fetch("SELECT 1 FROM events")) == 1
    row = await rows.fetch_one("SELECT id, version FROM contacts WHERE seed = 'crew'")
    assert row is not None
    await bench.do(CHIEF, "directory.save", {**CREW, "id": str(row["id"]), "version": 1, "phone": "03 53 01 10 09"})
    await load(bench, {**crew, "phone": "03 53 01 10 05"}, {**night, "phone": "03 53 01 10 06"})
    stored = await rows.fetch("SELECT seed, phone FROM contacts ORDER BY seed")
    assert [tuple(one.values()) for one in stored] == [("crew", "03 53 01 10 09"), ("night", "03 53 01 10 06")]
    await load(bench, crew)
    kept = await rows.fetch("SELECT seed FROM contacts WHERE retired_at IS NULL")
    assert [one["seed"] for one in kept] == ["crew"]
    await load(bench, crew, night)
    assert await rows.fetch_one("SELECT 1 FROM contacts WHERE seed = 'night' AND retired_at IS NULL") is not None


async def test_a_commune_that_the_city_does_not_hold_is_left_out(bench: RoomBench, rows: PostgresRows) -> None:
    await load(bench, {**CREW, "seed": "a", "communes": [HERE, "75056"]}, {**CREW, "seed": "b", "communes": ["75056"]})
    assert [row["communes"] for row in await rows.fetch("SELECT communes FROM contacts")] == [[HERE]]


async def test_a_file_that_will_not_do_is_refused_whole(bench: RoomBench, rows: PostgresRows) -> None:
    with pytest.raises(Refused, match="bad_directory"):
        await load(bench, {**CREW, "seed": "crew"}, {**NIGHT, "seed": "night", "horaires": "24/7"})
    with pytest.raises(Refused, match="contact_hours"):
        await load(bench, {**CREW, "seed": "crew"}, {**NIGHT, "seed": "night", "hours": "la nuit"})
    assert await rows.fetch("SELECT 1 FROM contacts") == []


@pytest.mark.parametrize("file", ["dijon/directory.toml", "montpellier/directory.toml", "directory.toml"])
async def test_each_citys_own_file_loads(bench: RoomBench, rows: PostgresRows, file: str) -> None:
    content = tomllib.loads((Path(ondijon.__file__).parent / "cities" / file).read_text("utf-8"))
    for contact in content["contact"]:
        contact.pop("communes", None)
    await load(bench, *content["contact"])
    assert len(await rows.fetch("SELECT 1 FROM contacts")) == len(content["contact"])
