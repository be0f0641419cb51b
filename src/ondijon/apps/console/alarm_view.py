"""Alarms as the console shows them."""

from collections.abc import Sequence
from uuid import UUID

from ondijon.apps.console.queries import alarms as queries
from ondijon.apps.console.shapes import Alarm
from ondijon.kernel.errors import NotFound
from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Rights, Scope

_MOST_OPEN = 10_000
_MOST_RECENT = 500


def to_alarm(row: Row) -> Alarm:
    return Alarm(
        id=row["id"],
        type=row["type"],
        trade=row["trade"],
        twin=row["urn"],
        twin_name=row["twin_name"],
        twin_type=row["twin_type"],
        commune=row["commune"],
        street=row["street"],
        lon=row["lon"],
        lat=row["lat"],
        priority=row["priority"],
        raised_at=row["raised_at"],
        cleared_at=row["cleared_at"],
        acknowledged_at=row["acknowledged_at"],
        acknowledged_by=row["acknowledged_name"],
        evidence=row["evidence"],
        version=row["version"],
    )


class AlarmView:
    """Reads alarms within a scope."""

    def __init__(self, rows: Rows, rights: Rights) -> None:
        self._rows = rows
        self._rights = rights

    async def list_open(self, scope: Scope) -> list[Alarm]:
        seen = self._rights.trade_pairs(scope)
        return [to_alarm(row) for row in await queries.list_open(self._rows, seen, _MOST_OPEN)]

    async def list_recent(self, scope: Scope) -> list[Alarm]:
        seen = self._rights.trade_pairs(scope)
        return [to_alarm(row) for row in await queries.list_recent(self._rows, seen, _MOST_RECENT)]

    async def list_of_twin(self, scope: Scope, twin_no: int) -> list[Alarm]:
        seen = self._rights.trade_pairs(scope)
        return [to_alarm(row) for row in await queries.list_open_of_twin(self._rows, seen, twin_no)]

    async def get(self, scope: Scope, alarm_id: UUID) -> Alarm:
        """Raises NotFound also when the alarm exists and may not be seen."""
        row = await queries.find_one(self._rows, self._rights.trade_pairs(scope), alarm_id)
        if row is None:
            raise NotFound("error.alarm_not_found")
        return to_alarm(row)

    async def list_by_ids(self, ids: Sequence[UUID]) -> list[Alarm]:
        """Without regard to rights: the live hub judges those for each client."""
        return [to_alarm(row) for row in await queries.list_by_ids(self._rows, ids)]
