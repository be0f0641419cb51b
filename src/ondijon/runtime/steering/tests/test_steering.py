"""Adaptive light at work over real rows: it dims, raises, renews, gives back, and never beats a person's hold."""

import tomllib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from ondijon.automations.adaptive_lighting import STEERING
from ondijon.automations.adaptive_lighting.steer import decide_again
from ondijon.domains.lighting.manifest import MANIFEST, ROOM
from ondijon.domains.mobility.manifest import MANIFEST as MOBILITY
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.city import City
from ondijon.kernel.commands import CommandRequest, Selection
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.inventory import Commune, Inventory, Street, TwinRecord
from ondijon.runtime.automation_runner import actor_of
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.runtime.field_queries import take_holds
from ondijon.runtime.post import CommandPost
from ondijon.runtime.steering.runner import SteeringCourse
from ondijon.testing.builders import CARD, person
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

pytestmark = pytest.mark.engines
HERE = "21166"
OPERATOR = person("operator")
ME = actor_of("adaptive_lighting")
METRE = 1 / 75_700.0


def inventory() -> Inventory:
    line = [(5.04, 47.30), (5.05, 47.30)]
    street = Street("A1", "Rue du Clos", HERE, "tertiary", line)
    twins = [
        TwinRecord(
            f"urn:ngsi-ld:Streetlight:{HERE}:SL-{number}",
            "Streetlight",
            HERE,
            f"SL-{number}",
            (5.04 + number * 30 * METRE, 47.30),
            "A1",
            None,
            "CAB-1",
            f"SL-{number}",
            {"lighting_class": "M4", "rated_power_w": 52.0},
        )
        for number in range(4)
    ]
    urn = f"urn:ngsi-ld:TrafficFlowObserved:{HERE}:CNT-1"
    attributes: dict[str, Any] = {"street": "Rue du Clos"}
    counter = TwinRecord(
        urn, "TrafficFlowObserved", HERE, "Rue du Clos", (5.04, 47.30), "A1", None, "CNT-1", "CNT-1", attributes
    )
    communes = [Commune(HERE, "Chenôve", 1000, 10.0, (5.04, 47.30), [])]
    return Inventory("essai", communes, [street], [], [], [*twins, counter])


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


class Street4:
    """One street of four lights and a counter, and everything around it."""

    def __init__(self, city: City, rows: PostgresRows, clock: StillClock) -> None:
        self.city, self.rows, self.clock = city, rows, clock
        ids, bus = SequentialIds(1 << 50), FakeBus()
        self.post = CommandPost(city, rows, bus, clock, ids)
        self.course = SteeringCourse(city, rows, clock, self.post, STEERING, ROOM.grounds[0], {})
        self.minutes = 0

    async def minute(self, vehicles_per_h: float, *, silent: bool = False) -> None:
        """A minute passes: the counter reports, the steering beats, the field side takes its holds."""
        self.clock.advance(60.0)
        self.minutes += 1
        if not silent:
            columns = self.city.columns["TrafficFlowObserved"]
            reported = {
                "vehicles_per_h": vehicles_per_h,
                "pedestrians_per_h": 0.0,
                "temperature_c": float(self.minutes),
            }
            for key, value in reported.items():
                columns[key][:] = value
                columns.observed(key)[:] = self.clock.now_us() - 5_000_000
        await self.course.beat()
        await self.take()

    async def quiet_hour(self) -> None:
        """Without traffic until the last minute before the hour is counted whole and anything is dimmed."""
        for _ in range(9):
            await self.minute(0.0)
            self.clock.advance(240.0)

    async def take(self) -> None:
        for row in await self.rows.fetch(
            "SELECT id, hold_group, hold_until FROM commands WHERE prepared_at IS NULL AND state = 'requested'"
        ):
            async with self.rows.transaction() as tx:
                await take_holds(tx, row["id"], row["hold_group"], self.clock.now(), row["hold_until"])
            await self.rows.execute("UPDATE commands SET state = 'confirmed' WHERE id = $1", row["id"])
            await self.rows.execute("UPDATE command_targets SET state = 3 WHERE command_id = $1", row["id"])

    async def held(self) -> list[tuple[float, UUID]]:
        """Level and issuer of each held light."""
        rows = await self.rows.fetch(
            """SELECT h.wanted, c.issuer FROM holds h JOIN commands c ON c.id = h.command_id
               WHERE h.until > $1 ORDER BY h.twin_no""",
            self.clock.now(),
        )
        return [(row["wanted"][1], row["issuer"]) for row in rows]

    async def order(self, light: int, level_pct: float) -> None:
        """A person holds a light."""
        urn = f"urn:ngsi-ld:Streetlight:{HERE}:SL-{light}"
        key = UUID(int=(1 << 80) + self.minutes * 10 + light)
        payload: dict[str, Any] = {"level_pct": level_pct, "hold_s": 3_600}
        request = CommandRequest("lighting.dim_streetlights", Selection("twins", (urn,)), payload, "essai", 60, key)
        await self.post.submit(OPERATOR, request)


@pytest.fixture
async def street(home: Path) -> AsyncIterator[Street4]:
    clock = StillClock()
    async with fresh_rows(home) as rows:
        await save_inventory(rows, clock, inventory())
        city = await load_city(rows, CARD, (MANIFEST, MOBILITY))
        bench = RoomBench(city, rows, SequentialIds(1 << 40), clock, FakeBus(), ROOM)
        for seed in ROOM.seeds:
            if seed.file in ("lighting_floors.toml", "commune_lighting.toml"):
                content = tomllib.loads((files("ondijon") / "cities" / seed.file).read_text("utf-8"))
                async with bench.door.desk(THE_POST) as desk:
                    await seed.load(desk, content | ({"adaptive": [HERE]} if "commune" in seed.file else {}))
        city.columns["Streetlight"]["level_pct"][:] = 100.0
        quiet = Street4(city, rows, clock)
        await quiet.quiet_hour()
        yield quiet


async def test_a_quiet_street_is_dimmed_by_commands_and_raised_by_traffic(street: Street4) -> None:
    for _ in range(8):
        await street.minute(3.0)
    assert await street.held() == [(40.0, ME.pseudonym)] * 4
    await street.minute(800.0)
    assert await street.held() == [(100.0, ME.pseudonym)] * 4
    commands = await street.rows.fetch("SELECT key, reason, risk_class FROM commands")
    assert len(commands) == 7 and {row["risk_class"] for row in commands} == {0}


async def test_a_hold_that_is_still_wanted_is_renewed_without_another_command(street: Street4) -> None:
    for _ in range(30):
        await street.minute(3.0)
    assert await street.held() == [(40.0, ME.pseudonym)] * 4
    assert len(await street.rows.fetch("SELECT 1 FROM commands")) == 6


async def test_a_silent_counter_gives_the_street_back_within_three_minutes(street: Street4) -> None:
    for _ in range(8):
        await street.minute(3.0)
    for _ in range(3):
        await street.minute(3.0, silent=True)
    assert await street.held() == []


async def test_a_person_s_hold_is_never_beaten_whatever_traffic_does(street: Street4) -> None:
    await street.minute(3.0)
    await street.order(2, 55.0)
    for flow in (3.0, 3.0, 900.0, 900.0, 3.0):
        await street.minute(flow)
        held = await street.held()
        assert held[2] == (55.0, OPERATOR.pseudonym)
        assert {issuer for place, (_, issuer) in enumerate(held) if place != 2} == {ME.pseudonym}


async def test_a_gateway_that_comes_back_leaves_each_hold_its_owner_and_its_end(street: Street4) -> None:
    for _ in range(8):
        await street.minute(3.0)
    before = await street.rows.fetch("SELECT twin_no, wanted, until, command_id FROM holds ORDER BY twin_no")
    twins = np.arange(4, dtype=np.int32)
    wanted = [row["wanted"] for row in before]
    await street.post.restore("post.reconcile", "essai", "Streetlight", "level", twins, wanted, 60)
    await street.take()
    after = await street.rows.fetch("SELECT twin_no, wanted, until, command_id FROM holds ORDER BY twin_no")
    assert [dict(row) for row in after] == [dict(row) for row in before]
    assert all(row["until"] is not None for row in after)


async def test_an_order_that_waits_for_a_second_person_is_not_overtaken(street: Street4) -> None:
    await street.order(1, 10.0)
    await street.rows.execute("UPDATE commands SET state = 'awaiting_approval'")
    await street.minute(3.0)
    rows = await street.rows.fetch(
        """SELECT count(*) AS targets FROM command_targets t JOIN commands c ON c.id = t.command_id
           WHERE c.issuer = $1""",
        ME.pseudonym,
    )
    assert rows[0]["targets"] == 3


async def test_an_incident_nearby_raises_to_all_light(street: Street4, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(8):
        await street.minute(3.0)

    async def list_urgent(rows: object) -> list[dict[str, float]]:
        return [{"lon": 5.04, "lat": 47.30}]

    monkeypatch.setattr("ondijon.runtime.steering.queries.list_urgent", list_urgent)
    await street.minute(3.0)
    assert await street.held() == [(100.0, ME.pseudonym)] * 4


async def test_every_decision_in_the_register_is_decided_alike_again(street: Street4) -> None:
    for flow in (3.0, 3.0, 500.0, 3.0, 200.0):
        await street.minute(flow)
    rows = await street.rows.fetch("SELECT input, outcome FROM automation_decisions ORDER BY at")
    assert len(rows) >= 3
    for row in rows:
        assert decide_again(row["input"]) == (row["outcome"]["level_pct"], row["outcome"]["cause"])


async def test_by_day_nothing_is_asked(street: Street4) -> None:
    street.clock.advance(timedelta(hours=15).total_seconds())
    await street.minute(3.0)
    assert await street.held() == [] and np.all(street.city.columns["Streetlight"]["level_pct"] == 100.0)
