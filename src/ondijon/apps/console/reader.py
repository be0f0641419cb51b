"""Reads for the live hub what the bus only names."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from ondijon.apps.console.command_view import CommandView
from ondijon.apps.console.parts.alarms.view import AlarmView
from ondijon.apps.console.queries.incidents import find_place
from ondijon.apps.console.twin_view import TwinView
from ondijon.kernel.ports import Rows
from ondijon.web.live_client import message
from ondijon.web.rights import Rights, Scope


class ConsoleReader:
    """The hub's LiveReader in the shapes of the console."""

    def __init__(self, rows: Rows, rights: Rights, alarms: AlarmView, commands: CommandView, twins: TwinView) -> None:
        self._rows = rows
        self._rights = rights
        self._alarms = alarms
        self._commands = commands
        self._twins = twins

    async def read_cards(self, ids: Sequence[UUID], scope: Scope) -> Sequence[str]:
        return [message("card", card=card) for card in await self._alarms.list_by_id(scope, ids)]

    async def sees_incident(self, scope: Scope, incident: UUID) -> bool:
        place = await find_place(self._rows, incident)
        return place is not None and self._rights.sees(scope, place["trade"], place["commune"])

    async def read_commands(self, ids: Sequence[UUID], scopes: Collection[Scope]) -> Mapping[Scope, Sequence[str]]:
        found = await self._commands.list_for_scopes(ids, scopes)
        return {scope: [message("command", command=one) for one in commands] for scope, commands in found.items()}

    async def read_twin(self, scope: Scope, urn: str) -> str:
        return message("twin", twin=await self._twins.get(scope, urn))
