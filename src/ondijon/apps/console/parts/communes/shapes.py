"""A week of the room on the ground of one commune, as it leaves in JSON (docs/room-api.md)."""

from datetime import date

from msgspec import Struct


class CommandCount(Struct, frozen=True):
    """Orders of one kind: how many, and on how many objects of this commune."""

    key: str
    count: int
    targets: int


class IncidentCount(Struct, frozen=True):
    """Incidents of one type opened here; the mean is of those that are resolved."""

    type: str
    count: int
    mean_resolve_s: int | None


class AlarmCount(Struct, frozen=True):
    """Alarms that called for somebody."""

    annunciated: int
    by_priority: dict[str, int]


class WeekShape(Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """Seven local days, the last one not included; calls: None for who does not see calls here.

    looked_at_by_others: how often people who are not this commune's own looked at this page or took files about the
    commune out of the room.
    """

    commune: str
    name: str
    since: date
    until: date
    trades: list[str]
    commands: list[CommandCount]
    incidents: list[IncidentCount]
    alarms: AlarmCount
    works: int
    calls: int | None
    exports: int
    break_glass: int
    looked_at_by_others: int
