"""The lighting layer over a small lit city: what colours the map, a cabinet as a tree, a list that leaves."""

import csv
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec
import numpy as np
import pytest

from ondijon.apps.console.app import build_console
from ondijon.apps.console.tests.conftest import ORIGIN, OTHER, OWN, PASSWORD, Desk
from ondijon.domains.lighting.manifest import MANIFEST, ROOM
from ondijon.infra.archive.history import HistoryOverBoth
from ondijon.infra.archive.lake import FolderLake
from ondijon.kernel.arrays import Floats
from ondijon.kernel.clock import to_us
from ondijon.kernel.identity import EVERY, Grant
from ondijon.kernel.inventory import AttributeValue, Inventory, TwinRecord
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.runtime.loader import load_trades
from ondijon.runtime.post import CommandPost
from ondijon.runtime.room_door import RoomDoor
from ondijon.testing.builders import CARD, EVERY_VERB, small_inventory
from ondijon.testing.database import fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.web.accounts import create_user

pytestmark = pytest.mark.engines
CABINET = f"urn:ngsi-ld:StreetlightControlCabinet:{OWN}:A1"
# Circuit, phase, rated power, level asked, power drawn: the third light is out.
LIGHTS = ((1, "L1", 100.0, 50.0, 50.0), (1, "L2", 100.0, 50.0, 50.0), (1, "L1", 100.0, 50.0, 1.0), (2, "L3", 40, 0, 0))


def _light(commune: str, number: int, parent: str | None) -> TwinRecord:
    circuit, phase, rated, _, _ = LIGHTS[number % len(LIGHTS)]
    name, lon = f"{commune}-{number}", (5.0 if commune == OWN else 5.1) + number / 1000
    attributes: dict[str, AttributeValue] = {
        "circuit": circuit,
        "phase": phase,
        "rated_power_w": rated,
        "lamp_type": "led",
    }
    urn = f"urn:ngsi-ld:Streetlight:{commune}:{name}"
    street = "ST-0" if commune == OWN else "ST-1"
    return TwinRecord(urn, "Streetlight", commune, name, (lon, 47.3), street, parent, "A1", name, attributes)


def _inventory() -> Inventory:
    feeder: dict[str, AttributeValue] = {"grid_feeder": "HTA-01", "grid_feeder_inferred": True}
    cabinet = TwinRecord(
        CABINET, "StreetlightControlCabinet", OWN, "Armoire A1", (4.999, 47.3), "ST-0", None, "A1", "A1", feeder
    )
    lights = [_light(OWN, number, CABINET) for number in range(len(LIGHTS))] + [_light(OTHER, 0, None)]
    return msgspec.structs.replace(small_inventory(), twins=[cabinet, *lights])


def _report(desk: Desk) -> None:
    """What the field says now."""
    columns, twins = desk.city.columns["Streetlight"], desk.city.twins["Streetlight"]
    now_us = to_us(desk.clock.now())
    for number, (_, _, _, level, power) in enumerate(LIGHTS):
        row = twins.get_row(f"urn:ngsi-ld:Streetlight:{OWN}:{OWN}-{number}")
        for key, value in (("level_pct", level), ("power_w", power), ("control", 0.0), ("energy_kwh", 1.5)):
            columns.value[columns.property_index[key], row] = value
            columns.observed_us[columns.property_index[key], row] = now_us
    columns["health"][twins.get_row(f"urn:ngsi-ld:Streetlight:{OWN}:{OWN}-2")] = 3.0


@pytest.fixture
async def lit(home: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    clock, bus, ids = StillClock(), FakeBus(), SequentialIds()
    words = load_trades()[1]
    async with fresh_rows(home) as rows:
        await save_inventory(rows, clock, _inventory())
        city = await load_city(rows, CARD, (MANIFEST,))
        grants = {
            "chief": (Grant("operator", (EVERY,), (EVERY,), (*EVERY_VERB, "export")),),
            "local": (Grant("agent", (OWN,), ("lighting",), ("see",)),),
        }
        users = {name: await create_user(rows, ids, name, name, PASSWORD, grants[name]) for name in grants}
        post, door = CommandPost(city, rows, bus, clock, ids), RoomDoor(city, rows, bus, clock, ids, (ROOM,), words)
        app = build_console(
            city=city,
            rows=rows,
            bus=bus,
            post=post,
            door=door,
            clock=clock,
            ids=ids,
            history=HistoryOverBoth(rows, FolderLake(tmp_path / "lake")),
            strings=words,
            static_folder=tmp_path,
        )
        transport = httpx.ASGITransport(app=cast("Any", app))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            desk = Desk(app, city, rows, bus, clock, post, door, words, users, client)
            _report(desk)
            yield desk


async def read_mode(desk: Desk, mode: str, who: str = "chief") -> tuple[dict[str, Any], Floats]:
    content = (await desk.ask("GET", f"/api/lighting/modes/{mode}", who)).raise_for_status().content
    assert content[:4] == b"ODM1"
    length = int.from_bytes(content[4:8], "little")
    assert length % 4 == 0
    return msgspec.json.decode(content[8 : 8 + length]), np.frombuffer(content[8 + length :], "<f4").astype(np.float64)


async def order_of(desk: Desk, who: str = "chief") -> list[str]:
    return list((await desk.ask("GET", "/api/twins/Streetlight/table", who)).json()["name"])


async def test_power_comes_in_the_order_of_the_table_and_grows_unknown_with_age(lit: Desk) -> None:
    head, values = await read_mode(lit, "power")
    told = dict(zip(await order_of(lit), values.tolist(), strict=True))
    assert [told[f"{OWN}-{number}"] for number in range(4)] == [50.0, 50.0, 1.0, 0.0]
    assert (head["unit"], head["unknown"]) == ("W", 1) and np.isnan(told[f"{OTHER}-0"])
    lit.clock.advance(301)
    assert (await read_mode(lit, "power"))[0]["unknown"] == 5


async def test_classes_and_programmes_are_places_in_a_list_and_nothing_is_invented(lit: Desk) -> None:
    for mode in ("class", "programme"):
        head, values = await read_mode(lit, mode)
        assert (head["choices"], head["unknown"]) == ([], 5) and np.isnan(values).all()
    numbers = lit.city.twins["Streetlight"].twin_no.tolist()
    for number, name, inferred in ((numbers[0], "P3", True), (numbers[1], "M4", False), (numbers[4], "P3", True)):
        await lit.rows.execute(
            """INSERT INTO lighting_light_classes (twin_no, class, street_class, class_inferred, on_crossing, floor_pct)
               VALUES ($1, $2, 'residential', $3, false, 50)""",
            number,
            name,
            inferred,
        )
    head, values = await read_mode(lit, "class")
    assert head["choices"] == ["M4", "P3"] and head["inferred"] == 2 and head["unknown"] == 2
    assert values[[0, 1, 4]].tolist() == [1.0, 0.0, 1.0]
    head, values = await read_mode(lit, "class", "local")
    assert len(values) == 4 and head["inferred"] == 1


async def test_a_light_saves_what_its_cabinet_was_measured_to_save(lit: Desk) -> None:
    number = int(lit.city.twins["StreetlightControlCabinet"].twin_no[0])
    await lit.rows.execute(
        """INSERT INTO lighting_cabinet_savings (twin_no, saving_pct, since_day, until_day)
           VALUES ($1, 71.5, '2025-01-01', '2025-12-31')""",
        number,
    )
    head, values = await read_mode(lit, "saving")
    assert (head["unknown"], head["since_day"], head["until_day"]) == (1, "2025-01-01", "2025-12-31")
    assert sorted(values[~np.isnan(values)].tolist()) == [71.5] * 4


async def test_a_cabinet_is_a_tree_with_sums(lit: Desk) -> None:
    tree = (await lit.ask("GET", f"/api/lighting/cabinets/{CABINET}", "local")).json()
    assert [(one["key"], one["lights"], one["faults"]) for one in tree["circuits"]] == [("1", 3, 1), ("2", 1, 0)]
    first = tree["circuits"][0]
    assert [(phase["key"], phase["asked_w"], phase["drawn_w"]) for phase in first["phases"]] == [
        ("L1", 100.0, 51.0),
        ("L2", 50.0, 50.0),
    ]
    # Walked from the cabinet in the west; 76 m lie between lights.
    assert [light["name"][-1] for light in first["phases"][0]["lights"]] == ["0", "2"]
    assert first["phases"][0]["lights"][1]["at_m"] == pytest.approx(151, abs=2)
    assert first["imbalance_pct"] == pytest.approx(100 * (100 / 75 - 1), abs=0.1)
    assert tree["grid_feeder"] == {"key": "HTA-01", "cabinets": 1, "inferred": True} and tree["uplink"] is None
    assert tree["wanted_version"] is None and tree["asked_w"] == 150.0
    row = (await lit.ask("GET", "/api/lighting/cabinets", "local")).json()[0]
    assert (row["lights"], row["asked_w"], row["drawn_w"], row["faults"]) == (4, 150.0, 101.0, 1)


async def test_lights_leave_as_csv_for_who_may_take_them_out_and_it_is_audited(lit: Desk) -> None:
    asked = {"targets": {"kind": "all"}, "bom": True}
    answer = await lit.ask("POST", "/api/lighting/lights.csv", "chief", asked)
    assert answer.headers["content-type"].startswith("text/csv") and answer.content.startswith(b"\xef\xbb\xbf")
    assert answer.content.count(b"\r\n") == 6
    rows = {row["name"]: row for row in csv.DictReader(StringIO(answer.content.decode("utf-8-sig")))}
    one = rows[f"{OWN}-2"]
    assert (one["level_pct"], one["asked_power_w"], one["power_w"], one["fault_priority"]) == ("50", "50", "1", "3")
    assert (one["cabinet"], one["control"], one["luminaire"]) == ("Armoire A1", "programme", "")
    assert rows[f"{OTHER}-0"]["level_pct"] == ""
    assert (await lit.ask("POST", "/api/lighting/lights.csv", "local", asked)).status_code == httpx.codes.FORBIDDEN
    line = await lit.rows.fetch_one("SELECT detail FROM audit WHERE act = 'lighting.exported'")
    assert line is not None and line["detail"]["lights"] == 5 and line["detail"]["communes"] == [OWN, OTHER]
