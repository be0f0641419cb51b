"""Re-equipping behind the real door: one transaction, a second person, undo to the letter, and imports that keep it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ondijon.domains.lighting.manifest import MANIFEST, ROOM
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.identity import THE_POST, Actor, Verb
from ondijon.kernel.inventory import AttributeValue, Inventory, TwinRecord
from ondijon.runtime.city_store import follow_city, load_city, read_version, save_inventory
from ondijon.testing.builders import CARD, COMMUNES, person, small_inventory
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

pytestmark = pytest.mark.engines
HERE, THERE, FAR = COMMUNES
MANY, FEW = 510, 6
ALL: tuple[Verb, ...] = ("see", "configure", "approve", "export")
ENGINEER = person("engineer", trades=("lighting",), verbs=ALL)
SECOND = person("second", trades=("lighting",), verbs=ALL)
LOCAL = person("local", communes=(HERE,), trades=("lighting",), verbs=ALL)
OBSERVER = person("observer", trades=("lighting",), verbs=("see",))
STRANGER = person("stranger", trades=("water",), verbs=ALL)
LED: dict[str, AttributeValue] = {"lamp_type": "led", "rated_power_w": 35, "installed_year": 2026}


def light(commune: str, number: int) -> str:
    return f"urn:ngsi-ld:Streetlight:{commune}:S-{number}"


def _light(commune: str, number: int) -> TwinRecord:
    attributes: dict[str, AttributeValue] = {"lamp_type": "sodium", "rated_power_w": 100.5 + number % 3, "circuit": 1}
    if number % 2:
        attributes["installed_year"] = 1995
    place = (5.0 + number / 10_000, 47.3)
    name = f"S-{commune}-{number}"
    return TwinRecord(light(commune, number), "Streetlight", commune, name, place, None, None, None, name, attributes)


def inventory(*changed: TwinRecord) -> Inventory:
    twins = {one.id: one for one in [_light(HERE, number) for number in range(MANY)]}
    twins |= {one.id: one for one in [_light(THERE, number) for number in range(FEW)]}
    twins |= {one.id: one for one in changed}
    return msgspec.structs.replace(small_inventory(), twins=list(twins.values()))


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
async def bench(rows: PostgresRows) -> RoomBench:
    city = await load_city(rows, CARD, (MANIFEST,))
    return RoomBench(city, rows, SequentialIds(), StillClock(), FakeBus(), ROOM)


async def attributes(rows: PostgresRows) -> dict[str, dict[str, Any]]:
    found = await rows.fetch("SELECT urn, attributes FROM twins WHERE type = 'Streetlight' AND retired_at IS NULL")
    return {row["urn"]: row["attributes"] for row in found}


async def re_equip(bench: RoomBench, who: Actor, *urns: str, **values: AttributeValue) -> dict[str, Any]:
    targets = {"kind": "twins", "ids": list(urns)} if urns else {"kind": "all"}
    asked = {"targets": targets, "values": values or LED, "reason": "plan LED"}
    done: dict[str, Any] = await bench.do(who, "lighting.re_equip_lights", asked)
    return done


async def undo(bench: RoomBench, who: Actor, one: dict[str, Any]) -> dict[str, Any]:
    asked = {"id": one["id"], "reason": "erreur de lot"}
    done: dict[str, Any] = await bench.do(who, "lighting.undo_re_equipment", asked)
    return done


async def facts(rows: PostgresRows) -> list[tuple[str, str, int]]:
    found = await rows.fetch("SELECT key, commune, payload FROM events ORDER BY id")
    return [(row["key"].removeprefix("lighting."), row["commune"], row["payload"]["lights"]) for row in found]


async def test_a_few_lights_are_changed_at_once_and_undone_to_the_letter(bench: RoomBench, rows: PostgresRows) -> None:
    before = await attributes(rows)
    one = await re_equip(bench, ENGINEER, light(HERE, 0), light(HERE, 1), light(THERE, 2))
    assert (one["state"], one["lights"]) == ("applied", 3)
    after = await attributes(rows)
    for urn in (light(HERE, 0), light(HERE, 1), light(THERE, 2)):
        assert after[urn] == {**before[urn], **LED, "rated_power_inferred": False}
    assert {urn for urn in after if after[urn] != before[urn]} == {light(HERE, 0), light(HERE, 1), light(THERE, 2)}
    assert await undo(bench, ENGINEER, one) == {"state": "undone", "lights": 3, "kept": 0}
    # Light 0 had no year at all: it has none again.
    assert await attributes(rows) == before
    assert await rows.fetch("SELECT * FROM attribute_edits") == []
    assert await facts(rows) == [
        ("lights_re_equipped", HERE, 2),
        ("lights_re_equipped", THERE, 1),
        ("re_equipment_undone", HERE, 2),
        ("re_equipment_undone", THERE, 1),
    ]


async def test_an_edit_reaches_every_process_in_place_and_only_an_import_makes_it_start_anew(
    bench: RoomBench, rows: PostgresRows
) -> None:
    city = await load_city(rows, CARD, (MANIFEST,))
    twins, renewed = city.twins["Streetlight"], asyncio.Event()
    powers, version = twins.numbers("rated_power_w"), await read_version(rows)
    row = twins.get_row(light(HERE, 1))

    async def on_renewed() -> None:
        renewed.set()

    follower = asyncio.create_task(follow_city(rows, city, version, on_renewed, every_s=0.01))
    await re_equip(bench, ENGINEER, light(HERE, 1))
    await asyncio.wait_for(renewed.wait(), 10)
    assert (powers[row], twins.records[row].attributes["lamp_type"], twins.edition) == (35, "led", 1)
    assert not follower.done()
    await save_inventory(rows, StillClock(), inventory(_light(HERE, MANY)))
    await asyncio.wait_for(follower, 10)


async def test_many_lights_wait_for_a_second_person(bench: RoomBench, rows: PostgresRows) -> None:
    before = await attributes(rows)
    one = await re_equip(bench, ENGINEER)
    assert (one["state"], one["lights"]) == ("proposed", MANY + FEW)
    assert await attributes(rows) == before
    with pytest.raises(NotAllowed, match="self_approval"):
        await bench.do(ENGINEER, "lighting.approve_re_equipment", {"id": one["id"]})
    with pytest.raises(NotFound, match="re_equipment_not_found"):
        await bench.do(LOCAL, "lighting.approve_re_equipment", {"id": one["id"]})
    with pytest.raises(NotAllowed):
        await bench.do(OBSERVER, "lighting.approve_re_equipment", {"id": one["id"]})
    done = await bench.do(SECOND, "lighting.approve_re_equipment", {"id": one["id"]})
    assert done == {"state": "applied", "lights": MANY + FEW}
    assert all(LED.items() <= one.items() for one in (await attributes(rows)).values())
    with pytest.raises(Refused, match="re_equipment_over"):
        await bench.do(SECOND, "lighting.approve_re_equipment", {"id": one["id"]})
    await undo(bench, ENGINEER, one)
    assert await attributes(rows) == before


async def test_a_proposal_that_is_refused_or_forgotten_changes_nothing(bench: RoomBench, rows: PostgresRows) -> None:
    before = await attributes(rows)
    one = await re_equip(bench, ENGINEER)
    await bench.do(SECOND, "lighting.reject_re_equipment", {"id": one["id"], "reason": "pas ce lot"})
    two = await re_equip(bench, ENGINEER)
    await bench.run_job("lighting.lapse_re_equipments", THE_POST)
    bench.clock.advance(24 * 3600)
    await bench.run_job("lighting.lapse_re_equipments", THE_POST)
    found = await rows.fetch("SELECT id::text, state FROM lighting_re_equipments ORDER BY id")
    assert {row["id"]: row["state"] for row in found} == {one["id"]: "rejected", two["id"]: "lapsed"}
    with pytest.raises(Refused, match="re_equipment_over"):
        await bench.do(SECOND, "lighting.approve_re_equipment", {"id": two["id"]})
    assert await attributes(rows) == before


async def test_undo_leaves_alone_what_somebody_changed_since(bench: RoomBench, rows: PostgresRows) -> None:
    first, second = light(HERE, 0), light(HERE, 1)
    before = await attributes(rows)
    one = await re_equip(bench, ENGINEER, first, second, rated_power_w=60)
    two = await re_equip(bench, SECOND, first, rated_power_w=40)
    # Both values of the first light's power are now the second change's; its mark of inference is still the first's.
    assert (await undo(bench, ENGINEER, one))["kept"] == 1
    now = await attributes(rows)
    assert now[first]["rated_power_w"] == 40 and now[second] == before[second]
    await undo(bench, SECOND, two)
    assert (await attributes(rows))[first]["rated_power_w"] == 60


async def test_an_edit_survives_an_import_and_is_counted_as_unchanged(bench: RoomBench, rows: PostgresRows) -> None:
    urn = light(THERE, 3)
    one = await re_equip(bench, ENGINEER, urn)
    count = (await save_inventory(rows, StillClock(), inventory()))["Streetlight"]
    assert (count.created, count.changed, count.retired) == (0, 0, 0)
    assert (await attributes(rows))[urn]["rated_power_w"] == 35
    moved = msgspec.structs.replace(_light(THERE, 3), attributes={**_light(THERE, 3).attributes, "circuit": 2})
    assert (await save_inventory(rows, StillClock(), inventory(moved)))["Streetlight"].changed == 1
    assert (await attributes(rows))[urn] == {**moved.attributes, **LED, "rated_power_inferred": False}
    await undo(bench, ENGINEER, one)
    assert (await attributes(rows))[urn] == moved.attributes


async def test_only_ones_own_lights_are_changed(bench: RoomBench, rows: PostgresRows) -> None:
    with pytest.raises(NotFound, match="twin_not_found"):
        await re_equip(bench, LOCAL, light(HERE, 0), light(THERE, 0))
    one = await re_equip(bench, LOCAL, light(HERE, 0))
    assert one["lights"] == 1
    with pytest.raises(NotAllowed):
        await re_equip(bench, OBSERVER, light(HERE, 0))
    with pytest.raises(NotFound, match="type_not_found"):
        await re_equip(bench, STRANGER, light(HERE, 0))
    with pytest.raises(Refused, match="nothing_changes"):
        await re_equip(bench, LOCAL, light(HERE, 0))
    with pytest.raises(Refused, match="reason_needed"):
        asked = {"targets": {"kind": "all"}, "values": LED, "reason": " "}
        await bench.do(ENGINEER, "lighting.re_equip_lights", asked)
    assert (await attributes(rows))[light(THERE, 0)]["lamp_type"] == "sodium"
