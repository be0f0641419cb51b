"""Gathers the health of the post from heartbeats and rows; what did not speak in time stays unknown."""

from datetime import timedelta
from typing import TypeVar

import msgspec

from ondijon.apps.console.parts.status import queries
from ondijon.apps.console.parts.status.shapes import JobShape, RecordShape, StatusShape
from ondijon.apps.console.room import Room
from ondijon.kernel.errors import EngineAway
from ondijon.kernel.health import (
    AuditHealth,
    Backlog,
    BackupHealth,
    DiskHealth,
    IntakeHealth,
    ServiceHealth,
    sum_intakes,
)

SUPERVISOR = "supervisor"
_DAY = timedelta(days=1)
_T = TypeVar("_T")


async def gather(room: Room) -> StatusShape:
    """As it is now; never waits for what is away longer than the database takes to say so."""
    roles = room.roles
    report = roles.report()
    core = roles.find_detail("core")
    return StatusShape(
        at=room.clock.now(),
        roles=report,
        loop_lag_ms={name: lag for name in report if (lag := _loop_lag_ms(room, name)) is not None},
        sockets=room.hub.sockets,
        services=_join(roles.list_told(SUPERVISOR, "services", list[ServiceHealth])),
        disks=_join(roles.list_told(SUPERVISOR, "disks", list[DiskHealth])),
        backlog=roles.find_told("core", "backlog", Backlog),
        intake=sum_intakes(roles.list_told("gateway", "intake", IntakeHealth)),
        backup_set_up=None if core is None else "backup" in core,
        backup=roles.find_told("core", "backup", BackupHealth),
        audit=roles.find_told("core", "audit", AuditHealth),
        record=await _read_record(room),
    )


def _join(of_hosts: list[list[_T]]) -> list[_T] | None:
    """What all hosts told; None when none did."""
    return [one for told in of_hosts for one in told] if of_hosts else None


def _loop_lag_ms(room: Room, role: str) -> float | None:
    detail = room.roles.find_detail(role)
    return None if detail is None else msgspec.convert(detail.get("loop_lag_ms"), float | None)


async def _read_record(room: Room) -> RecordShape | None:
    """None while the database is away: the rest is told all the same."""
    now = room.clock.now()
    try:
        jobs = await queries.list_jobs(room.rows)
        archived_day = await queries.find_archived_day(room.rows)
        shed_24h = await queries.count_shed(room.rows, now - _DAY)
    except EngineAway:
        return None
    shapes = [
        JobShape(
            row["key"],
            None if row["done_at"] is None else round((now - row["done_at"]).total_seconds(), 1),
            row["failures"],
        )
        for row in jobs
    ]
    return RecordShape(shapes, archived_day, shed_24h)
