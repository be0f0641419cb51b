"""Energy and work orders behind the real door: nights, late data, baselines by two people, orders."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ondijon.domains.lighting.desk import baseline, energy, work_orders
from ondijon.domains.lighting.manifest import MANIFEST
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.city import City
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.identity import THE_POST, Verb
from ondijon.kernel.room import RoomManifest
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.testing.builders import CARD, COMMUNES, person, small_inventory
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench
from tests.matrix.lighting import BASELINE, with_lighting

pytestmark = pytest.mark.engines
HERE = COMMUNES[0]
VERBS: tuple[Verb, ...] = ("see", "handle", "configure", "approve")
CHIEF, SECOND = person("chief", verbs=VERBS), person("second", verbs=VERBS)
ROOM = RoomManifest(part="lighting", acts=(*baseline.ACTS, *work_orders.ACTS), jobs=energy.JOBS)
FILE: dict[str, Any] = {
    "valid_from": date(2014, 1, 1),
    "on_offset_min": 0.0,
    "off_offset_min": 0.0,
    "hours_h": 4100.0,
    "eur_per_kwh": 0.2,
    "eur_source": "essai",
    "goal_pct": 65.0,
    "goal_source": "essai",
    "source": "essai",
    "family": [{"key": "sodium_70", "power_w": 70.0, "ballast_factor": 1.2, "replaced_up_to_w": 60.0}],
}


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


class Bench:
    """The door, its city and its clock."""

    def __init__(self, rows: PostgresRows, city: City, clock: StillClock) -> None:
        self.rows, self.city, self.clock = rows, city, clock
        self.room = RoomBench(city, rows, SequentialIds(1 << 70), clock, FakeBus(), ROOM)
        self.cabinet = int(city.twins["StreetlightControlCabinet"].twin_no[0])

    async def count(self, at: datetime, kwh: float) -> None:
        """A reading of the first cabinet's counter."""
        number = self.city.property_nos["StreetlightControlCabinet", "energy_kwh"]
        at_us = round(at.timestamp() * 1e6)
        async with self.rows.transaction() as tx:
            await tx.copy_readings(
                np.array([self.cabinet], np.int32),
                np.array([number], np.int16),
                np.array([at_us], np.int64),
                np.array([at_us], np.int64),
                np.array([kwh]),
                np.zeros(1, np.uint8),
            )

    async def roll_up(self) -> None:
        """As many runs of the job as every night needs."""
        for _ in range(30):
            await self.room.run_job("lighting.roll_up_nights", THE_POST)

    async def nights(self) -> dict[date, float | None]:
        found = await self.rows.fetch("SELECT night, kwh FROM lighting_cabinet_nights")
        return {row["night"]: row["kwh"] for row in found}


@pytest.fixture
async def bench(home: Path) -> AsyncIterator[Bench]:
    clock = StillClock()
    async with fresh_rows(home) as rows:
        await save_inventory(rows, clock, with_lighting(small_inventory()))
        city = await load_city(rows, CARD, (MANIFEST,))
        found = Bench(rows, city, clock)
        async with found.room.door.desk(THE_POST) as desk:
            await baseline.load_baselines(desk, FILE)
        yield found


async def test_a_night_is_what_the_counter_rose_from_noon_to_noon_and_late_readings_complete_it(bench: Bench) -> None:
    last = bench.clock.now().astimezone(UTC).date() - timedelta(days=1)
    start = datetime(last.year, last.month, last.day, 10, tzinfo=UTC)
    for hour in range(20):
        await bench.count(start + timedelta(hours=hour), 100.0 + hour)
    await bench.roll_up()
    assert (await bench.nights())[last] is None
    for hour in range(20, 27):
        await bench.count(start + timedelta(hours=hour), 100.0 + hour)
    bench.clock.advance(16 * 3600)
    await bench.roll_up()
    kwh = (await bench.nights())[last]
    assert kwh == pytest.approx(24.0)
    due = await bench.rows.fetch("SELECT commune, year FROM lighting_savings_due")
    assert (HERE, last.year) in {(row["commune"], row["year"]) for row in due}


async def test_a_saving_is_proved_and_stands_for_its_cabinets(bench: Bench) -> None:
    await bench.rows.execute(
        """INSERT INTO lighting_cabinet_nights (twin_no, night, kwh, coverage, source)
           SELECT $1, day::date, 0.7, 1.0, 'metered'
           FROM generate_series('2025-01-01'::date, '2025-12-31'::date, interval '1 day') AS day""",
        bench.cabinet,
    )
    await bench.rows.execute("INSERT INTO lighting_savings_due VALUES ($1, 2025, $2)", HERE, bench.clock.now())
    await bench.room.run_job("lighting.prove_savings", THE_POST)
    row = await bench.rows.fetch_one("SELECT content FROM lighting_savings WHERE commune = $1 AND year = 2025", HERE)
    assert row is not None
    assert row["content"]["proof"]["coverage"] == 1.0
    assert 0 < row["content"]["proof"]["saving_pct"] < 100
    saved = await bench.rows.fetch_one("SELECT * FROM lighting_cabinet_savings WHERE twin_no = $1", bench.cabinet)
    assert saved is not None and saved["until_day"] == date(2025, 12, 31)


async def test_a_baseline_stands_when_somebody_else_approves_and_every_version_stays(bench: Bench) -> None:
    asked = {"commune": HERE, **BASELINE, "families": [{"family": "sodium_70", "power_w": 75, "ballast_factor": 1.1}]}
    made = await bench.room.do(CHIEF, "lighting.set_baseline", asked)
    with pytest.raises(Refused):
        await bench.room.do(CHIEF, "lighting.decide_baseline", {"id": str(made["id"]), "approve": True})
    await bench.room.do(SECOND, "lighting.decide_baseline", {"id": str(made["id"]), "approve": True})
    rows = await bench.rows.fetch("SELECT version, state FROM lighting_baselines WHERE commune = $1 ORDER BY 1", HERE)
    assert [(row["version"], row["state"]) for row in rows] == [(1, "superseded"), (2, "standing")]
    async with bench.room.door.desk(THE_POST) as desk:
        await baseline.load_baselines(desk, FILE)
    again = await bench.rows.fetch_one("SELECT count(*) AS n FROM lighting_baselines WHERE commune = $1", HERE)
    assert again is not None and again["n"] == 2


async def test_a_family_that_the_baseline_does_not_have_is_refused(bench: Bench) -> None:
    asked = {"commune": HERE, **BASELINE, "families": [{"family": "gas", "power_w": 75, "ballast_factor": 1.1}]}
    with pytest.raises(Refused):
        await bench.room.do(CHIEF, "lighting.set_baseline", asked)


async def test_a_work_order_is_opened_finished_and_opened_again(bench: Bench) -> None:
    twin = bench.city.twins["Streetlight"].records[0].id
    made = await bench.room.do(CHIEF, "lighting.open_work_order", {"twin": twin, "kind": "repair"})
    order = {"id": str(made["id"]), "version": made["version"]}
    done = await bench.room.do(
        CHIEF, "lighting.finish_work_order", {**order, "outcome": "fait", "parts": [{"part": "driver", "quantity": 2}]}
    )
    with pytest.raises(Refused):
        await bench.room.do(SECOND, "lighting.cancel_work_order", {**order, "reason": "trop tard"})
    order["version"] = done["version"]
    with pytest.raises(Refused):
        await bench.room.do(SECOND, "lighting.cancel_work_order", {**order, "reason": "déjà fait"})
    await bench.room.do(SECOND, "lighting.reopen_work_order", {**order, "reason": "encore en panne"})
    row = await bench.rows.fetch_one("SELECT state, outcome, ended_at FROM lighting_work_orders")
    assert row is not None and (row["state"], row["outcome"], row["ended_at"]) == ("open", None, None)


async def test_no_work_order_on_what_does_not_exist(bench: Bench) -> None:
    with pytest.raises(NotFound):
        await bench.room.do(CHIEF, "lighting.open_work_order", {"twin": "urn:ngsi-ld:Streetlight:x", "kind": "repair"})
