"""Roll-ups equal brute force over everything stored, whenever it came and wherever it lies by now."""

import math
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ondijon.infra.archive.rollup_queries import GRAINS
from ondijon.infra.archive.rollups import RollUps
from ondijon.infra.archive.tests.conftest import DAY, DAY_US, TWINS, Reading, Stage, make_readings
from ondijon.kernel.clock import from_us, to_us
from ondijon.kernel.history import GrainKey

pytestmark = pytest.mark.engines
PARIS = ZoneInfo("Europe/Paris")
LONG_AFTER = datetime(2026, 4, 20, tzinfo=UTC)
# Twin 0 is a cabinet, 1 and 2 hang on it; 7 is known to nobody.
PARENT = {0: 0, 1: 0, 2: 0, 7: 7}
Key = tuple[int, int, datetime]


def begins(grain: GrainKey, observed_us: int) -> datetime:
    at = from_us(observed_us)
    if grain == "hour":
        return at.replace(minute=0, second=0, microsecond=0)
    local = at.astimezone(PARIS)
    return datetime(local.year, local.month, local.day, tzinfo=PARIS).astimezone(UTC)


def brute_force(grain: GrainKey, stored: list[Reading]) -> dict[Key, tuple[int, float, float, float]]:
    groups: dict[Key, list[float]] = defaultdict(list)
    for twin, prop, observed_us, _, value, quality in stored:
        if quality == 0 and not math.isnan(value):
            of_no = PARENT[twin] if grain == "hour" else twin
            groups[of_no, prop, begins(grain, observed_us)].append(value)
    return {key: (len(one), math.fsum(one), min(one), max(one)) for key, one in groups.items()}


async def kept(stage: Stage, grain: GrainKey) -> dict[Key, tuple[int, float, float, float]]:
    rows = await stage.rows.fetch(f"SELECT * FROM {GRAINS[grain].table}")  # noqa: S608 (our own constant)
    return {
        (row["of_no"], row["property_no"], row["begins_at"]): (row["n"], row["total"], row["lowest"], row["highest"])
        for row in rows
    }


async def assert_exact(stage: Stage) -> None:
    for grain in GRAINS:
        found, wanted = await kept(stage, grain), brute_force(grain, stage.stored)
        assert found.keys() == wanted.keys()
        for key, (n, total, lowest, highest) in wanted.items():
            assert (found[key][0], *found[key][2:]) == (n, lowest, highest)
            assert math.isclose(found[key][1], total, rel_tol=1e-12, abs_tol=1e-9)


async def plant_twins(stage: Stage) -> None:
    await stage.rows.execute("INSERT INTO communes VALUES ('21001', 1, 'Ici', 1, 1, 5, 47, '[]')")
    for number in range(TWINS):
        await stage.rows.execute(
            """INSERT INTO twins (twin_no, urn, type, commune, name, position, part_of, attributes)
               VALUES ($1, $2, 'Lamp', '21001', 'x', '(5, 47)', $3, '{}')""",
            number,
            f"urn:{number}",
            None if number == 0 else "urn:0",
        )


def one_batch(random: np.random.Generator) -> list[Reading]:
    """A few readings of the days around the spring change of clocks, in time or late, some of an unknown twin."""
    day = DAY + timedelta(days=int(random.integers(0, 3)))
    made = make_readings(int(random.integers(1 << 30)), int(random.integers(1, 30)), day)
    lag_us = int(random.choice([0, 50 * 60_000_000, 7 * 3_600_000_000, 3 * DAY_US]))
    return [
        (
            7 if random.random() < 0.1 else twin,
            prop,
            observed,
            observed + lag_us,
            math.nan if random.random() < 0.1 else value,
            quality,
        )
        for twin, prop, observed, _, value, quality in made
    ]


@pytest.mark.parametrize("seed", range(2))
async def test_roll_ups_equal_brute_force_in_any_order_of_events(stage: Stage, seed: int) -> None:
    random = np.random.default_rng(seed)
    rollups = RollUps(stage.rows, stage.history, "Europe/Paris")
    await plant_twins(stage)
    for _ in range(16):
        act = random.choice(["store", "store", "roll up", "archive"])
        if act == "store":
            await stage.store(one_batch(random))
        elif act == "roll up":
            await rollups.run(LONG_AFTER)
            await assert_exact(stage)
        else:
            await stage.move(DAY + timedelta(days=int(random.integers(0, 4))))
    await rollups.run(LONG_AFTER)
    await assert_exact(stage)


async def test_an_hour_is_reckoned_when_it_is_over_and_not_before(stage: Stage) -> None:
    rollups = RollUps(stage.rows, stage.history, "Europe/Paris")
    noon = datetime(2026, 3, 28, 12, tzinfo=UTC)
    await stage.store([(1, 1, to_us(noon) + 60_000_000, to_us(noon) + 60_000_001, 40.0, 0)])
    assert await rollups.run(noon + timedelta(minutes=64)) == 0
    assert await rollups.run(noon + timedelta(minutes=65)) == 1
    (total,) = await stage.history.list_totals("hour", 1, 1, noon, noon + timedelta(hours=1))
    assert (total.begins_at, total.n, total.total, total.lowest, total.highest) == (noon, 1, 40.0, 40.0, 40.0)


async def test_the_day_of_the_spring_change_has_twenty_three_hours(stage: Stage) -> None:
    rollups = RollUps(stage.rows, stage.history, "Europe/Paris")
    begin = to_us(datetime(2026, 3, 29, tzinfo=PARIS))
    hours = [(0, 1, begin + hour * 3_600_000_000, begin + hour * 3_600_000_000, 1.0, 0) for hour in range(-1, 25)]
    await stage.store(hours)
    await rollups.run(LONG_AFTER)
    found = await stage.history.list_totals("day", 0, 1, from_us(begin), from_us(begin) + timedelta(days=2))
    assert [(total.begins_at, total.n) for total in found] == [
        (from_us(begin), 23),
        (datetime(2026, 3, 29, 22, tzinfo=UTC), 2),
    ]


async def test_nothing_is_left_to_do_after_a_run(stage: Stage) -> None:
    rollups = RollUps(stage.rows, stage.history, "Europe/Paris")
    await stage.store(make_readings(5, 40, date(2026, 3, 29)))
    assert await rollups.run(LONG_AFTER) > 0
    assert await rollups.run(LONG_AFTER) == 0
