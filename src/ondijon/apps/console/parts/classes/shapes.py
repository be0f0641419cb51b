"""Classes, floors, policies and adaptive light as JSON, as docs/lighting-api.md says."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from msgspec import Struct


class ClassShape(Struct, frozen=True, rename={"lighting_class": "class"}):
    """Lights of one class, and the least and the highest of their floors."""

    lighting_class: str
    lights: int
    floor_pct: float
    floor_most_pct: float


class SwitchShape(Struct, frozen=True):
    """What was decided of adaptive light in a commune; seeded: by the city's file."""

    on: bool
    reason: str
    seeded: bool
    set_at: datetime
    set_by: str | None


class CommuneShape(Struct, frozen=True):
    """One commune."""

    commune: str
    lights: int
    inferred: int
    on_crossing: int
    said: int
    classes: list[ClassShape]
    adaptive: SwitchShape | None
    policies: int


class CommunesShape(Struct, frozen=True):
    """Every commune that the person sees."""

    communes: list[CommuneShape]


class SaidShape(Struct, frozen=True, rename={"lighting_class": "class"}):
    """A person's word on a street."""

    lighting_class: str
    reason: str
    set_at: datetime
    set_by: str | None


class StreetShape(Struct, frozen=True, rename={"lighting_class": "class"}):
    """One lit street."""

    street: str
    street_class: str
    lighting_class: str
    said: SaidShape | None
    inferred: bool
    lights: int
    on_crossing: int
    classes: list[str]
    floor_pct: float
    vehicles_per_day: int | None
    counted_year: int | None


class StreetsShape(Struct, frozen=True):
    """The lit streets of a commune."""

    commune: str
    streets: list[StreetShape]


class RequirementShape(Struct, frozen=True, rename={"lighting_class": "class"}):
    """What a class requires."""

    lighting_class: str
    quantity: str
    maintained: float
    source: str


class FloorShape(Struct, frozen=True, rename={"lighting_class": "class"}):
    """The floor of a class."""

    lighting_class: str
    kept: str
    floor_pct: float
    source: str


class CommuneFloorShape(Struct, frozen=True, rename={"lighting_class": "class"}):
    """What a commune asks for beyond."""

    commune: str
    lighting_class: str | None
    crossings_only: bool
    least_pct: float
    source: str


class FloorsShape(Struct, frozen=True):
    """Requirements and floors with their sources."""

    requirements: list[RequirementShape]
    floors: list[FloorShape]
    commune_floors: list[CommuneFloorShape]


class PolicyShape(Struct, frozen=True):
    """One policy; may: what the reader may do with it now."""

    id: UUID
    commune: str
    classes: list[str]
    crossings: bool
    from_min: int
    to_min: int
    least_pct: float
    since: date
    until: date
    state: str
    in_force: bool
    reason: str
    legal_note: str
    proposed_by: str | None
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str
    revoked_by: str | None
    revoked_at: datetime | None
    revocation_reason: str
    may: list[str]


class ZoneShape(Struct, frozen=True, rename={"lighting_class": "class"}):
    """The last decision on a zone; level None: its programme."""

    zone: str
    street: str
    lighting_class: str
    lights: int
    level_pct: float | None
    cause: str
    since: datetime


class SteeredShape(Struct, frozen=True):
    """The zones of a commune that adaptive light steers."""

    at: datetime
    zones: list[ZoneShape]


class LedgerStreetShape(Struct, frozen=True):
    """A year of one street and class under each way of lighting."""

    street: str
    lights: int
    baseline_kwh: float
    led_kwh: float
    static_kwh: float
    adaptive_kwh: float
    static_under_min: int
    adaptive_under_min: int


class LedgerShape(Struct, frozen=True):
    """The year that was played last, and what it assumed."""

    of: dict[str, Any] | None
    streets: list[LedgerStreetShape]
