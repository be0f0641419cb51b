"""Reads for the live hub what the bus only names."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from ondijon.apps.console.alarm_view import AlarmView
from ondijon.apps.console.command_view import CommandView
from ondijon.apps.console.twin_view import TwinView
from ondijon.web.live_client import message
from ondijon.web.news import AlarmNews
from ondijon.web.rights import Scope


class ConsoleReader:
    """The hub's LiveReader in the shapes of the console."""

    def __init__(self, alarms: AlarmView, commands: CommandView, twins: TwinView) -> None:
        self._alarms = alarms
        self._commands = commands
        self._twins = twins

    async def read_alarms(self, ids: Sequence[UUID]) -> Sequence[AlarmNews]:
        found = await self._alarms.list_by_ids(ids)
        return [AlarmNews(one.trade, one.commune, one.twin, message("alarm", alarm=one)) for one in found]

    async def read_commands(self, ids: Sequence[UUID], scopes: Collection[Scope]) -> Mapping[Scope, Sequence[str]]:
        found = await self._commands.list_for_scopes(ids, scopes)
        return {scope: [message("command", command=one) for one in commands] for scope, commands in found.items()}

    async def read_twin(self, scope: Scope, urn: str) -> str:
        return message("twin", twin=await self._twins.get(scope, urn))
