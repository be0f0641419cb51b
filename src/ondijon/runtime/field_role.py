"""The field role: one driver's intakes become state, and commands become orders."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock, to_us
from ondijon.kernel.errors import EngineAway, FieldFault
from ondijon.kernel.field import Cursor, DeadLetter, FieldDriver
from ondijon.kernel.frames import WANTED_SUBJECT
from ondijon.kernel.health import Backlog
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Bus, Row, Rows
from ondijon.kernel.readings import Columns, ReadingBatch
from ondijon.kernel.sharing import WHOLE, Share
from ondijon.runtime import alarm_queries, share_queries
from ondijon.runtime import field_queries as queries
from ondijon.runtime.alarm_desk import AlarmDesk, Silence
from ondijon.runtime.dispatcher import Dispatcher
from ondijon.runtime.effects import EffectsWriter
from ondijon.runtime.fact_alarms import alarms_of_facts
from ondijon.runtime.followers import FollowerLoop
from ondijon.runtime.post import NUDGE_SUBJECT, CommandPost
from ondijon.runtime.programme_keeper import keep_programmes
from ondijon.runtime.projector import Projector
from ondijon.runtime.reconciler import Reconciler
from ondijon.runtime.room_door import ROOM_SUBJECT, RoomDoor
from ondijon.runtime.share_keeper import Tenure
from ondijon.runtime.state_keeper import restore_columns, save_columns
from ondijon.runtime.tracker import Tracker

log = logging.getLogger(__name__)

SNAPSHOT_S = 10.0
SILENCES_S = 5.0
# The gateway of the post's own services.
POST_GATEWAY = "post"
RAISES_KEPT = timedelta(minutes=10)
REFUSED_SUBJECT = "ondijon.field.refused"
# The core's heartbeat carries what the broker still holds for us.
BACKLOG_SUBJECT = "ondijon.role.core"
DISK_SUBJECT = "ondijon.field.disk_short"
CLOCK_SUBJECT = "ondijon.field.clock_stepped"
REPLAY_SUBJECT = "ondijon.dead_letter.replay"


class _CoreDetail(Struct, frozen=True):
    """Of the core's details the one that matters here."""

    backlog: Backlog | None = None


class _CoreWord(Struct, frozen=True):
    """The core's heartbeat."""

    detail: _CoreDetail


class FieldRole:
    """Everything a gateway process does, for the whole field or during its tenure of a share.

    `start` restores, `run` goes on until cancelled.
    """

    def __init__(
        self,
        city: City,
        rows: Rows,
        bus: Bus,
        clock: Clock,
        ids: IdSource,
        driver: FieldDriver,
        tenure: Tenure | None = None,
    ) -> None:
        self._city = city
        self._rows = rows
        self._bus = bus
        self._clock = clock
        self._driver = driver
        self._tenure = tenure
        self._share = share = WHOLE if tenure is None else tenure.share
        self._was_divided = False
        self._silences_turned = asyncio.Event()
        self._programmes_turned = asyncio.Event()
        self._silenced: tuple[UUID, ...] = ()
        self._own = {key: share.rows_of(twins) for key, twins in city.twins.items()}
        self.desk = AlarmDesk(city, share)
        self.tracker = Tracker(city)
        self.writer = EffectsWriter(city, rows, bus, clock, ids, self.tracker, tenure)
        self.projector = Projector(city, clock, self.desk, self.tracker, self.writer)
        self.dispatcher = Dispatcher(city, rows, clock, driver, self.tracker, self.projector, share)
        post = CommandPost(city, rows, bus, clock, ids)
        self.reconciler = Reconciler(city, rows, clock, post, self.projector)
        door = RoomDoor(city, rows, bus, clock, ids, (), {})
        self.facts = FollowerLoop(rows, bus, door, (alarms_of_facts(city, self._raise_by),))

    async def start(self) -> None:
        """Bring back columns, open alarms and open commands from the rows."""
        restored = await restore_columns(self._city, self._rows, self._share)
        self.projector.dirty |= restored.unsaved
        self._was_divided = restored.was_divided
        alarms = await alarm_queries.list_open_alarms(self._rows)
        self.desk.restore([(row["type"], row["urn"]) for row in alarms])
        raises = await alarm_queries.list_raises_since(self._rows, self._clock.now() - RAISES_KEPT)
        self.desk.restore_raises([(row["type"], row["urn"], to_us(row["at"])) for row in raises])
        await self.load_silences()
        self.desk.look_again(self._clock.now_us())
        await self.dispatcher.restore()
        if self._has_post:
            await self.facts.start()
        log.info("field role restored: %d readings replayed, %d alarms open", restored.readings, len(alarms))
        await self._bus.subscribe(NUDGE_SUBJECT, self._on_nudge)
        await self._bus.subscribe(WANTED_SUBJECT, self._on_wanted)
        await self._bus.subscribe(REFUSED_SUBJECT, self._on_word)
        await self._bus.subscribe(DISK_SUBJECT, self._on_word)
        await self._bus.subscribe(CLOCK_SUBJECT, self._on_word)
        await self._bus.subscribe(REPLAY_SUBJECT, self._on_replay)
        await self._bus.subscribe(ROOM_SUBJECT, self._on_room)
        await self._bus.subscribe(BACKLOG_SUBJECT, self._on_backlog)

    async def run(self) -> None:
        """Take in, dispatch, reconcile, keep, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._driver.run(self.projector.commit))
            tasks.create_task(_again("dispatch", 0.0, self.dispatcher.run))
            tasks.create_task(_again("reconcile", 0.0, self.reconciler.run))
            tasks.create_task(_again("tick", 1.0, self.projector.tick))
            tasks.create_task(_again("programmes", 0.0, self._keep_programmes))
            tasks.create_task(_again("silences", 0.0, self._follow_silences))
            if self._has_post:
                tasks.create_task(_again("facts", 0.0, self.facts.run))
            tasks.create_task(_again("snapshot", SNAPSHOT_S, self.keep))

    @property
    def _has_post(self) -> bool:
        """Whether the post's own services, whose alarms facts raise, are in our share."""
        return self._share.has(POST_GATEWAY)

    async def keep(self) -> None:
        """Save the columns that changed."""
        await save_columns(
            self._city, self._rows, self._clock, self.projector, self._tenure, was_divided=self._was_divided
        )

    async def load_silences(self) -> None:
        """See which works and out-of-service twins there are now; where that has changed, judge again."""
        found = await alarm_queries.list_silences(self._rows, self._clock.now())
        standing = tuple(row["id"] for row in found)
        if standing != self._silenced:
            self._silenced = standing
            self.desk.silence([Silence(row["type"], row["twin_nos"]) for row in found], self._clock.now_us())

    async def _follow_silences(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENCES_S):
                await self._silences_turned.wait()
        self._silences_turned.clear()
        await self.load_silences()

    async def _keep_programmes(self) -> None:
        await keep_programmes(self._city, self._rows, self._driver, self._programmes_turned, self._share)

    async def _on_nudge(self, subject: str, payload: bytes) -> None:
        self.dispatcher.nudged.set()

    async def _on_wanted(self, subject: str, payload: bytes) -> None:
        for columns in self._city.columns.values():
            for index in range(len(columns.properties)):
                batch = _whole(columns, index, self._own[columns.twin_type])
                if len(batch):
                    await self.writer.publish(batch)

    async def _on_word(self, subject: str, payload: bytes) -> None:
        await self._raise_by(subject.removeprefix("ondijon."), msgspec.json.decode(payload))

    async def _raise_by(self, event: str, evidence: Mapping[str, Any]) -> None:
        await self.projector.apply([], self.desk.raise_by_event(event, evidence, self._clock.now_us()))

    async def _on_backlog(self, subject: str, payload: bytes) -> None:
        self.projector.hear_backlog(msgspec.json.decode(payload, type=_CoreWord).detail.backlog)

    async def _on_room(self, subject: str, payload: bytes) -> None:
        if b'"silence:' in payload:
            self._silences_turned.set()
        if b'"programme:' in payload:
            self._programmes_turned.set()

    async def _on_replay(self, subject: str, payload: bytes) -> None:
        letter_id = UUID(msgspec.json.decode(payload)["id"])
        row = await queries.find_dead_letter(self._rows, letter_id)
        if row is not None and self._share.has(row["gateway"]):
            letter = DeadLetter(row["topic"], row["gateway"], bytes(row["payload"]), row["reason"], row["detail"])
            await self.projector.commit(self._driver.map_letters([letter]))
            await queries.set_replayed(self._rows, letter_id, self._clock.now())


def _whole(columns: Columns, index: int, own: Bools) -> ReadingBatch:
    rows = np.flatnonzero((columns.observed_us[index] > 0) & own).astype(np.int32)
    return ReadingBatch(
        columns.twin_type,
        rows,
        np.full(len(rows), index, np.int16),
        columns.value[index][rows],
        columns.observed_us[index][rows],
        columns.received_us[index][rows],
        columns.quality[index][rows],
    )


async def load_cursor(rows: Rows, driver: str) -> Cursor | None:
    """Which packs of each gateway were committed before a restart."""
    row = await queries.find_cursor(rows, driver)
    return None if row is None else _to_cursor(row, driver)


def _to_cursor(row: Row, driver: str) -> Cursor:
    newest, window_bits, gaps = (
        np.frombuffer(row[name], np.int64).copy() for name in ("newest", "window_bits", "gaps")
    )
    return Cursor(driver, tuple(row["gateways"]), newest, window_bits, gaps)


async def load_shared_cursor(rows: Rows, driver: str, key: str, share: Share) -> Cursor | None:
    """The same for a share, of whoever took each gateway's newest pack in, the field divided or not."""
    newest: dict[str, tuple[int, int, int]] = {}
    for row in await share_queries.list_cursors(rows, driver):
        cursor = _to_cursor(row, key)
        known = zip(cursor.newest.tolist(), cursor.window_bits.tolist(), cursor.gaps.tolist(), strict=True)
        for gateway, place in zip(cursor.gateways, known, strict=True):
            if not share.has(gateway):
                continue
            newest[gateway] = max(newest.get(gateway, place), place)
    if not newest:
        return None
    columns = np.array(list(newest.values()), np.int64).T
    return Cursor(key, tuple(newest), columns[0].copy(), columns[1].copy(), columns[2].copy())


async def _again(name: str, every_s: float, act: Callable[[], Awaitable[None]]) -> None:
    """Do something for ever; while an engine is away, wait and do it again."""
    while True:
        await asyncio.sleep(every_s)
        try:
            await act()
        except (EngineAway, FieldFault) as error:
            log.warning("%s waits: %s", name, error)
            await asyncio.sleep(0.5)
