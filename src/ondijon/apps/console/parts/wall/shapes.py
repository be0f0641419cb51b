"""The numbers of the wall display, as they leave in JSON (docs/room-api.md)."""

from msgspec import Struct


class IncidentNumbers(Struct, frozen=True):
    """Incidents that somebody works on or should, and how many of their promises were broken."""

    open: int
    breached: int


class CallNumbers(Struct, frozen=True):
    """Calls that wait now; of today's, the share answered within 15 s (None: none came yet)."""

    waiting: int
    within_15s: float | None


class LightNumbers(Struct, frozen=True):
    """Lights that report to be lit, and all of them."""

    lit: int
    total: int


class WallShape(Struct, frozen=True):
    """Numbers only: no names, no telephone numbers, no places of people; None: the part is not seen or not loaded."""

    alarms: dict[str, int]
    incidents: IncidentNumbers | None
    calls: CallNumbers | None
    lights: LightNumbers | None
    power_kw: float | None
    per_operator_10min: float
