"""A commit whose answer was lost on the way is not done a second time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from ondijon.infra.clocks import SystemClock
from ondijon.infra.ids import UuidSource
from ondijon.infra.postgres.pool import DatabaseLost, PostgresRows
from ondijon.infra.postgres.server import EmbeddedPostgres
from ondijon.kernel.arrays import Ints64
from ondijon.kernel.city import CityCard
from ondijon.kernel.field import Cursor, DeadLetter
from ondijon.kernel.ports import Transaction
from ondijon.kernel.readings import ReadingBatch
from ondijon.runtime.alarm_desk import AlarmChange
from ondijon.runtime.city_store import load_city
from ondijon.runtime.effects import ALARM_SUBJECT, Effects, EffectsWriter
from ondijon.runtime.loader import load_trades
from ondijon.runtime.tracker import Tracker
from ondijon.testing.database import database_home
from ondijon.testing.fakes import FakeBus
from tests.faults.deadline import tell
from tests.faults.town import CITY, light_urn, settle

pytestmark = [pytest.mark.faults, pytest.mark.engines]

TABLES = ("readings", "dead_letters", "alarms", "events")


class AnswersLost(PostgresRows):
    """The database, over a connection that breaks after the commit and before its answer, as often as told."""

    to_lose = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with super().transaction() as tx:
            yield tx
        if self.to_lose:
            self.to_lose -= 1
            raise DatabaseLost("error.database_lost", detail="a test cut the connection after the commit")


def _cursor(newest: int) -> Cursor:
    one: Ints64 = np.array([newest], np.int64)
    return Cursor("mqtt", ("CAB-0",), one, np.zeros(1, np.int64), np.zeros(1, np.int64))


async def test_a_commit_whose_answer_was_lost_is_written_once_and_told() -> None:
    card = CityCard(CITY, "Dijon", "Europe/Paris", (5.04, 47.32), True, {"fr": "", "en": ""})
    with database_home() as home:
        await settle(Path(home))
        async with EmbeddedPostgres(home) as server, await AnswersLost.open(server.dsn) as rows:
            manifests, _ = load_trades()
            city = await load_city(rows, card, manifests)
            bus, clock = FakeBus(), SystemClock()
            writer = EffectsWriter(city, rows, bus, clock, UuidSource(), Tracker(city))
            twins, row = city.get_twin(light_urn(0, 0))
            now = np.array([clock.now_us()], np.int64)
            place = (np.array([row], np.int32), np.array([0], np.int16))
            batch = ReadingBatch(twins.twin_type, *place, np.array([40.0]), now, now, np.zeros(1, np.uint8))
            lamp_out = next(spec for one in manifests for spec in one.alarms if spec.key == "lighting.lamp_out")
            for newest in (1, 2):
                rows.to_lose = 1
                alarm = AlarmChange(lamp_out, row, newest == 1, clock.now_us(), {})
                letter = DeadLetter("a/topic", "CAB-0", b"?", "malformed", "a test")
                await writer.write(
                    Effects(batches=[batch], alarms=[alarm], dead_letters=[letter], cursor=_cursor(newest))
                )
            counted = {table: (await rows.fetch(f"SELECT count(*) AS n FROM {table}"))[0]["n"] for table in TABLES}  # noqa: S608 (ours)
    assert counted == {"readings": 2, "dead_letters": 2, "alarms": 1, "events": 2}
    assert len(bus.said_on(ALARM_SUBJECT)) == 2
    tell("2 intakes, each commit's answer lost", f"{counted}, both changes of the alarm told")
