"""The news desk reads cards, commands and watched twins that changed, and passes them to those who may see them."""

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
from ondijon.web.live_client import LiveClient, message
from ondijon.web.rights import Rights, Scope

_LOG = logging.getLogger(__name__)

CARD_SUBJECT = "ondijon.card"
COMMAND_SUBJECT = "ondijon.command"
ROOM_SUBJECT = "ondijon.room"
# Cards and the room go with every round, commands and twins with every fourth: at most twice a second.
_SLOW_EVERY = 4
_MOST_AT_ONCE = 200
# Who is owed more cards than this is told to ask for all of them.
_MOST_OWED = 2_000
_CARD = "card:"


class Changed(Struct, frozen=True):
    """A command has changed; the rows say how."""

    id: UUID


class CardsChanged(Struct, frozen=True):
    """Cards of alarms have changed; the rows say how."""

    ids: list[UUID]


class RoomNews(Struct, frozen=True):
    """Something of a part of the room changed, for those who see (trade, commune); None is any."""

    part: str
    subject: str
    trade: str | None = None
    commune: str | None = None


class LiveReader(Protocol):
    """Reads what changed as live messages; a face provides it, because it knows the shapes."""

    async def read_cards(self, ids: Sequence[UUID], scope: Scope) -> Sequence[str]:
        """The messages about those of the cards that the scope sees, with its own numbers."""
        ...

    async def sees_incident(self, scope: Scope, incident: UUID) -> bool: ...

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
        self._cards: dict[UUID, None] = {}
        self._room: dict[RoomNews, None] = {}
        self._commands: dict[UUID, None] = {}
        self._rounds = 0

    async def start(self, bus: Bus) -> None:
        await bus.subscribe(CARD_SUBJECT, self._hear_cards)
        await bus.subscribe(ROOM_SUBJECT, self._hear_room)
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
        self._deliver_room()
        await self._deliver_cards()
        if self._rounds % _SLOW_EVERY == 0:
            await self._deliver_commands()
            await self._deliver_twins()

    def _deliver_room(self) -> None:
        news = list(self._room)
        self._room.clear()
        for one in news:
            text = message("room", part=one.part, subject=one.subject)
            for client in self._clients:
                if self._may_know(client.scope, one):
                    client.mailbox.put_text(text)

    def _may_know(self, scope: Scope, news: RoomNews) -> bool:
        if news.trade is None and news.commune is None:
            return True
        trades = scope.trades if news.trade is None else (news.trade,)
        if news.commune is None:
            return any(scope.of_trade(trade) for trade in trades)
        return any(self._rights.sees(scope, trade, news.commune) for trade in trades)

    async def _deliver_cards(self) -> None:
        """Who keeps up gets at most 200 cards a round; who does not gets the latest of each when it is ready."""
        taken = list(self._cards)[:_MOST_AT_ONCE]
        for card_id in taken:
            del self._cards[card_id]
        ready: dict[Scope, list[LiveClient]] = defaultdict(list)
        for client in self._clients:
            client.owed_cards.update(dict.fromkeys(taken))
            if len(client.owed_cards) > _MOST_OWED:
                client.owed_cards.clear()
                client.resync_is_due = True
            if client.owed_cards and client.mailbox.is_clear:
                ready[client.scope].append(client)
        for scope, clients in ready.items():
            owed = dict.fromkeys(card_id for client in clients for card_id in client.owed_cards)
            ids = list(owed)[:_MOST_AT_ONCE]
            texts = await self._reader.read_cards(ids, scope)
            for client in clients:
                for card_id in ids:
                    client.owed_cards.pop(card_id, None)
                for text in texts:
                    client.mailbox.put_text(text)
                # What was done to a card may concern the watched twin.
                client.twin_is_due |= client.twin is not None and bool(texts)

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

    async def _hear_cards(self, _: str, payload: bytes) -> None:
        try:
            self._cards.update(dict.fromkeys(msgspec.json.decode(payload, type=CardsChanged).ids))
        except msgspec.MsgspecError as error:
            _LOG.warning("news of cards do not fit: %s", error)

    async def _hear_room(self, _: str, payload: bytes) -> None:
        try:
            news = msgspec.json.decode(payload, type=RoomNews)
            if news.part == "alarms" and news.subject.startswith(_CARD):
                # A card says more than that it changed.
                self._cards[UUID(news.subject.removeprefix(_CARD))] = None
            else:
                self._room[news] = None
        except (msgspec.MsgspecError, ValueError) as error:
            _LOG.warning("news of the room do not fit: %s", error)

    async def _hear_command(self, _: str, payload: bytes) -> None:
        self._collect(self._commands, payload)

    def _collect(self, kept: dict[UUID, None], payload: bytes) -> None:
        try:
            kept[msgspec.json.decode(payload, type=Changed).id] = None
        except msgspec.MsgspecError as error:
            _LOG.warning("news of the post do not fit: %s", error)
