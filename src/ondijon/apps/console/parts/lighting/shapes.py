"""Cabinets as trees, and changes of equipment, as they leave in JSON (docs/lighting-api.md)."""

from msgspec import Struct


class LightShape(Struct, frozen=True):
    """A light in its place along the cable; asked_w: rated power x level asked; None = unknown.

    at_m: metres along its street from where the cable comes in; fault: priority of its worst alarm, 0 none.
    """

    id: str
    name: str
    street: str | None
    at_m: float
    level_pct: float | None
    asked_w: float | None
    drawn_w: float | None
    fault: int
    held: bool
    age_s: float | None


class PhaseShape(Struct, frozen=True):
    """The lights of one phase of a circuit, in electrical order, with their sums."""

    key: str
    lights: list[LightShape]
    asked_w: float
    drawn_w: float
    faults: int


class CircuitShape(Struct, frozen=True):
    """A circuit; imbalance_pct: how far its most loaded phase lies above the mean of all, by asked power."""

    key: str
    inferred: bool
    phases: list[PhaseShape]
    lights: int
    asked_w: float
    drawn_w: float
    faults: int
    imbalance_pct: float | None


class AboveShape(Struct, frozen=True):
    """What stands above a cabinet: its grid feeder or uplink, and how many cabinets hang on it."""

    key: str
    cabinets: int
    inferred: bool


class CabinetShape(Struct, frozen=True):
    """A cabinet whole; metered_w: what its own meter says."""

    id: str
    name: str
    commune: str
    lon: float
    lat: float
    online: bool | None
    supply: bool | None
    metered_w: float | None
    wanted_version: int | None
    stored_version: int | None
    grid_feeder: AboveShape | None
    uplink: AboveShape | None
    circuits: list[CircuitShape]
    lights: int
    asked_w: float
    drawn_w: float
    faults: int
    imbalance_pct: float | None


class CabinetRow(Struct, frozen=True):
    """A cabinet in the list: sums over its lights."""

    id: str
    name: str
    commune: str
    street: str | None
    lights: int
    asked_w: float
    drawn_w: float
    faults: int
    online: bool | None
    supply: bool | None
    wanted_version: int | None
    stored_version: int | None
