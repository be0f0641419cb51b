"""An import changes what differs and nothing else, says what it changed, and does all of it or nothing."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from msgspec import structs

from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.errors import Refused
from ondijon.kernel.inventory import Address, Crossing, Inventory, TwinRecord
from ondijon.runtime.city_store import ImportCount, add_twins, load_city, save_inventory
from ondijon.testing.builders import CARD, COMMUNES, MANIFESTS, small_inventory
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import StillClock

pytestmark = pytest.mark.engines


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def rows(home: Path, clock: StillClock) -> AsyncIterator[PostgresRows]:
    async with fresh_rows(home, as_owner=True) as opened:
        yield opened


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


def the_town() -> Inventory:
    """The small city, with house numbers, crossings and a count."""
    town = small_inventory()
    streets = [structs.replace(town.streets[0], vehicles_per_day=4200, counted_year=2013), *town.streets[1:]]
    houses = [
        Address("ST-0", "7", (5.01, 47.3)),
        Address("ST-0", "7", (5.02, 47.3)),
        Address("ST-1", "8", (5.11, 47.3)),
    ]
    crossings = [Crossing("ST-0", COMMUNES[0], (5.01, 47.3)), Crossing("ST-1", COMMUNES[1], (5.12, 47.3))]
    return structs.replace(town, streets=streets, addresses=houses, crossings=crossings)


async def whole_table(rows: PostgresRows, table: str) -> list[str]:
    found = await rows.fetch(f"SELECT t::text AS row FROM {table} t")  # noqa: S608 (names of this test)
    return sorted(row["row"] for row in found)


async def whole_city(rows: PostgresRows) -> dict[str, list[str]]:
    tables = ("city", "communes", "streets", "addresses", "crossings", "landscape", "twins")
    return {table: await whole_table(rows, table) for table in tables}


async def test_a_first_import_creates_everything_and_a_second_changes_nothing(
    rows: PostgresRows, clock: StillClock
) -> None:
    first = await save_inventory(rows, clock, the_town())
    assert first["Street"] == ImportCount(created=3) and first["TrafficCount"] == ImportCount(created=1)
    assert first["Address"] == ImportCount(created=3) and first["Crossing"] == ImportCount(created=2)
    assert first["Lamp"] == ImportCount(created=12)
    before = await whole_city(rows)
    second = await save_inventory(rows, clock, the_town())
    assert second == {kind: ImportCount(unchanged=count.created) for kind, count in first.items()}
    after = await whole_city(rows)
    assert before.pop("city") != after.pop("city"), "only the number of the import goes on"
    assert before == after


async def test_each_kind_says_what_changed(rows: PostgresRows, clock: StillClock) -> None:
    await save_inventory(rows, clock, the_town())
    town = the_town()
    streets = [structs.replace(town.streets[0], vehicles_per_day=5000), *town.streets[1:]]
    houses = [structs.replace(town.addresses[0], position=(5.03, 47.3)), *town.addresses[1:]]
    twins = [structs.replace(town.twins[1], name="Lampe neuve"), *town.twins[2:]]
    counts = await save_inventory(
        rows,
        clock,
        structs.replace(
            town, streets=streets, addresses=houses, crossings=town.crossings[:1], twins=[town.twins[0], *twins]
        ),
    )
    assert counts["Street"] == ImportCount(changed=1, unchanged=2)
    assert counts["TrafficCount"] == ImportCount(changed=1)
    assert counts["Address"].unchanged == 2 and counts["Address"].changed == 1
    assert counts["Crossing"] == ImportCount(unchanged=1, retired=1)
    assert counts["Lamp"] == ImportCount(changed=1, unchanged=11)


async def test_what_others_know_of_a_street_survives_an_import(rows: PostgresRows, clock: StillClock) -> None:
    await save_inventory(rows, clock, the_town())
    await rows.execute("CREATE TABLE known (street_id text PRIMARY KEY REFERENCES streets)")
    await rows.execute("INSERT INTO known SELECT street_id FROM streets")
    town = the_town()
    renamed = [structs.replace(street, name="Rue Neuve") for street in town.streets]
    await save_inventory(rows, clock, structs.replace(town, streets=renamed))
    assert len(await rows.fetch("SELECT 1 FROM known JOIN streets USING (street_id) WHERE name = 'Rue Neuve'")) == 3
    await rows.execute("DROP TABLE known")


async def test_a_street_that_is_gone_leaves_its_twins_standing(rows: PostgresRows, clock: StillClock) -> None:
    await save_inventory(rows, clock, the_town())
    town = the_town()
    twins = [structs.replace(twin, street_id=None) if twin.street_id == "ST-2" else twin for twin in town.twins]
    counts = await save_inventory(rows, clock, structs.replace(town, streets=town.streets[:2], twins=twins))
    assert counts["Street"] == ImportCount(unchanged=2, retired=1)
    assert not await rows.fetch("SELECT 1 FROM twins WHERE street_id = 'ST-2'")


async def test_numbers_stay_when_a_twin_goes_and_comes_back(rows: PostgresRows, clock: StillClock) -> None:
    await save_inventory(rows, clock, the_town())
    numbers = {row["urn"]: row["twin_no"] for row in await rows.fetch("SELECT urn, twin_no FROM twins")}
    town = the_town()
    gone = next(twin for twin in town.twins if twin.type == "Lamp")
    left = [twin for twin in town.twins if twin is not gone]
    assert (await save_inventory(rows, clock, structs.replace(town, twins=left)))["Lamp"].retired == 1
    assert (await save_inventory(rows, clock, town))["Lamp"].changed == 1
    assert {row["urn"]: row["twin_no"] for row in await rows.fetch("SELECT urn, twin_no FROM twins")} == numbers


async def test_communes_that_come_later_get_numbers_of_their_own(rows: PostgresRows, clock: StillClock) -> None:
    town = small_inventory()
    one = COMMUNES[0]
    part = structs.replace(
        town,
        communes=[commune for commune in town.communes if commune.insee != one],
        streets=[street for street in town.streets if street.commune != one],
        twins=[twin for twin in town.twins if twin.commune != one],
    )
    await save_inventory(rows, clock, part)
    await save_inventory(rows, clock, town)
    assert {row["code"] for row in await rows.fetch("SELECT code FROM communes")} == {0, 1, 2}


def many_lamps(count: int) -> Inventory:
    town = small_inventory()
    lamp = next(twin for twin in town.twins if twin.type == "Lamp")
    lamps = [
        TwinRecord(f"urn:ngsi-ld:Lamp:{lamp.commune}:X-{n}", "Lamp", lamp.commune, f"X-{n}", lamp.position)
        for n in range(count)
    ]
    return structs.replace(town, twins=lamps)


async def test_half_a_file_takes_nothing_out_of_the_room(rows: PostgresRows, clock: StillClock) -> None:
    await save_inventory(rows, clock, many_lamps(100))
    before = await whole_city(rows)
    with pytest.raises(Refused) as refusal:
        await save_inventory(rows, clock, many_lamps(49))
    assert refusal.value.values == {"kind": "Lamp", "retired": 51, "known": 100}
    assert await whole_city(rows) == before
    assert (await save_inventory(rows, clock, many_lamps(49), accept_losses=True))["Lamp"].retired == 51


async def test_the_words_of_an_imports_sources_come_before_the_citys_own(rows: PostgresRows, clock: StillClock) -> None:
    await save_inventory(rows, clock, small_inventory())
    assert (await load_city(rows, CARD, MANIFESTS)).card.attribution == CARD.attribution
    await save_inventory(rows, clock, small_inventory(), {"fr": "Source : IGN", "en": "Source: IGN"})
    await add_twins(rows, clock, [])
    assert (await load_city(rows, CARD, MANIFESTS)).card.attribution["fr"] == "Source : IGN"
