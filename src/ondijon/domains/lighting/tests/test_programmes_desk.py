"""Programmes behind the real door over real rows: two persons, floors, gateways, and what time brings."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from ondijon.domains.lighting.desk.programmes.resolving import first_night
from ondijon.domains.lighting.manifest import MANIFEST, ROOM
from ondijon.domains.lighting.rules.programmes.local_times import night_of
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.errors import NotAllowed, NotFound, Refused
from ondijon.kernel.identity import THE_POST, Verb
from ondijon.kernel.inventory import Commune, Inventory, Street, TwinRecord
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.testing.builders import CARD, person
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

pytestmark = pytest.mark.engines
CHENOVE, TALANT = "21166", "21617"
VERBS: tuple[Verb, ...] = ("see", "command", "configure", "approve")
CLAIRE, AMINE = person("claire", verbs=VERBS), person("amine", verbs=VERBS)
LOOKER = person("looker", verbs=("see",))
NAMES = {"fr": "Essai", "en": "Trial"}
DARK = {"off_hours": [{"from": "00:30", "until": "05:00"}]}
ALL = {"kind": "all"}
DAY_S = 86_400.0


def records(insee: str, lights: int) -> list[TwinRecord]:
    """A cabinet with its lights."""
    place = (5.04, 47.30)
    cabinet, gateway = f"urn:ngsi-ld:StreetlightControlCabinet:{insee}:CAB-{insee}", f"CAB-{insee}"
    found = [TwinRecord(cabinet, "StreetlightControlCabinet", insee, "CAB", place, None, None, gateway, gateway)]
    for number in range(lights):
        local = f"SL-{insee}-{number}"
        urn = f"urn:ngsi-ld:Streetlight:{insee}:{local}"
        values = {"rated_power_w": 40.0}
        found.append(
            TwinRecord(urn, "Streetlight", insee, local, place, f"A-{insee}", cabinet, gateway, local, dict(values))
        )
    return found


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def rows(home: Path) -> AsyncIterator[PostgresRows]:
    communes = [Commune(insee, insee, 1000, 10.0, (5.04, 47.30), []) for insee in (CHENOVE, TALANT)]
    line = [(5.04, 47.30), (5.05, 47.30)]
    streets = [Street(f"A-{insee}", f"Rue de {insee}", insee, "residential", line) for insee in (CHENOVE, TALANT)]
    async with fresh_rows(home) as rows:
        twins = [*records(CHENOVE, 3), *records(TALANT, 2)]
        await save_inventory(rows, StillClock(), Inventory("essai", communes, streets, [], [], twins))
        yield rows


@pytest.fixture
async def room(rows: PostgresRows) -> RoomBench:
    city = await load_city(rows, CARD, (MANIFEST,))
    bench = RoomBench(city, rows, SequentialIds(1 << 40), StillClock(), FakeBus(), ROOM)
    await bench.start()
    await publish(bench, content("metropole", "metropolis", {"profile": {}}))
    return bench


def content(key: str, layer: str, *rules: dict[str, Any], scope: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"key": key, "names": NAMES, "layer": layer, "scope": scope or ALL, "rules": list(rules)}


def of(insee: str) -> dict[str, Any]:
    return {"kind": "communes", "communes": [insee]}


async def propose(room: RoomBench, wanted: dict[str, Any]) -> str:
    made = await room.do(CLAIRE, "lighting.draft_programme", {"content": wanted})
    await room.do(CLAIRE, "lighting.propose_programme", {"id": made["id"], "version": 1, "reason": "essai"})
    return str(made["id"])


async def publish(room: RoomBench, wanted: dict[str, Any]) -> str:
    version = await propose(room, wanted)
    await room.do(AMINE, "lighting.publish_programme", {"id": version, "version": 2})
    await room.follow()
    return version


async def stored_versions(rows: PostgresRows) -> dict[str, int]:
    found = await rows.fetch("SELECT t.commune, p.version FROM programmes p JOIN twins t USING (twin_no)")
    return {row["commune"]: row["version"] for row in found}


async def state_of(rows: PostgresRows, key: str) -> list[str]:
    found = await rows.fetch("SELECT state FROM lighting_programmes WHERE key = $1 ORDER BY number", key)
    return [row["state"] for row in found]


async def test_publishing_takes_a_second_person_and_the_right_in_each_commune(room: RoomBench) -> None:
    version = await propose(room, content("chenove", "commune", {"profile": {}}, scope=of(CHENOVE)))
    with pytest.raises(NotAllowed, match="own_proposal"):
        await room.do(CLAIRE, "lighting.publish_programme", {"id": version, "version": 2})
    with pytest.raises(NotAllowed, match="not_allowed"):
        await room.do(LOOKER, "lighting.publish_programme", {"id": version, "version": 2})
    narrow = person("narrow", verbs=VERBS, communes=(TALANT,))
    with pytest.raises(NotFound):
        await room.do(narrow, "lighting.publish_programme", {"id": version, "version": 2})
    with pytest.raises(Refused, match="changed_meanwhile"):
        await room.do(AMINE, "lighting.publish_programme", {"id": version, "version": 1})
    assert (await room.do(AMINE, "lighting.publish_programme", {"id": version, "version": 2}))["lights"] == 3


async def test_only_the_gateways_concerned_are_given_a_new_version_once(room: RoomBench, rows: PostgresRows) -> None:
    assert await stored_versions(rows) == {CHENOVE: 1, TALANT: 1}
    await publish(room, content("chenove", "commune", {"profile": {"level_pct": 80}}, scope=of(CHENOVE)))
    assert await stored_versions(rows) == {CHENOVE: 2, TALANT: 1}
    await room.follow()
    await room.run_job("lighting.extend_programmes", THE_POST)
    assert await stored_versions(rows) == {CHENOVE: 2, TALANT: 1}
    followed = await rows.fetch("SELECT programme, count(*) AS n FROM lighting_light_programmes GROUP BY 1 ORDER BY 1")
    assert [(row["programme"], row["n"]) for row in followed] == [("chenove", 3), ("metropole", 2)]


async def test_a_later_version_supersedes_and_withdrawing_gives_back_what_lies_below(
    room: RoomBench, rows: PostgresRows
) -> None:
    first = content("chenove", "commune", {"profile": {"level_pct": 80}}, scope=of(CHENOVE))
    await publish(room, first)
    second = await publish(room, {**first, "rules": [{"profile": {"level_pct": 90}}]})
    assert await state_of(rows, "chenove") == ["superseded", "published"]
    asked = {"id": second, "version": 3, "reason": "essai"}
    await room.do(AMINE, "lighting.withdraw_programme", asked)
    await room.follow()
    assert await state_of(rows, "chenove") == ["superseded", "withdrawn"]
    assert await stored_versions(rows) == {CHENOVE: 4, TALANT: 1}
    row = await rows.fetch_one("SELECT id FROM lighting_programmes WHERE key = 'metropole'")
    assert row is not None
    with pytest.raises(Refused, match="last_default"):
        await room.do(AMINE, "lighting.withdraw_programme", {"id": str(row["id"]), "version": 3, "reason": "essai"})


async def test_going_under_a_floor_takes_a_policy(room: RoomBench, rows: PostgresRows) -> None:
    await rows.execute(
        """INSERT INTO lighting_light_classes (twin_no, class, street_class, class_inferred, on_crossing, floor_pct)
           SELECT twin_no, 'P3', 'P3', true, false, 40 FROM twins WHERE type = 'Streetlight'"""
    )
    version = await propose(room, content("chenove", "commune", {"profile": DARK}, scope=of(CHENOVE)))
    with pytest.raises(Refused, match="under_floor") as refusal:
        await room.do(AMINE, "lighting.publish_programme", {"id": version, "version": 2})
    assert dict(refusal.value.values) == {"lights": 3, "streets": 1, "classes": "P3", "where": "Rue de 21166"}
    policy = {"commune": CHENOVE, "from_min": 30, "to_min": 300, "least_pct": 0, "reason": "essai"}
    made = await room.do(CLAIRE, "lighting.propose_policy", {**policy, "since": "2026-01-01", "until": "2029-01-01"})
    await room.do(AMINE, "lighting.authorise_policy", {"id": made["id"]})
    await room.do(AMINE, "lighting.publish_programme", {"id": version, "version": 2})
    await room.follow()
    row = await rows.fetch_one("SELECT content FROM programmes JOIN twins USING (twin_no) WHERE commune = $1", CHENOVE)
    assert row is not None
    assert [step["level"] for step in row["content"]["profiles"][0]["steps"]] == [1.0, 0.0, 1.0]


async def test_a_special_evening_ends_by_itself_and_bumps_nobody(room: RoomBench, rows: PostgresRows) -> None:
    tonight = night_of(room.clock.now(), "Europe/Paris")
    match = {
        "calendar": {"dates": [tonight.isoformat()]},
        "profile": {"level_pct": 60},
        "interval": {"from": "20:00", "until": "23:30"},
    }
    await publish(room, content("match", "special", match, scope=of(CHENOVE)))
    assert await stored_versions(rows) == {CHENOVE: 2, TALANT: 1}
    await room.run_job("lighting.watch_programmes", THE_POST)
    assert await state_of(rows, "match") == ["published"]
    room.clock.advance(DAY_S)
    await room.run_job("lighting.watch_programmes", THE_POST)
    assert await state_of(rows, "match") == ["ended"]
    await room.run_job("lighting.extend_programmes", THE_POST)
    assert await stored_versions(rows) == {CHENOVE: 2, TALANT: 1}
    facts = await rows.fetch("SELECT key FROM events WHERE key = 'lighting.special_evening_ended'")
    assert len(facts) == 1


async def test_the_horizon_is_extended_before_it_is_short_and_not_before(room: RoomBench, rows: PostgresRows) -> None:
    room.clock.advance(29 * DAY_S)
    await room.run_job("lighting.extend_programmes", THE_POST)
    assert await stored_versions(rows) == {CHENOVE: 1, TALANT: 1}
    room.clock.advance(3 * DAY_S)
    await room.run_job("lighting.extend_programmes", THE_POST)
    assert await stored_versions(rows) == {CHENOVE: 2, TALANT: 2}
    tonight = night_of(room.clock.now(), "Europe/Paris")
    row = await rows.fetch_one("SELECT content FROM programmes LIMIT 1")
    assert row is not None and first_night(row["content"], tonight) == tonight


async def test_a_draft_is_edited_by_version_and_there_is_one_at_a_time(room: RoomBench) -> None:
    wanted = content("chenove", "commune", {"profile": {}}, scope=of(CHENOVE))
    made = await room.do(CLAIRE, "lighting.draft_programme", {"content": wanted})
    with pytest.raises(Refused, match="open_version"):
        await room.do(AMINE, "lighting.draft_programme", {"content": wanted})
    changed = {"id": made["id"], "version": 1, "content": {**wanted, "priority": 5}}
    assert (await room.do(AMINE, "lighting.draft_programme", changed))["version"] == 2
    with pytest.raises(Refused, match="changed_meanwhile"):
        await room.do(CLAIRE, "lighting.draft_programme", changed)
    with pytest.raises(Refused, match="no_lights"):
        nowhere = {"kind": "polygon", "polygon": [[1.0, 45.0], [1.1, 45.0], [1.1, 45.1]]}
        await room.do(CLAIRE, "lighting.draft_programme", {"content": {**wanted, "key": "b", "scope": nowhere}})
