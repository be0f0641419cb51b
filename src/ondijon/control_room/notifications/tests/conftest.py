"""Notifications and the directory behind the real door, with people at their seats."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ondijon.control_room.directory.manifest import ROOM as DIRECTORY
from ondijon.control_room.notifications.desk.courier import Courier
from ondijon.control_room.notifications.desk.telling import escalate, follow, tell, watch
from ondijon.control_room.notifications.manifest import ROOM
from ondijon.control_room.notifications.model import Draft, Staff
from ondijon.infra.postgres.pool import PostgresRows
from ondijon.kernel.errors import EngineAway, Refused
from ondijon.kernel.events import Event
from ondijon.kernel.identity import THE_POST, Actor, Grant
from ondijon.kernel.ports import Row
from ondijon.runtime.loader import load_trades
from ondijon.testing.builders import COMMUNES, person, small_city
from ondijon.testing.database import database_home, fresh_rows
from ondijon.testing.fakes import FakeBus, SequentialIds, StillClock
from ondijon.testing.room import RoomBench

HERE = COMMUNES[0]
OPERATOR = person("operator", verbs=("see", "handle", "acknowledge"))
LEADER = person("leader", verbs=("see", "handle", "acknowledge", "approve", "audit", "configure"))
PEOPLE = (OPERATOR, LEADER)


@dataclass
class FakeMessenger:
    """Takes messages while `trouble` is None, and remembers all that reached it."""

    trouble: type[EngineAway] | type[Refused] | None = None
    confirms: bool = False
    sent: list[tuple[str, str, str, UUID]] = field(default_factory=list)

    async def send(self, address: str, subject: str, text: str, key: UUID) -> str:
        if self.trouble is not None:
            raise self.trouble("error.mail_away", detail="test")
        self.sent.append((address, subject, text, key))
        return f"receipt {len(self.sent)}"


class Bench:
    """The two parts at work."""

    def __init__(self, rows: PostgresRows, clock: StillClock, bus: FakeBus) -> None:
        self.rows, self.clock, self.bus = rows, clock, bus
        words = load_trades()[1]
        self.room = RoomBench(small_city(), rows, SequentialIds(1 << 70), clock, bus, ROOM, DIRECTORY, words=words)
        self.mail, self.sms = FakeMessenger(), FakeMessenger()

    def courier(self) -> Courier:
        return Courier(self.rows, self.clock, {"mail": self.mail, "sms": self.sms}, "https://poste.example/")

    async def tell(self, key: str = "incident.mentioned", urgent: bool = False, **more: Any) -> None:
        """A notice of an incident."""
        values: dict[str, str | int | float] = {
            "number": "2026-000123",
            "what": "Lampe éteinte",
            "place": "Ici",
            "minutes": 10,
        }
        draft = Draft(key, "incident:7", "lamps", HERE, values, urgent=urgent, **more)
        async with self.room.door.desk(THE_POST) as desk:
            rows = await self.rows.fetch("SELECT pseudonym, grants FROM users ORDER BY username")
            staff = [Staff(row["pseudonym"], msgspec.convert(row["grants"], tuple[Grant, ...]), True) for row in rows]
            await tell(desk, draft, staff)

    async def follow(self, *events: Event) -> None:
        async with self.room.door.desk(THE_POST) as desk:
            await follow(desk, list(events))

    async def pass_time(self, seconds: float) -> None:
        """Let time pass and both jobs run."""
        self.clock.advance(seconds)
        async with self.room.door.desk(THE_POST) as desk:
            await watch(desk)
        async with self.room.door.desk(THE_POST) as desk:
            await escalate(desk)

    async def give_address(self, who: Actor, way: str, address: str) -> None:
        await self.room.do(who, "notifications.set_address", {"way": way, "address": address})

    async def told(self, who: Actor) -> list[str]:
        """The keys of what somebody was told, oldest first."""
        rows = await self.rows.fetch(
            """SELECT o.key FROM notifications n JOIN notices o ON o.id = n.notice
               WHERE n.recipient = $1 ORDER BY n.at, n.id""",
            who.pseudonym,
        )
        return [row["key"] for row in rows]

    async def facts(self) -> list[str]:
        rows = await self.rows.fetch("SELECT key FROM events ORDER BY event_no")
        return [row["key"] for row in rows if row["key"].startswith("notification.")]

    async def deliveries(self) -> list[Row]:
        return list(
            await self.rows.fetch("SELECT * FROM notification_deliveries ORDER BY queued_at, way, notification")
        )

    async def read_all(self, who: Actor) -> Any:
        rows = await self.rows.fetch("SELECT id FROM notifications")
        return await self.room.do(who, "notifications.read", {"ids": [str(row["id"]) for row in rows]})

    async def enter_on_call(self, hours: str = "24/7") -> None:
        """The room's officer on call stands in the directory."""
        fields = {"key": "room_duty", "kind": "on_call", "name": "Cadre", "phone": "06 39 98 10 01", "hours": hours}
        await self.room.do(LEADER, "directory.save", {**fields, "email": "cadre@ville.example"})

    async def wait(self, span: timedelta) -> None:
        await self.pass_time(span.total_seconds())


async def seat(rows: PostgresRows, who: Actor, clock: StillClock) -> None:
    """An account with a session that was just used."""
    await rows.execute(
        """INSERT INTO users (user_id, pseudonym, username, name, password_hash, grants)
           VALUES ($1, $2, $3, $4, '', $5)""",
        who.user_id,
        who.pseudonym,
        who.username,
        who.name,
        msgspec.to_builtins(who.grants),
    )


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    with database_home() as folder:
        yield folder


@pytest.fixture
async def bench(home: Path) -> AsyncIterator[Bench]:
    clock = StillClock()
    async with fresh_rows(home) as rows:
        for who in PEOPLE:
            await seat(rows, who, clock)
        yield Bench(rows, clock, FakeBus())
