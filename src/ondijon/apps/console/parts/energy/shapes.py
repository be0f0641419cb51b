"""Savings as they leave in JSON (docs/lighting-api.md)."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from ondijon.domains.lighting.rules.energy.commune import CabinetYear, CommuneYear


class SavingShape(Struct, frozen=True):
    """One line of the list; margins reach to either side at 90 % confidence."""

    commune: str
    name: str
    year: int
    lights: int
    baseline_kwh: float
    measured_kwh: float
    saving_kwh: float
    saving_pct: float
    margin_pct: float
    eur: float
    coverage: float
    verdict: str
    simulated: bool


class SavingsShape(Struct, frozen=True):
    """Every commune and year that the person sees; total: of the communes seen, by year."""

    savings: list[SavingShape]
    totals: list[SavingShape]
    communes: int
    all_communes: bool


class FamilyShape(Struct, frozen=True):
    """Lights of one family in a baseline; load_kw: with ballast."""

    family: str
    power_w: float
    ballast_factor: float
    lights: int
    load_kw: float


class BaselineShape(Struct, frozen=True):
    """One version; by names only for who may see them: who proposed and who decided."""

    id: UUID
    version: int
    state: str
    valid_from: date
    metered_from: date | None
    metered_until: date | None
    hours_h: float
    eur_per_kwh: float
    eur_source: str
    goal_pct: float
    goal_source: str
    source: str
    inferred: bool
    reason: str
    lights: int
    load_kw: float
    proposed_at: datetime
    proposed_by: str | None
    decided_at: datetime | None
    decided_by: str | None


class AdjustmentShape(Struct, frozen=True):
    """Lights that came or went, in the power of the old technology."""

    id: UUID
    cabinet: str
    cabinet_name: str
    kind: str
    from_day: date
    until_day: date | None
    lights: int
    power_w: float
    reason: str
    source: str


class CabinetShape(CabinetYear, frozen=True, kw_only=True):
    """A cabinet's year with its name."""

    id: str
    name: str


class YearShape(Struct, frozen=True):
    """A commune's year in full; sentence by language."""

    commune: str
    name: str
    year: int
    proved_at: datetime
    verdict: str
    may_be_said: bool
    sentence: dict[str, str]
    found: CommuneYear
    cabinets: list[CabinetShape]
    baseline: BaselineShape
    families: list[FamilyShape]
    versions: list[BaselineShape]
    adjustments: list[AdjustmentShape]
    may_configure: bool
    may_approve: bool
    may_export: bool
