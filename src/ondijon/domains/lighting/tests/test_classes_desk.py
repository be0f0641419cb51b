"""Classes, floors and policies behind the real door over real rows."""

import tomllib
from collections.abc import AsyncIterator, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ondijon.domains.lighting.desk.adaptive import read_ground
from ondijon.domains.lighting.manifest import MANIFEST, ROOM
from ondijon.domains.lighting.queries.policies import list_authorised
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.identity import THE_POST, Verb
from ondijon.kernel.inventory import Commune, Crossing, Inventory, Street, TwinRecord
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.testing.builders import CARD, person
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

pytestmark = pytest.mark.engines
CHENOVE, TALANT = "21166", "21617"
VERBS: tuple[Verb, ...] = ("see", "configure", "approve")
CLAIRE, AMINE = person("claire", verbs=VERBS), person("amine", verbs=VERBS)
LOOKER = person("looker", verbs=("see",))
POLICY = {
    "commune": CHENOVE,
    "from_min": 60,
    "to_min": 300,
    "least_pct": 0,
    "since": "2026-11-21",
    "until": "2027-11-21",
    "reason": "extinction en cœur de nuit",
}
EAST_M = 1 / 75_700.0  # about a metre in degrees of longitude here


def light(number: int, metres: float, street: str, surveyed: str | None = None) -> TwinRecord:
    local = f"SL-{number:06d}"
    attributes = {} if surveyed is None else {"lighting_class": surveyed}
    position = (5.04 + metres * EAST_M, 47.30)
    urn = f"urn:ngsi-ld:Streetlight:{CHENOVE}:{local}"
    return TwinRecord(urn, "Streetlight", CHENOVE, local, position, street, None, "CAB-1", local, dict(attributes))


def inventory(*more: TwinRecord) -> Inventory:
    communes = [Commune(insee, insee, 1000, 10.0, (5.04, 47.30), []) for insee in (CHENOVE, TALANT)]
    line = [(5.04, 47.30), (5.05, 47.30)]
    streets = [
        Street("A1", "Avenue Roland", CHENOVE, "secondary", line, vehicles_per_day=12_000, counted_year=2025),
        Street("A2", "Rue du Clos", CHENOVE, "residential", line),
    ]
    twins = [light(1, 0, "A1"), light(2, 60, "A1"), light(3, 120, "A2", "P3"), *more]
    return Inventory("essai", communes, streets, [], [], twins, [Crossing("A1", CHENOVE, (5.04, 47.30))])


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def rows(home: Path) -> AsyncIterator[PostgresRows]:
    async with fresh_rows(home) as rows:
        await save_inventory(rows, StillClock(), inventory())
        yield rows


@pytest.fixture
async def room(rows: PostgresRows) -> RoomBench:
    city = await load_city(rows, CARD, (MANIFEST,))
    bench = RoomBench(city, rows, SequentialIds(1 << 40), StillClock(), FakeBus(), ROOM)
    for seed in ROOM.seeds:
        if seed.file in ("lighting_floors.toml", "commune_lighting.toml"):
            content = tomllib.loads((files("ondijon") / "cities" / seed.file).read_text("utf-8"))
            async with bench.door.desk(THE_POST) as desk:
                await seed.load(desk, content | ({"adaptive": [CHENOVE]} if "commune" in seed.file else {}))
    return bench


async def classes(rows: PostgresRows) -> list[tuple[Any, ...]]:
    found = await rows.fetch(
        """SELECT class, street_class, class_inferred, on_crossing, floor_pct FROM lighting_light_classes
           ORDER BY twin_no"""
    )
    return [tuple(row.values()) for row in found]


async def test_every_light_has_its_class_and_floor_at_the_start(room: RoomBench, rows: PostgresRows) -> None:
    # 12,000 vehicles a day are 1,200 in the busiest hour: high traffic, M3; one step above it on the crossing.
    assert await classes(rows) == [
        ("C2", "M3", True, True, 75.0),
        ("M3", "M3", True, False, 50.0),
        ("P3", "P3", False, False, 40.0),
    ]


async def test_another_import_makes_the_classes_again_and_no_news_does_not(room: RoomBench, rows: PostgresRows) -> None:
    await room.run_job("lighting.classify_lights", THE_POST)
    assert len(await rows.fetch("SELECT 1 FROM events WHERE key = 'lighting.classes_refreshed'")) == 1
    await save_inventory(rows, room.clock, inventory(light(4, 200, "A2")))
    await room.run_job("lighting.classify_lights", THE_POST)
    assert (await classes(rows))[-1] == ("P4", "P4", True, False, 40.0)


async def test_a_person_s_word_goes_first_until_it_is_taken_back(room: RoomBench, rows: PostgresRows) -> None:
    said = {"commune": CHENOVE, "street": "Rue du Clos", "lighting_class": "P5", "reason": "voie sans issue"}
    await room.do(CLAIRE, "lighting.set_street_class", said)
    assert (await classes(rows))[2] == ("P5", "P5", False, False, 67.0)
    await room.do(CLAIRE, "lighting.set_street_class", {**said, "lighting_class": None})
    assert (await classes(rows))[2][0] == "P3"


async def test_a_street_that_is_none_and_a_person_who_may_not_are_turned_away(room: RoomBench) -> None:
    said = {"commune": CHENOVE, "street": "Rue Inconnue", "lighting_class": "P5", "reason": "x"}
    with pytest.raises(NotFound):
        await room.do(CLAIRE, "lighting.set_street_class", said)
    with pytest.raises(NotAllowed):
        await room.do(LOOKER, "lighting.set_street_class", said)


async def test_a_policy_comes_in_force_by_a_second_person_only(room: RoomBench, rows: PostgresRows) -> None:
    made = await room.do(CLAIRE, "lighting.propose_policy", POLICY)
    assert await list_authorised(rows) == []
    with pytest.raises(NotAllowed):
        await room.do(CLAIRE, "lighting.authorise_policy", {"id": made["id"]})
    await room.do(AMINE, "lighting.authorise_policy", {"id": made["id"]})
    assert [one.id for one in await list_authorised(rows)] == [UUID(made["id"])]
    await room.do(CLAIRE, "lighting.revoke_policy", {"id": made["id"], "reason": "fin de l’essai"})
    assert await list_authorised(rows) == []
    with pytest.raises(Refused):
        await room.do(AMINE, "lighting.authorise_policy", {"id": made["id"]})


async def test_the_ground_is_what_stands_in_communes_that_are_switched_on(room: RoomBench, rows: PostgresRows) -> None:
    city = await load_city(rows, CARD, (MANIFEST,))
    ground = await read_ground(rows, city)
    assert [(zone.street, zone.designed, zone.street_class) for zone in ground.zones] == [
        ("Avenue Roland", "C2", "secondary"),
        ("Avenue Roland", "M3", "secondary"),
        ("Rue du Clos", "P3", "residential"),
    ]
    assert ground.zone_of.tolist() == [0, 1, 2]
    await room.do(CLAIRE, "lighting.set_adaptive", {"commune": CHENOVE, "on": False, "reason": "travaux"})
    after = await read_ground(rows, city)
    assert after.zones == () and after.version != ground.version


async def test_what_a_person_switched_the_file_does_not_switch_back(room: RoomBench, rows: PostgresRows) -> None:
    await room.do(CLAIRE, "lighting.set_adaptive", {"commune": CHENOVE, "on": False, "reason": "travaux"})
    seed = next(one for one in ROOM.seeds if one.file == "commune_lighting.toml")
    async with room.door.desk(THE_POST) as desk:
        await seed.load(desk, {"adaptive": [CHENOVE, TALANT], "floors": []})
    found = await rows.fetch("SELECT commune FROM lighting_adaptive_communes WHERE is_on")
    assert [row["commune"] for row in found] == [TALANT]
