"""The dispatcher takes commands from the rows to the field, holds what they hold, and brings strays back."""

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import numpy as np

from ondijon.kernel.arrays import Bools, Floats, Ints32
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock, from_us, to_us
from ondijon.kernel.commands import Precondition, TargetState, summarise
from ondijon.kernel.errors import NotFound
from ondijon.kernel.field import DeviceOrder, FieldDriver, FieldOrder
from ondijon.kernel.ports import Row, Rows
from ondijon.kernel.sharing import WHOLE, Share
from ondijon.kernel.twins import TwinsOfType
from ondijon.runtime import field_queries as queries
from ondijon.runtime import share_queries
from ondijon.runtime.projector import Projector
from ondijon.runtime.targets import get_hold_group
from ondijon.runtime.tracker import TargetChange, Tracked, Tracker

log = logging.getLogger(__name__)

SLICE = 4_000
GATEWAYS_AT_ONCE = 50
REMEMBER_UNKNOWN = timedelta(days=1)


class Dispatcher:
    """One dispatcher for the gateways of one field role."""

    def __init__(
        self,
        city: City,
        rows: Rows,
        clock: Clock,
        driver: FieldDriver,
        tracker: Tracker,
        projector: Projector,
        share: Share = WHOLE,
    ) -> None:
        self._city = city
        self._rows = rows
        self._clock = clock
        self._driver = driver
        self._tracker = tracker
        self._projector = projector
        self._share = share
        # Commands that have no target in our share.
        self._elsewhere: set[UUID] = set()
        self._unsent: dict[UUID, Floats] = {}
        self._row_of_no = {key: _rows_by_no(twins, share) for key, twins in city.twins.items()}
        self.nudged = asyncio.Event()

    async def restore(self) -> None:
        """After a restart: wait again for every target the field owes a word, and send again what may not have left.

        What was on its way into the rows when the process ended is written now.
        """
        since = self._clock.now() - REMEMBER_UNKNOWN
        changes: list[TargetChange] = []
        for row in filter(self._is_ours, await queries.list_awaiting_field(self._rows, since)):
            tracked, wanted, sent_us, overtaken = await self._load(row)
            changes += self._tracker.track(tracked, wanted, sent_us, overtaken)
            changes += _recount(tracked, row)
            self._unsent[tracked.command_id] = wanted
        await self._projector.apply(changes)

    async def run(self) -> None:
        """Dispatch what is new whenever nudged, and at least each second; send again what the broker did not take."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self.nudged.wait()
            self.nudged.clear()
            await self.go_round()

    async def go_round(self) -> None:
        """Start every new command, then send whatever has not left yet."""
        dispatchable = await queries.list_dispatchable(self._rows)
        self._elsewhere &= {row["id"] for row in dispatchable}
        for row in dispatchable:
            if self._is_ours(row) and self._tracker.find(row["id"]) is None and row["id"] not in self._elsewhere:
                await self._start(row)
        for command_id, wanted in list(self._unsent.items()):
            await self._send(command_id, wanted)

    async def _start(self, row: Row) -> None:
        now = self._clock.now()
        expired, fits = row["expires_at"] <= now, self._holds_true(row["precondition"])
        if row["prepared_at"] is None and fits and not expired:
            async with self._rows.transaction() as tx:
                if self._share.is_whole or await share_queries.lock_unprepared(tx, row["id"]):
                    await queries.take_holds(tx, row["id"], row["hold_group"], now, row["hold_until"])
        tracked, wanted, _, _ = await self._load(row)
        if not (self._share.is_whole or len(tracked.rows)):
            self._elsewhere.add(row["id"])
        elif expired:
            await self._end(tracked, wanted, TargetState.EXPIRED, "post.target.not_sent")
        elif not fits:
            await self._end(tracked, wanted, TargetState.FAILED, "error.precondition_failed")
        else:
            superseded = self._tracker.track(tracked, wanted, self._clock.now_us())
            self._unsent[tracked.command_id] = wanted
            await self._projector.apply([*superseded, *_recount(tracked, row)])

    async def _end(self, tracked: Tracked, wanted: Floats, state: TargetState, reason: str) -> None:
        """What never leaves takes no target over from an older order."""
        waiting = tracked.states == int(TargetState.REQUESTED)
        tracked.states[waiting] = int(state)
        self._tracker.track(tracked, wanted, self._clock.now_us())
        rows = tracked.rows[waiting]
        await self._projector.apply([TargetChange(tracked.command_id, tracked.twin_type, rows, state, reason)])

    async def _load(self, row: Row) -> tuple[Tracked, Floats, int, Bools]:
        """A command's targets in slices, so that the loop is never held up; last, which a later order has overtaken."""
        group = get_hold_group(self._city, row["twin_type"], row["hold_group"])
        release = [group.release.get(key, float("nan")) for key in group.properties]
        row_of_no = self._row_of_no[row["twin_type"]]
        rows: list[int] = []
        states: list[int] = []
        wanted: list[list[float]] = []
        overtaken: list[bool] = []
        sent_at: datetime | None = None
        after = -1
        while True:
            targets = await queries.list_targets(self._rows, row["id"], after, SLICE)
            for target in targets:
                place = row_of_no.get(target["twin_no"])
                if place is not None:
                    rows.append(place)
                    states.append(target["state"])
                    wanted.append(release if target["wanted"] is None else _numbers(target["wanted"]))
                    overtaken.append(target["overtaken"])
                    sent_at = sent_at or target["sent_at"]
            if len(targets) < SLICE:
                break
            after = targets[-1]["twin_no"]
            await asyncio.sleep(0)
        tracked = Tracked(
            row["id"],
            row["twin_type"],
            row["hold_group"],
            to_us(row["expires_at"]),
            np.array(rows, np.int32),
            np.array(states, np.int8),
        )
        values = np.array(wanted, np.float64).reshape(len(rows), len(group.properties)).T
        sent_us = to_us(sent_at) if sent_at else self._clock.now_us()
        return tracked, values, sent_us, np.array(overtaken, np.bool_)

    def _holds_true(self, precondition: dict[str, Any] | None) -> bool:
        if precondition is None:
            return True
        asked = msgspec.convert(precondition, Precondition)
        try:
            twins, row = self._city.get_twin(asked.twin)
            self._city.get_property(twins.twin_type, asked.property)
        except NotFound:
            # Retired since it was asked for: unknown is unsafe.
            return False
        return asked.holds_for(float(self._city.columns[twins.twin_type][asked.property][row]))

    def _is_ours(self, row: Row) -> bool:
        """Whether the trade that the command belongs to is loaded; otherwise it waits for it until it expires."""
        spec = self._city.types.get(row["twin_type"])
        return spec is not None and any(group.key == row["hold_group"] for group in spec.hold_groups)

    async def _send(self, command_id: UUID, wanted: Floats) -> None:
        tracked = self._tracker.find(command_id)
        if tracked is None:
            del self._unsent[command_id]
            return
        pending = np.flatnonzero(tracked.states == int(TargetState.REQUESTED))
        orders, places, orphans = self._orders(tracked, wanted, pending)
        reason = "post.target.no_gateway"
        await self._projector.apply(self._tracker.move(command_id, tracked.rows[orphans], TargetState.FAILED, reason))
        for start in range(0, len(orders), GATEWAYS_AT_ONCE):
            part = slice(start, start + GATEWAYS_AT_ONCE)
            taken = await self._driver.send([order() for order in orders[part]])
            sent = [place for place, has in zip(places[part], taken, strict=True) if has]
            if sent:
                rows = tracked.rows[np.concatenate(sent)]
                await self._projector.apply(self._tracker.move(command_id, rows, TargetState.SENT))
            await asyncio.sleep(0)
        if not np.any(tracked.states == int(TargetState.REQUESTED)):
            self._unsent.pop(command_id, None)

    def _orders(self, tracked: Tracked, wanted: Floats, pending: Any) -> tuple[list[Any], list[Ints32], Ints32]:
        """One order a gateway, made when it is its turn; places of targets in each; places nobody speaks for."""
        group = get_hold_group(self._city, tracked.twin_type, tracked.hold_group)
        records = self._city.twins[tracked.twin_type].records
        of_gateway: dict[str, list[int]] = defaultdict(list)
        orphans: list[int] = []
        for place in pending.tolist():
            gateway = records[tracked.rows[place]].gateway
            if gateway is None:
                orphans.append(place)
            else:
                of_gateway[gateway].append(place)
        expires_at = from_us(tracked.deadline_us)

        def order(gateway: str, places: Sequence[int]) -> FieldOrder:
            devices = [
                DeviceOrder(
                    records[tracked.rows[place]].device or "",
                    tracked.twin_type,
                    {
                        key: float(value)
                        for key, value in zip(group.properties, wanted[:, place], strict=True)
                        if value == value
                    },
                )
                for place in places
            ]
            return FieldOrder(tracked.command_id, gateway, expires_at, devices)

        makers = [
            lambda gateway=gateway, places=places: order(gateway, places) for gateway, places in of_gateway.items()
        ]
        arrays = [np.array(places, np.int32) for places in of_gateway.values()]
        return makers, arrays, np.array(orphans, np.int32)


def _recount(tracked: Tracked, row: Row) -> list[TargetChange]:
    """Where the row of a command does not say what its targets say: a change that moves none, but has it written."""
    if summarise(dict(tracked.counts())).value == row["state"]:
        return []
    return [TargetChange(tracked.command_id, tracked.twin_type, np.zeros(0, np.int32), TargetState.FAILED)]


def _rows_by_no(twins: TwinsOfType, share: Share) -> dict[int, int]:
    own = np.flatnonzero(share.rows_of(twins))
    return dict(zip(twins.twin_no[own].tolist(), own.tolist(), strict=True))


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]
