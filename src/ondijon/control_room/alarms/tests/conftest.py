"""The alarm desk's writer, the annunciator and the acts over real rows; the city's grouping is a small stand-in."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import pytest

from ondijon.control_room.alarms.manifest import ROOM
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.alarms import AlarmSpec, AlarmView, Priority
from ondijon.kernel.arrays import Bools, Ints32
from ondijon.kernel.city import City
from ondijon.kernel.grouping import AlarmKinds, Cause, Grouper, Signals
from ondijon.kernel.identity import EVERY, Actor, Verb
from ondijon.kernel.ports import Row
from ondijon.runtime.alarm_desk import AlarmChange
from ondijon.runtime.annunciator import Annunciator
from ondijon.runtime.city_store import load_city, save_inventory
from ondijon.runtime.effects import Effects, EffectsWriter
from ondijon.runtime.tracker import Tracker
from ondijon.testing.builders import CARD, COMMUNES, LAMPS, WATER, person, small_inventory
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

HERE, THERE = COMMUNES[0], COMMUNES[1]
DO: tuple[Verb, ...] = ("see", "acknowledge", "shelve", "configure")
ANNE = person("anne", verbs=DO)
LOCAL = person("local", (HERE,), (EVERY,), DO)
LOOKER = person("looker", verbs=("see",))


def _never(view: AlarmView, rows: Ints32) -> Bools:
    return np.zeros(len(rows), np.bool_)


def _nothing(view: AlarmView, row: int) -> dict[str, Any]:
    return {}


def _alarm(key: str, priority: Priority, **more: Any) -> AlarmSpec:
    return AlarmSpec(key, "Lamp", priority, 600, _never, _nothing, **more)


OUT = _alarm("lamps.out", Priority.MEDIUM)
DIRTY = _alarm("lamps.dirty", Priority.LOW)
HOT = _alarm("lamps.hot", Priority.HIGH)
FIRE = _alarm("lamps.fire", Priority.URGENT)
THEFT = _alarm("lamps.theft", Priority.HIGH, latched=True)
MANIFESTS = (msgspec.structs.replace(LAMPS, alarms=(OUT, DIRTY, HOT, FIRE, THEFT)), WATER)


class ByParent:
    """Three lamps or more of one cabinet have one cause; a cause that stands holds on with one."""

    def __init__(self, city: City, kinds: AlarmKinds) -> None:
        twins = city.twins["Lamp"]
        self._parent = {int(no): one.part_of or "" for no, one in zip(twins.twin_no, twins.records, strict=True)}
        self._kinds = kinds

    def find_causes(self, signals: Signals, standing: Sequence[tuple[str, str]], now_us: int) -> Sequence[Cause]:
        found: dict[str, list[int]] = defaultdict(list)
        for row, number in enumerate(signals.twin_no.tolist()):
            if not signals.apart[row]:
                found[self._parent[number]].append(row)
        return [
            self._cause(signals, parent, rows)
            for parent, rows in sorted(found.items())
            if len(rows) >= 3 or ("cabinet", parent) in standing
        ]

    def _cause(self, signals: Signals, parent: str, rows: list[int]) -> Cause:
        first = min(rows, key=lambda row: int(signals.raised_us[row]))
        urgent = min(int(signals.priority[row]) for row in rows)
        values = {"label": parent.rsplit(":", 1)[1], "hit": len(rows), "of": 4, "twin_type": "Lamp", "within_s": 10}
        members = np.array(rows, np.int32)
        return Cause("cabinet", parent, parent, "lamps", urgent, members, first, {parent.split(":")[3]: 4}, values)


def by_parent(city: City, kinds: AlarmKinds) -> Grouper:
    return ByParent(city, kinds)


@dataclass
class AlarmRoom:
    """The room with alarms only."""

    rows: PostgresRows
    city: City
    clock: StillClock
    bus: FakeBus
    ids: SequentialIds
    writer: EffectsWriter
    annunciator: Annunciator
    bench: RoomBench

    async def do(self, actor: Actor, act: str, **payload: Any) -> Any:
        return await self.bench.do(actor, f"alarms.{act}", msgspec.to_builtins(payload))

    async def change(self, spec: AlarmSpec, *urns: str, raised: bool = True, chatters: bool = False) -> None:
        """What the desk says of some lamps, now."""
        rows = [self.city.twins["Lamp"].row_of[urn] for urn in urns]
        now_us = self.clock.now_us()
        await self.writer.write(
            Effects(alarms=[AlarmChange(spec, row, raised, now_us, {}, chatters and raised) for row in rows])
        )

    async def settle(self, seconds: float = 3.0) -> None:
        """Let time go on, and the annunciator round."""
        self.clock.advance(seconds)
        await self.bench.run_job("alarms.end_due_shelvings", ANNE)
        await self.annunciator.go_round()

    async def cards(self, where: str = "over_at IS NULL AND merged_into IS NULL") -> list[Row]:
        return list(await self.rows.fetch(f"SELECT * FROM alarm_cards WHERE {where} ORDER BY kind, id"))  # noqa: S608

    async def card(self, where: str = "over_at IS NULL AND merged_into IS NULL") -> Row:
        (card,) = await self.cards(where)
        return card

    async def alarms(self, where: str = "true") -> list[Row]:
        return list(await self.rows.fetch(f"SELECT * FROM alarms WHERE {where} ORDER BY twin_no, id"))  # noqa: S608

    async def facts(self, prefix: str = "card.") -> list[str]:
        rows = await self.rows.fetch("SELECT key FROM events WHERE key ^@ $1 ORDER BY event_no", prefix)
        return [row["key"] for row in rows]

    async def load(self, operators: int) -> None:
        """Some people who are signed in and at work."""
        for number in range(operators):
            user = UUID(int=9_000 + number)
            await self.rows.execute(
                """INSERT INTO users (user_id, pseudonym, username, name, password_hash, grants)
                   VALUES ($1, $1, $2, $2, 'x', '[]')""",
                user,
                f"u{number}",
            )
            await self.rows.execute(
                """INSERT INTO sessions (id, token_sha256, user_id, opened_at, seen_at, ends_at, browser, network)
                   VALUES ($1, $2, $1, $3, $3, $3, '', '')""",
                user,
                user.bytes,
                self.clock.now(),
            )


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def room(home: Path) -> AsyncIterator[AlarmRoom]:
    clock, bus, ids = StillClock(), FakeBus(), SequentialIds()
    async with fresh_rows(home) as rows:
        await save_inventory(rows, clock, small_inventory())
        city = await load_city(rows, CARD, MANIFESTS)
        bench = RoomBench(city, rows, ids, clock, bus, ROOM)
        writer = EffectsWriter(city, rows, bus, clock, ids, Tracker(city))
        annunciator = Annunciator(city, rows, bus, clock, ids, by_parent)
        await annunciator.start()
        await bench.start()
        yield AlarmRoom(rows, city, clock, bus, ids, writer, annunciator, bench)
