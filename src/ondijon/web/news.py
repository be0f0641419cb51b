"""The news desk reads alarms, commands and watched twins that changed, and passes them to those who may see them."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol
from uuid import UUID

import msgspec
from msgspec import Struct

from ondijon.kernel.city import City
from ondijon.kernel.errors import NotFound, OndijonError
from ondijon.kernel.ports import Bus
from ondijon.web.changes import Marks
from ondijon.web.live_client import LiveClient
from ondijon.web.rights import Rights, Scope

_LOG = logging.getLogger(__name__)

ALARM_SUBJECT = "ondijon.alarm"
COMMAND_SUBJECT = "ondijon.command"
# Alarms go with every round, commands and twins with every fourth: at most twice a second.
_SLOW_EVERY = 4
_MOST_AT_ONCE = 200


class Changed(Struct, frozen=True):
    """An alarm or a command has changed; the rows say how."""

    id: UUID


class AlarmNews(Struct, frozen=True):
    """An alarm as a live message, and who may see it."""

    trade: str
    commune: str
    twin: str
    text: str


class LiveReader(Protocol):
    """Reads what changed as live messages; a face provides it, because it knows the shapes."""

    async def read_alarms(self, ids: Sequence[UUID]) -> Sequence[AlarmNews]: ...

    async def read_commands(self, ids: Sequence[UUID], scopes: Collection[Scope]) -> Mapping[Scope, Sequence[str]]:
        """For each scope, the messages about those of the commands that it sees."""
        ...

    async def read_twin(self, scope: Scope, urn: str) -> str:
        """Raises NotFound when the scope does not see the twin."""
        ...


class NewsDesk:
    """Collects what the bus tells between two rounds, so that a hundred changes of one thing are read once."""

    def __init__(self, reader: LiveReader, rights: Rights, clients: Collection[LiveClient]) -> None:
        self._reader = reader
        self._rights = rights
        self._clients = clients
        self._alarms: dict[UUID, None] = {}
        self._commands: dict[UUID, None] = {}
        self._rounds = 0

    async def start(self, bus: Bus) -> None:
        await bus.subscribe(ALARM_SUBJECT, self._hear_alarm)
        await bus.subscribe(COMMAND_SUBJECT, self._hear_command)

    def notice(self, marks: Marks, city: City) -> None:
        """See which watched twins changed in this round."""
        for client in self._clients:
            if client.twin is None or client.twin_is_due:
                continue
            for twin_type, changed in marks.items():
                row = city.twins[twin_type].row_of.get(client.twin)
                if row is not None and changed[:, row].any():
                    client.twin_is_due = True

    async def deliver(self) -> None:
        """Pass on what is known now; what an absent engine keeps from being read stays for the next round."""
        self._rounds += 1
        await self._deliver_alarms()
        if self._rounds % _SLOW_EVERY == 0:
            await self._deliver_commands()
            await self._deliver_twins()

    async def _deliver_alarms(self) -> None:
        ids = list(self._alarms)[:_MOST_AT_ONCE]
        if not ids:
            return
        for alarm_id in ids:
            del self._alarms[alarm_id]
        if not self._clients:
            return
        try:
            found = await self._reader.read_alarms(ids)
        except OndijonError:
            self._alarms.update(dict.fromkeys(ids))
            raise
        for news in found:
            for client in self._clients:
                if self._rights.sees(client.scope, news.trade, news.commune):
                    client.mailbox.put_text(news.text)
                    client.twin_is_due |= client.twin == news.twin

    async def _deliver_commands(self) -> None:
        ids = list(self._commands)[:_MOST_AT_ONCE]
        if not ids:
            return
        for command_id in ids:
            del self._commands[command_id]
        by_scope = self._by_scope()
        if not by_scope:
            return
        try:
            found = await self._reader.read_commands(ids, by_scope)
        except OndijonError:
            self._commands.update(dict.fromkeys(ids))
            raise
        for scope, texts in found.items():
            for client in by_scope[scope]:
                # A command may have changed what holds the watched twin.
                client.twin_is_due = client.twin is not None
                for text in texts:
                    client.mailbox.put_text(text)

    async def _deliver_twins(self) -> None:
        watchers: dict[tuple[Scope, str], list[LiveClient]] = defaultdict(list)
        for client in self._clients:
            if client.twin is not None and client.twin_is_due and client.rounds_behind < 2:
                watchers[client.scope, client.twin].append(client)
        for (scope, urn), clients in watchers.items():
            for client in clients:
                client.twin_is_due = False
            try:
                text = await self._reader.read_twin(scope, urn)
            except NotFound:
                continue
            for client in clients:
                if client.twin == urn:
                    client.mailbox.put_text(text)

    def _by_scope(self) -> dict[Scope, list[LiveClient]]:
        by_scope: dict[Scope, list[LiveClient]] = defaultdict(list)
        for client in self._clients:
            by_scope[client.scope].append(client)
        return by_scope

    async def _hear_alarm(self, _: str, payload: bytes) -> None:
        self._collect(self._alarms, payload)

    async def _hear_command(self, _: str, payload: bytes) -> None:
        self._collect(self._commands, payload)

    def _collect(self, kept: dict[UUID, None], payload: bytes) -> None:
        try:
            kept[msgspec.json.decode(payload, type=Changed).id] = None
        except msgspec.MsgspecError as error:
            _LOG.warning("news of the post do not fit: %s", error)
