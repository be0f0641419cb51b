"""The annunciator's rounds: read what stands, group it, write what changed, tell it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock, to_us
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.events import Event
from ondijon.kernel.grouping import AlarmKinds, Cause, Grouper, MakeGrouper, Signals
from ondijon.kernel.identity import THE_POST
from ondijon.kernel.ids import IdSource
from ondijon.kernel.ports import Bus, Row, Rows
from ondijon.runtime.alarm_queries import lock_alarms
from ondijon.runtime.annunciator import queries
from ondijon.runtime.annunciator.model import (
    FLOOD,
    FLOOD_ABOVE,
    FLOOD_WINDOW,
    OVER_KEPT,
    SINGLE,
    Plan,
    Standing,
    StandingCard,
)
from ondijon.runtime.annunciator.plan import Outlook, make_plan
from ondijon.runtime.effects import ALARM_SUBJECT
from ondijon.runtime.room_door import EVENTS_SUBJECT, ROOM_SUBJECT
from ondijon.runtime.room_queries import insert_events

log = logging.getLogger(__name__)

CARD_SUBJECT = "ondijon.card"
ROUND_S = 0.3
WAITING_S = 0.5
RECONCILE_S = 5.0
MOST_IDS = 5_000


class Annunciator:
    """Keeps `alarm_cards`; has no memory but what the rows hold, so that it may be killed at any time."""

    def __init__(
        self, city: City, rows: Rows, bus: Bus, clock: Clock, ids: IdSource, make_grouper: MakeGrouper | None
    ) -> None:
        self._rows = rows
        self._bus = bus
        self._clock = clock
        self._ids = ids
        specs = [spec for manifest in city.manifests for spec in manifest.alarms]
        self._spec_no = {spec.key: place for place, spec in enumerate(specs)}
        kinds = AlarmKinds(tuple(spec.key for spec in specs))
        self._grouper: Grouper | None = None if make_grouper is None else make_grouper(city, kinds)
        self._places: dict[int, tuple[float, float]] = {}
        self._numbers: dict[str, int] = {}
        for twins in city.twins.values():
            lonlat = zip(twins.lon.tolist(), twins.lat.tolist(), strict=True)
            self._places.update(zip(twins.twin_no.tolist(), lonlat, strict=True))
            self._numbers.update(
                (record.id, int(number)) for record, number in zip(twins.records, twins.twin_no, strict=True)
            )
        self._woken = asyncio.Event()
        self._changed: set[UUID] = set()
        self._reconcile = True

    async def start(self) -> None:
        """Listen for what changes."""
        await self._bus.subscribe(ALARM_SUBJECT, self._on_alarms)
        await self._bus.subscribe(ROOM_SUBJECT, self._on_room)

    async def run(self) -> None:
        """Go round until cancelled: soon after a change, and every few seconds over everything."""
        loop = asyncio.get_running_loop()
        pause_s, reconciled_at = 0.0, loop.time()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), pause_s)
            self._woken.clear()
            if loop.time() - reconciled_at >= RECONCILE_S:
                self._reconcile, reconciled_at = True, loop.time()
            pause_s = RECONCILE_S
            try:
                if await self.go_round():
                    pause_s = WAITING_S
            except EngineAway as error:
                self._reconcile = True
                log.warning("the annunciator waits: %s", error)
            except Exception:  # the edge of a task loop: one bad round must not silence every alarm after it
                self._reconcile = True
                log.exception("a round of the annunciator failed")
            await asyncio.sleep(ROUND_S)

    async def go_round(self) -> bool:
        """One round; tells whether something still waits for what may belong to it."""
        now = self._clock.now()
        changed, self._changed = self._changed, set()
        whole, self._reconcile = self._reconcile, False
        try:
            found = await queries.list_standing(self._rows, now - OVER_KEPT)
            alarms = [msgspec.convert(dict(row), Standing) for row in found if row["type"] in self._spec_no]
            cards = [msgspec.convert(dict(row), StandingCard) for row in await queries.list_cards(self._rows)]
            plan = await self._plan(alarms, cards)
            due = plan.touched()
            if changed:
                due |= await queries.find_cards_of(self._rows, changed)
            if whole:
                due |= {card.id for card in cards}
            if due:
                await self._write(plan, due)
        except BaseException:
            self._reconcile = True
            raise
        return plan.waits > 0

    async def _plan(self, alarms: Sequence[Standing], cards: Sequence[StandingCard]) -> Plan:
        now = self._clock.now()
        annunciated, operators = await queries.count_load(self._rows, now - FLOOD_WINDOW)
        return make_plan(
            Outlook(
                alarms=alarms,
                cards=cards,
                causes=self._find_causes(alarms, cards),
                now=now,
                may_ring=FLOOD_ABOVE * operators - annunciated,
                place=self._places.__getitem__,
                number_of=self._numbers.get,
                new_id=self._ids.new_id,
            )
        )

    def _find_causes(self, alarms: Sequence[Standing], cards: Sequence[StandingCard]) -> Sequence[Cause]:
        if self._grouper is None or not alarms:
            return ()
        standing = [(card.kind, card.element) for card in cards if card.kind not in (SINGLE, FLOOD)]
        try:
            return self._grouper.find_causes(self._signals(alarms), standing, self._clock.now_us())
        except Exception:  # a rule that fails must not silence alarms: they are shown one by one, or as a flood
            log.exception("the grouping failed; alarms are shown ungrouped")
            return ()

    def _signals(self, alarms: Sequence[Standing]) -> Signals:
        return Signals(
            alarm=[one.id for one in alarms],
            spec=np.array([self._spec_no[one.type] for one in alarms], np.int16),
            twin_no=np.array([one.twin_no for one in alarms], np.int32),
            raised_us=np.array([to_us(one.raised_at) for one in alarms], np.int64),
            cleared_us=np.array([0 if one.cleared_at is None else to_us(one.cleared_at) for one in alarms], np.int64),
            priority=np.array([one.priority for one in alarms], np.uint8),
            apart=np.array([one.apart for one in alarms], np.bool_),
        )

    async def _write(self, plan: Plan, due: set[UUID]) -> None:
        now = self._clock.now()
        async with self._rows.transaction() as tx:
            await lock_alarms(tx)
            if plan.new_cards:
                await queries.insert_cards(tx, plan.new_cards)
            if plan.moves:
                await queries.move_alarms(tx, plan.moves)
                await queries.inherit_acknowledgement(tx, plan.moves)
            if plan.merges:
                await queries.merge_cards(tx, plan.merges)
            if plan.changes:
                await queries.change_cards(tx, plan.changes)
            happened = await queries.refresh_cards(tx, due, now)
            merged = Counter(plan.merges.values())
            telling = {card for card, words in happened.items() if words} | set(merged)
            if telling:
                told = await queries.list_told(tx, telling)
                await insert_events(tx, [event for row in told for event in self._events(row, happened, merged)])
        changed = sorted({*happened, *plan.touched()})
        for start in range(0, len(changed), MOST_IDS):
            ids = changed[start : start + MOST_IDS]
            await self._bus.publish(CARD_SUBJECT, msgspec.json.encode({"ids": ids}))
        if telling:
            await self._bus.publish(EVENTS_SUBJECT, b"")

    def _events(self, row: Row, happened: dict[UUID, list[str]], merged: Counter[UUID]) -> list[Event]:
        words = list(happened.get(row["id"], ()))
        if merged[row["id"]]:
            words.append("grouped")
        payload: dict[str, Any] = {
            "type": row["type"],
            "kind": row["kind"],
            "element": row["label"],
            "members": row["members"],
            "priority": row["priority"],
        }
        return [
            Event(
                self._ids.new_id(),
                f"card.{word}",
                self._clock.now(),
                row["commune"],
                row["urn"],
                payload,
                row["trade"],
                f"card:{row['id']}",
                THE_POST.pseudonym,
            )
            for word in words
        ]

    async def _on_alarms(self, subject: str, payload: bytes) -> None:
        self._changed.update(UUID(one) for one in msgspec.json.decode(payload)["ids"])
        self._woken.set()

    async def _on_room(self, subject: str, payload: bytes) -> None:
        if b'"card:' in payload:
            self._woken.set()
        elif b'"silence:' in payload:
            self._reconcile = True
            self._woken.set()
