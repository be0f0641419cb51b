"""Readings go when their property's declared days are over, from the rows and from the files, and that is told."""

from collections.abc import Sequence
from datetime import timedelta

from ondijon.infra.archive import queries
from ondijon.infra.archive.archiver import Archiver, OpenDesk, list_too_old
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock


class ReadingRetention:
    """Executes what each property's `Privacy` declares; what a trade declared before it left still holds."""

    def __init__(self, rows: PostgresRows, archiver: Archiver, desk: OpenDesk, clock: Clock) -> None:
        self._rows = rows
        self._archiver = archiver
        self._desk = desk
        self._clock = clock

    async def run(self) -> None:
        """Erase what is due; tells `history.erased` for the rows, `history.erased_day` for each file written anew."""
        async with self._desk() as desk:
            await queries.keep_retention(desk.tx, _declared(desk.city))
            retention = await queries.list_retention(desk.tx)
            erased = 0
            for number, days in retention.items():
                erased += await queries.erase_readings(desk.tx, number, desk.now - timedelta(days=days))
            if erased:
                desk.tell("history.erased", trade=None, commune=None, payload={"rows": erased})
        now = self._clock.now()
        for one in await queries.list_files(self._rows):
            if set(list_too_old(one.day, retention, now)) & set(one.properties):
                await self._archiver.renew(one.day, with_leaf=await queries.is_moving(self._rows, one.day))


def _declared(city: City) -> Sequence[tuple[int, int]]:
    return [
        (city.property_nos[spec.key, one.key], one.privacy.retention_days)
        for spec in city.types.values()
        for one in spec.properties
        if (spec.key, one.key) in city.property_nos
    ]
