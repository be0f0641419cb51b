"""What the console reads: the city, twins, tables, history, search and the map."""

import gzip
import json
import struct
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from ondijon.apps.console.tests.conftest import Desk, card_of
from ondijon.infra.archive.history import HistoryOverBoth
from ondijon.infra.archive.lake import FolderLake
from ondijon.infra.archive.rollups import RollUps
from ondijon.kernel.clock import to_us
from ondijon.kernel.commands import Selection
from ondijon.kernel.readings import evolve_batch
from ondijon.testing.builders import batch, cabinet, lamp

pytestmark = pytest.mark.engines

HERE = lamp(0, 0)


async def read(desk: Desk, path: str, who: str = "chief") -> object:
    answer = await desk.ask("GET", path, who)
    assert answer.status_code == 200, answer.text
    found: object = answer.json()
    return found


async def test_bootstrap_tells_what_the_console_draws_with(desk: Desk) -> None:
    found = await read(desk, "/api/bootstrap")
    assert isinstance(found, dict)
    assert found["city"] == {
        "key": "essai",
        "name": "Essai",
        "synthetic": True,
        "attribution": {"fr": "Ville d’essai", "en": "Test city"},
        "timezone": "Europe/Paris",
        "center": [5.04, 47.32],
        "bbox": [5.0, 47.2, 5.3, 47.4],
    }
    assert found["communes"][2] == {"insee": "21003", "name": "Fénay-2", "center": [5.25, 47.3]}
    assert found["now"] == "2026-11-21T20:00:00Z"
    lamps = found["trades"][0]
    assert lamps["twin_types"][0]["properties"][0] == {
        "key": "level_pct",
        "kind": "number",
        "unit": "%",
        "choices": [],
        "live": True,
        "chart": True,
        "stale_after_s": 60,
    }
    assert [one["fault_property"] for one in lamps["twin_types"]] == ["health", None]
    assert lamps["commands"][0]["label"] == "lamps.command.dim"
    assert lamps["commands"][0]["fields"][0]["max"] == 100
    assert lamps["alarms"] == [{"key": "lamps.out", "twin_type": "Lamp", "priority": 2, "response_s": 600}]


async def test_positions_are_binary_and_tables_are_columns(desk: Desk) -> None:
    positions = (await desk.ask("GET", "/api/twins/Lamp/positions", "local")).content
    assert positions[:8] == b"ODP1" + struct.pack("<I", 4)
    assert len(positions) == 8 + 13 * 4
    table = await read(desk, "/api/twins/Lamp/table", "local")
    assert table == {
        "row": [0, 1, 2, 3],
        "id": [lamp(0, number) for number in range(4)],
        "name": [f"Lampe 0{number}" for number in range(4)],
        "commune": ["21001"] * 4,
        "street": ["Rue de l’Œuvre 0"] * 4,
        "attributes": {"rated_power_w": [40.0, 41.0, 42.0, 43.0]},
    }


async def test_a_twin_shows_its_state_with_age_its_alarms_and_its_parts(desk: Desk) -> None:
    at_us = desk.clock.now_us()
    columns = desk.city.columns["Lamp"]
    evolve_batch(columns, batch(desk.city, "Lamp", "level_pct", {0: 60.0}, at_us))
    evolve_batch(columns, batch(desk.city, "Lamp", "mode", {0: 1.0}, at_us))
    await desk.raise_alarm(101, "lamps.out", HERE)
    desk.clock.advance(61)
    twin = await read(desk, f"/api/twin/{HERE}")
    assert isinstance(twin, dict)
    assert twin["state"]["level_pct"] == {
        "value": 60.0,
        "observed_at": "2026-11-21T20:00:00Z",
        "received_at": "2026-11-21T20:00:00Z",
        "quality": 0,
        "stale": True,
    }
    assert (twin["state"]["mode"]["value"], twin["state"]["mode"]["stale"]) == ("manual", False)
    nothing = {"value": None, "observed_at": None, "received_at": None, "quality": 2, "stale": False}
    assert twin["state"]["power_w"] == nothing
    assert (twin["part_of"], twin["gateway"], twin["street"]) == (cabinet(0), "C-0", "Rue de l’Œuvre 0")
    assert [alarm["type"] for alarm in twin["alarms"]] == ["lamps.out"]
    assert twin["alarms"][0]["raised_at"] == "2026-11-21T20:00:00Z"
    parent = await read(desk, f"/api/twin/{cabinet(0)}")
    assert isinstance(parent, dict)
    assert parent["parts"] == {"Lamp": 4}


async def test_a_hold_speaks_in_words(desk: Desk) -> None:
    command = await desk.dim("chief", Selection("twins", (HERE,)))
    twins, row = desk.city.get_twin(HERE)
    await desk.rows.execute(
        "INSERT INTO holds (twin_no, hold_group, wanted, since, command_id) VALUES ($1, 'level', $2, $3, $4)",
        int(twins.twin_no[row]),
        [1.0, float("nan")],
        desk.clock.now(),
        command.id,
    )
    hold = {
        "twin": HERE,
        "twin_name": "Lampe 00",
        "group": "level",
        "wanted": {"mode": "manual"},
        "until": None,
        "since": "2026-11-21T20:00:00Z",
        "command": str(command.id),
        "owner": "Chief",
        "reason": "essai",
    }
    assert await read(desk, "/api/holds") == [hold]
    twin = await read(desk, f"/api/twin/{HERE}")
    assert isinstance(twin, dict)
    assert twin["holds"] == [hold]
    assert await read(desk, "/api/holds", "stranger") == []


async def _store_history(desk: Desk, count: int, step_s: float) -> None:
    """Values 0, 1, 2 ... of one lamp, with one spike."""
    twins, row = desk.city.get_twin(HERE)
    start = desk.clock.now()
    values = (np.arange(count) % 100).astype(np.float64)
    values[777:778] = 999.0
    async with desk.rows.transaction() as tx:
        await tx.copy_readings(
            np.full(count, twins.twin_no[row], np.int32),
            np.full(count, desk.city.property_nos["Lamp", "level_pct"], np.int16),
            to_us(start) + (np.arange(count) * step_s * 1e6).astype(np.int64),
            np.full(count, to_us(start)),
            values,
            np.zeros(count, np.uint8),
        )


async def test_history_is_given_whole_while_it_is_short(desk: Desk) -> None:
    await _store_history(desk, 10, 60.0)
    span = "from=2026-11-21T20:00:00Z&to=2026-11-21T20:05:00Z"
    found = await read(desk, f"/api/twin/{HERE}/history?property=level_pct&{span}")
    start = desk.clock.now().timestamp()
    assert found == {
        "property": "level_pct",
        "t": [start + 60 * number for number in range(5)],
        "v": [0.0, 1.0, 2.0, 3.0, 4.0],
        "sampled": False,
    }


async def test_long_history_keeps_its_lows_and_highs(desk: Desk) -> None:
    await _store_history(desk, 5_000, 1.0)
    span = "from=2026-11-21T20:00:00Z&to=2026-11-21T22:00:00Z"
    found = await read(desk, f"/api/twin/{HERE}/history?property=level_pct&max_points=200&{span}")
    assert isinstance(found, dict)
    assert found["sampled"] is True
    assert 100 < len(found["t"]) <= 200
    assert found["t"] == sorted(found["t"])
    assert (min(found["v"]), max(found["v"])) == (0.0, 999.0)


async def test_roll_ups_of_a_cabinet_are_of_all_its_lamps_together(desk: Desk, tmp_path: Path) -> None:
    await _store_history(desk, 10, 600.0)
    rollups = RollUps(desk.rows, HistoryOverBoth(desk.rows, FolderLake(tmp_path)), "Europe/Paris")
    await rollups.run(desk.clock.now() + timedelta(days=3))
    span = "property=level_pct&from=2026-11-20T00:00:00Z&to=2026-11-23T00:00:00Z"
    by_day = await read(desk, f"/api/twin/{HERE}/rollups?{span}")
    assert isinstance(by_day, dict)
    assert (by_day["n"], by_day["mean"], by_day["lowest"], by_day["highest"]) == ([10], [4.5], [0.0], [9.0])
    by_hour = await read(desk, f"/api/twin/{cabinet(0)}/rollups?{span}&by=hour&of=Lamp")
    assert isinstance(by_hour, dict)
    assert (by_hour["n"], by_hour["mean"]) == ([6, 4], [2.5, 7.5])
    for path in (f"{HERE}/rollups?{span}&by=hour", f"{cabinet(0)}/rollups?{span}&of=Lamp"):
        answer = await desk.ask("GET", f"/api/twin/{path}", "chief")
        assert answer.json()["error"]["key"] == "error.no_such_rollup"


QUESTIONS_WITHOUT_SENSE = (
    ("property=none&from=2026-11-21T20:00:00Z&to=2026-11-21T22:00:00Z", "error.property_not_found"),
    ("property=level_pct&from=2026-11-21T22:00:00Z&to=2026-11-21T20:00:00Z", "error.bad_span"),
    ("property=level_pct&from=yesterday&to=2026-11-21T20:00:00Z", "error.bad_request"),
    ("property=level_pct&from=2026-11-21T20:00:00&to=2026-11-21T22:00:00Z", "error.bad_span"),
    ("property=level_pct", "error.bad_request"),
)


async def test_questions_without_sense_are_refused(desk: Desk) -> None:
    for question, key in QUESTIONS_WITHOUT_SENSE:
        answer = await desk.ask("GET", f"/api/twin/{HERE}/history?{question}", "chief")
        assert (answer.status_code in (400, 404), answer.json()["error"]["key"]) == (True, key)


SEARCHES: tuple[tuple[str, list[str]], ...] = (
    ("fenay 1", ["commune:21002", "street:ST-1"]),
    ("RUE DE L'OEUVRE 2", ["street:ST-2"]),
    ("lampe 03", [f"twin:{lamp(0, 3)}"]),
    ("l 03", [f"twin:{lamp(0, 3)}"]),
    ("armoire", [f"twin:{cabinet(place)}" for place in range(3)]),
    ("nowhere", []),
    ("   ", []),
)


async def test_search_forgives_accents_case_and_hyphens(desk: Desk) -> None:
    for words, found in SEARCHES:
        hits = (await desk.client.get("/api/search", params={"q": words}, headers=await _signed(desk))).json()
        assert [f"{hit['kind']}:{hit['id']}" for hit in hits] == found
        if words == "lampe 03":
            assert (hits[0]["type"], hits[0]["detail"]) == ("Lamp", "Rue de l’Œuvre 0, Fénay-0")
    assert (await desk.ask("GET", "/api/search", "chief")).status_code == 400


async def _signed(desk: Desk) -> dict[str, str]:
    return {"Cookie": f"ondijon_session={await desk.cookie('chief')}"}


async def test_map_layers_are_geojson_kept_by_etag(desk: Desk) -> None:
    answer = await desk.ask("GET", "/api/map/streets", "local")
    feature = answer.json()["features"][0]
    assert feature["geometry"]["coordinates"] == [[5.0, 47.3], [5.05, 47.3], [5.1, 47.3]]
    assert feature["properties"] == {"id": "ST-0", "name": "Rue de l’Œuvre 0", "class": "residential"}
    again = await desk.ask("GET", "/api/map/streets", "local", if_none_match=answer.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")
    landscape = await read(desk, "/api/map/landscape")
    assert isinstance(landscape, dict)
    shapes = [(one["geometry"]["type"], one["properties"]["kind"]) for one in landscape["features"]]
    assert shapes == [("MultiLineString", "tram"), ("MultiPolygon", "water")]
    communes = await read(desk, "/api/map/communes")
    assert isinstance(communes, dict)
    assert communes["features"][2]["properties"] == {"insee": "21003", "name": "Fénay-2"}
    assert communes["features"][2]["geometry"]["type"] == "MultiPolygon"
    assert (await desk.ask("GET", "/api/map/nothing", "local")).status_code in (400, 404)


async def test_catalogues_are_public_and_compressed(desk: Desk) -> None:
    answer = await desk.ask("GET", "/api/strings/en", accept_encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json()["error.not_signed_in"] == "You are not signed in"
    plain = await desk.ask("GET", "/api/strings/en", accept_encoding="identity")
    assert "content-encoding" not in plain.headers
    assert json.loads(plain.content) == answer.json()
    assert len(gzip.compress(plain.content)) < len(plain.content)


async def test_acknowledging_a_card_acknowledges_its_alarms_and_the_answer_says_how_many(desk: Desk) -> None:
    await desk.raise_alarm(101, "lamps.out", HERE)
    act = {
        "key": "alarms.acknowledge",
        "payload": {"cards": [str(card_of(101))]},
        "idempotency_key": str(UUID(int=77)),
    }
    for _ in range(2):
        answer = await desk.ask("POST", "/api/acts", "chief", act)
        assert (answer.status_code, answer.json()) == (200, {"result": {"acknowledged": 1}})
    card = await read(desk, f"/api/alarms/cards/{card_of(101)}")
    assert isinstance(card, dict)
    assert (card["unacknowledged"], card["acknowledged_by"], card["active"]) == (0, "Chief", 1)
    listed = await read(desk, "/api/alarms")
    assert isinstance(listed, dict)
    assert listed["counts"]["shown"] == {"1": 0, "2": 1, "3": 0, "4": 0}
    assert (listed["total"], listed["raw"], listed["flood"]) == (1, 1, False)
