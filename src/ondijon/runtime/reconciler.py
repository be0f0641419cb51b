"""The reconciler brings devices back to what is held, after a reconnection or when a hold ends."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from ondijon.kernel.arrays import Bools, Floats, Ints32
from ondijon.kernel.city import City
from ondijon.kernel.clock import Clock
from ondijon.kernel.manifest import HoldGroup
from ondijon.kernel.ports import Rows
from ondijon.runtime import field_queries as queries
from ondijon.runtime.post import CommandPost
from ondijon.runtime.projector import Projector, rows_by_gateway

SETTLE_US = 8_000_000
RESTORE_EXPIRES_S = 3_600
HOLD_LEASE = timedelta(minutes=1)


class Reconciler:
    """Compares, some seconds after a gateway came back, what its devices report with what is held."""

    def __init__(self, city: City, rows: Rows, clock: Clock, post: CommandPost, projector: Projector) -> None:
        self._city = city
        self._rows = rows
        self._clock = clock
        self._post = post
        self._projector = projector
        self._rows_of_gateway = rows_by_gateway(city)
        self._due_us: dict[str, int] = {}

    async def run(self) -> None:
        """Once a second, reconcile the gateways that have had time to report after coming back."""
        while True:
            await asyncio.sleep(1.0)
            presences = self._projector.presences
            while not presences.empty():
                presence = presences.get_nowait()
                self._due_us.pop(presence.gateway, None)
                if presence.online:
                    self._due_us[presence.gateway] = self._clock.now_us() + SETTLE_US
            now_us = self._clock.now_us()
            due = [gateway for gateway, at_us in self._due_us.items() if at_us <= now_us]
            for gateway in due:
                del self._due_us[gateway]
            await self.reconcile(due)

    async def reconcile(self, gateways: Sequence[str]) -> None:
        """Order back every device of these gateways whose report differs from what is held.

        Devices that an order is still on its way to are left to it, and looked at again later.
        """
        for spec in self._city.types.values():
            for group in spec.hold_groups:
                parts = [self._rows_of_gateway.get((spec.key, gateway)) for gateway in gateways]
                found = [part for part in parts if part is not None]
                if found:
                    await self._reconcile_rows(spec.key, group, np.concatenate(found))

    async def _reconcile_rows(self, twin_type: str, group: HoldGroup, rows: Ints32) -> None:
        twins = self._city.twins[twin_type]
        numbers = twins.twin_no[rows].tolist()
        held = {
            row["twin_no"]: row["wanted"]
            for row in await queries.list_holds_of(self._rows, numbers)
            if row["hold_group"] == group.key
        }
        release = [group.release.get(key) for key in group.properties]
        # None becomes NaN: not asked for.
        wanted = np.array([held.get(number, release) for number in numbers], dtype=np.float64).T
        stray = rows[strays(self._city, twin_type, group, rows, wanted)]
        if not len(stray):
            return
        found = await queries.list_under_way(self._rows, twins.twin_no[stray].tolist(), group.key)
        awaited = np.isin(twins.twin_no[stray], [row["twin_no"] for row in found])
        self._look_again({twins.records[row].gateway for row in stray[awaited].tolist()})
        stray = stray[~awaited]
        if len(stray):
            lists = [held.get(int(number)) for number in twins.twin_no[stray]]
            await self._post.restore(
                "post.reconcile", "post.reason.reconciled", twin_type, group.key, stray, lists, RESTORE_EXPIRES_S
            )

    def _look_again(self, gateways: set[str | None]) -> None:
        for gateway in sorted(str(one) for one in gateways if one is not None):
            self._due_us[gateway] = self._clock.now_us() + SETTLE_US


def strays(city: City, twin_type: str, group: HoldGroup, rows: Ints32, wanted: Floats) -> Bools:
    """Which rows report something else than wanted; a row that never reported is no stray."""
    columns = city.columns[twin_type]
    places = [columns.property_index[key] for key in group.properties]
    tolerance = np.array([group.tolerance.get(key, 0.0) for key in group.properties])
    value = columns.value[np.array(places)[:, None], rows]
    off = np.abs(value - wanted) > tolerance[:, None]
    found: Bools = np.any(off & ~np.isnan(value) & ~np.isnan(wanted), axis=0)
    return found


async def end_holds(city: City, rows: Rows, clock: Clock, post: CommandPost) -> int:
    """Give back what is held longer than asked; returns how many twins."""
    now = clock.now()
    ended = await queries.lease_ended_holds(rows, now, now + HOLD_LEASE)
    of_group: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in ended:
        if row["type"] in city.twins:
            of_group[row["type"], row["hold_group"]].append(row["twin_no"])
    for (twin_type, hold_group), numbers in of_group.items():
        found = np.flatnonzero(np.isin(city.twins[twin_type].twin_no, numbers)).astype(np.int32)
        nothing = [None] * len(found)
        await post.restore(
            "post.release", "post.reason.hold_ended", twin_type, hold_group, found, nothing, RESTORE_EXPIRES_S
        )
    return len(ended)
