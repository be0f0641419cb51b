"""Effects are what an intake or a second of time does; they are written in one transaction, then told."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from msgspec import Struct

from ondijon.kernel.alarms import AlarmState
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock, from_us
from ondijon.kernel.commands import TargetState, summarise
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.events import Event
from ondijon.kernel.field import Cursor, DeadLetter, Presence
from ondijon.kernel.frames import MOST_READINGS, SUBJECT, encode_batch
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Bus, Rows, Transaction
from ondijon.kernel.readings import ReadingBatch
from ondijon.runtime import alarm_queries, share_queries
from ondijon.runtime import field_queries as queries
from ondijon.runtime.alarm_desk import AlarmChange
from ondijon.runtime.post import COMMAND_SUBJECT
from ondijon.runtime.repetitions import find_new
from ondijon.runtime.room_queries import insert_events
from ondijon.runtime.share_keeper import ShareLost, Tenure
from ondijon.runtime.tracker import TargetChange, Tracker

log = logging.getLogger(__name__)

_INSTANT_OF = {
    TargetState.SENT: "sent_at",
    TargetState.ACCEPTED: "accepted_at",
}
ALARM_SUBJECT = "ondijon.alarm"
MOST_IDS = 5_000
CHATTERING_SHELVED = timedelta(hours=1)
FIRST_WAIT_S, LONGEST_WAIT_S = 0.05, 2.0
HELD_UP_S = 2.0


class Effects(Struct, eq=False):
    """Everything to be written together, and what is told of it.

    shown: the readings that became the newest; `shed` counts by twin type the readings that are not written.
    """

    batches: list[ReadingBatch] = []
    shown: list[ReadingBatch] = []
    alarms: list[AlarmChange] = []
    targets: list[TargetChange] = []
    presences: Sequence[Presence] = ()
    dead_letters: Sequence[DeadLetter] = ()
    cursor: Cursor | None = None
    shed: dict[str, int] = {}

    def __bool__(self) -> bool:
        return bool(self.shown) or self.are_lasting

    @property
    def are_lasting(self) -> bool:
        """Whether there is anything to write."""
        return any((self.batches, self.alarms, self.targets, self.presences, self.dead_letters, self.cursor))


class _Attempt(Struct):
    """What is known of a transaction whose answer may get lost: the cursor's mark, and which alarms it touched."""

    mark: str | None = None
    alarm_ids: list[Any] = []


class EffectsWriter:
    """Writes effects, again and again while the database is away, and tells the other processes afterwards.

    With a tenure it writes for one share of the field, and nothing more once that has changed hands.
    """

    def __init__(
        self,
        city: City,
        rows: Rows,
        bus: Bus,
        clock: Clock,
        ids: IdSource,
        tracker: Tracker,
        tenure: Tenure | None = None,
    ) -> None:
        self._city = city
        self._rows = rows
        self._bus = bus
        self._clock = clock
        self._ids = ids
        self._tracker = tracker
        self._tenure = tenure
        self._property_no = {
            key: np.array([city.property_nos[key, name] for name in columns.properties], np.int16)
            for key, columns in city.columns.items()
        }
        self._written_gateways: tuple[str, ...] | None = None
        self._commit_since_us: int | None = None
        self.retries = 0

    @property
    def is_held_up(self) -> bool:
        """Whether the database keeps a commit waiting for so long that what the screens show is old."""
        since_us = self._commit_since_us
        return since_us is not None and self._clock.now_us() - since_us > HELD_UP_S * 1_000_000

    async def write(self, effects: Effects) -> None:
        """Commit, then publish frames and the ids of what changed."""
        wait_s = FIRST_WAIT_S
        attempt = _Attempt()
        if not effects.are_lasting:
            await self._tell_if_possible(effects, attempt)
            return
        self._commit_since_us = self._clock.now_us()
        while True:
            try:
                if not await self._has_happened(effects, attempt):
                    await self._commit(effects, attempt)
                if effects.cursor is not None:
                    self._written_gateways = effects.cursor.gateways
                break
            except ShareLost:
                raise
            except EngineAway:
                self.retries += 1
                log.warning("database away, retry in %.2f s", wait_s)
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
        self._commit_since_us = None
        await self._tell_if_possible(effects, attempt)

    async def _tell_if_possible(self, effects: Effects, attempt: _Attempt) -> None:
        try:
            await self._tell(effects, attempt.alarm_ids)
        except EngineAway as error:
            # What was committed stays; other processes ask for the whole state when the bus is back.
            log.warning("bus away, a change was not told: %s", error)

    async def publish(self, batch: ReadingBatch) -> None:
        """Send a batch to the other processes in frames of bounded size."""
        for start in range(0, len(batch), MOST_READINGS):
            piece = batch.part(slice(start, start + MOST_READINGS))
            await self._bus.publish(SUBJECT, encode_batch(piece))

    async def _has_happened(self, effects: Effects, attempt: _Attempt) -> bool:
        """Whether a commit whose answer was lost has happened: numbered packs must not be in the history twice."""
        if attempt.mark is None or effects.cursor is None:
            return False
        return await queries.find_cursor_mark(self._rows, effects.cursor.driver) == attempt.mark

    async def _commit(self, effects: Effects, attempt: _Attempt) -> None:
        async with self._rows.transaction() as tx:
            if self._tenure is not None:
                await self._tenure.hold(tx)
            # What the others of the same transaction bring is in the history already for the doubtful.
            for batch in sorted(effects.batches, key=attrgetter("doubtful")):
                await self._write_readings(tx, batch)
            if effects.shed:
                await queries.count_shed(tx, self._clock.now(), effects.shed)
            await self._write_targets(tx, effects.targets)
            events = [self._alarm_event(change) for change in effects.alarms]
            events += [self._presence_event(presence) for presence in effects.presences]
            if events:
                await insert_events(tx, events)
            if effects.dead_letters:
                letters = [(self._ids.new_id(), letter) for letter in effects.dead_letters]
                driver = effects.cursor.driver if effects.cursor else ""
                await queries.insert_dead_letters(tx, driver, self._clock.now(), letters)
            attempt.alarm_ids = await self._write_alarms(tx, effects.alarms)
            if effects.cursor is not None:
                same = effects.cursor.gateways == self._written_gateways
                attempt.mark = await queries.save_cursor(tx, effects.cursor, same_gateways=same)

    async def _write_readings(self, tx: Transaction, batch: ReadingBatch) -> None:
        twin_no, property_no = self._city.twins[batch.twin_type].twin_no, self._property_no[batch.twin_type]
        if batch.doubtful:
            batch = batch.part(await find_new(tx, twin_no[batch.row], property_no[batch.property_index], batch))
        await tx.copy_readings(
            twin_no[batch.row],
            property_no[batch.property_index],
            batch.observed_us,
            batch.received_us,
            batch.value,
            batch.quality,
        )

    async def _write_alarms(self, tx: Transaction, changes: Sequence[AlarmChange]) -> list[Any]:
        """Late in the transaction: others wait for the lock until its end."""
        ids: list[Any] = []
        if not changes:
            return ids
        await alarm_queries.lock_alarms(tx)
        raised = [self._raise_row(change) for change in changes if change.raised]
        cleared = [self._clear_row(change) for change in changes if not change.raised]
        if raised:
            columns = list(zip(*raised, strict=True))
            ids += await alarm_queries.raise_alarms(tx, columns)
            await alarm_queries.count_shelved_raises(tx, columns[1], columns[3])
        chattering = [self._shelving_row(change) for change in changes if change.chatters]
        if chattering:
            await alarm_queries.shelve_chattering(tx, list(zip(*chattering, strict=True)), THE_POST.pseudonym)
        if cleared:
            ids += await alarm_queries.clear_alarms(tx, list(zip(*cleared, strict=True)))
        return ids

    def _shelving_row(self, change: AlarmChange) -> tuple[Any, ...]:
        twin_no = int(self._city.twins[change.spec.twin_type].twin_no[change.row])
        since = from_us(change.at_us)
        until = since + CHATTERING_SHELVED
        return (self._ids.new_id(), change.spec.key, twin_no, since, until, change.spec.chatter_raises)

    def _raise_row(self, change: AlarmChange) -> tuple[Any, ...]:
        twins = self._city.twins[change.spec.twin_type]
        return (
            self._ids.new_id(),
            change.spec.key,
            self._city.trade_of[change.spec.twin_type],
            int(twins.twin_no[change.row]),
            twins.records[change.row].commune,
            int(change.spec.priority),
            AlarmState.UNACKNOWLEDGED.value,
            from_us(change.at_us),
            dict(change.evidence),
            change.spec.latched,
        )

    def _clear_row(self, change: AlarmChange) -> tuple[Any, ...]:
        twins = self._city.twins[change.spec.twin_type]
        return (change.spec.key, int(twins.twin_no[change.row]), from_us(change.at_us))

    def _alarm_event(self, change: AlarmChange) -> Event:
        record = self._city.twins[change.spec.twin_type].records[change.row]
        key = "alarm.raised" if change.raised else "alarm.cleared"
        payload = {"type": change.spec.key, "priority": int(change.spec.priority), **change.evidence}
        trade = self._city.trade_of[change.spec.twin_type]
        return Event(self._ids.new_id(), key, from_us(change.at_us), record.commune, record.id, payload, trade)

    def _presence_event(self, presence: Presence) -> Event:
        key = "gateway.joined" if presence.online else "gateway.left"
        return Event(self._ids.new_id(), key, self._clock.now(), None, None, {"gateway": presence.gateway})

    async def _write_targets(self, tx: Transaction, changes: Sequence[TargetChange]) -> None:
        now = self._clock.now()
        for change in filter(lambda one: len(one.rows), changes):
            await queries.move_targets(
                tx,
                change.command_id,
                self._city.twins[change.twin_type].twin_no[change.rows],
                int(change.state),
                change.reason,
                _INSTANT_OF.get(change.state, "done_at"),
                now,
            )
        command_ids = {change.command_id for change in changes}
        if self._tenure is not None:
            await _recount(tx, sorted(command_ids))
            return
        for command_id in command_ids:
            tracked = self._tracker.find(command_id)
            if tracked is not None:
                counts = tracked.counts()
                named = {state.name.lower(): number for state, number in counts.items()}
                await queries.write_counts(tx, command_id, summarise(dict(counts)).value, named)

    async def _tell(self, effects: Effects, alarm_ids: Sequence[Any]) -> None:
        for batch in effects.shown:
            await self.publish(batch)
        for start in range(0, len(alarm_ids), MOST_IDS):
            ids = alarm_ids[start : start + MOST_IDS]
            await self._bus.publish(ALARM_SUBJECT, msgspec.json.encode({"ids": ids}))
        for command_id in {change.command_id for change in effects.targets}:
            await self._bus.publish(COMMAND_SUBJECT, msgspec.json.encode({"id": command_id}))


async def _recount(tx: Transaction, command_ids: Sequence[UUID]) -> None:
    """Count in the rows: other gateway roles move targets of the same commands."""
    if not command_ids:
        return
    await share_queries.lock_commands(tx, command_ids)
    counts: dict[UUID, dict[TargetState, int]] = {}
    for row in await share_queries.count_targets(tx, command_ids):
        counts.setdefault(row["command_id"], {})[TargetState(row["state"])] = row["n"]
    for command_id, of_state in counts.items():
        named = {state.name.lower(): number for state, number in of_state.items()}
        await queries.write_counts(tx, command_id, summarise(of_state).value, named)
