"""The health of the post as it leaves in JSON (docs/operations.md); None is always: not known."""

from datetime import date, datetime

from msgspec import Struct

from ondijon.kernel.health import AuditHealth, Backlog, BackupHealth, DiskHealth, IntakeHealth, ServiceHealth
from ondijon.web.roles import RoleHealth


class JobShape(Struct, frozen=True):
    """A job of the post: seconds since it was last begun (None: never), and how often it has failed in all."""

    key: str
    begun_age_s: float | None
    failures: int


class RecordShape(Struct, frozen=True):
    """What only the database knows; archived_day: the newest in a file; shed_24h: readings left out in a day."""

    jobs: list[JobShape]
    archived_day: date | None
    shed_24h: int


class StatusShape(Struct, frozen=True):
    """Every part of it comes from one place, and is None where that place has not spoken in time."""

    at: datetime
    roles: dict[str, RoleHealth]
    loop_lag_ms: dict[str, float]
    sockets: int
    services: list[ServiceHealth] | None
    disks: list[DiskHealth] | None
    backlog: Backlog | None
    intake: IntakeHealth | None
    backup_set_up: bool | None
    backup: BackupHealth | None
    audit: AuditHealth | None
    record: RecordShape | None
