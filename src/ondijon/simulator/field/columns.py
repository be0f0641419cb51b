"""The whole field as columns: one array per property, one element per light or per gateway."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from ondijon.simulator.field.plan import FieldPlan, GatewaySpec, LightSpec

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

BURNING_S_PER_YEAR = 4100.0 * 3600.0
MEAN_LOAD = 0.7
WEAR_PER_YEAR = 0.006
WEAR_YEARS = 15.0
TOLERANCE = 0.03
METER_OVERHEAD = 1.03
DRIFT_S = 600.0
PHASES = 3
NO_PHASE = -1
NO_CIRCUIT = -1


@dataclass(slots=True)
class LightColumns:
    """One element per light, in order of gateway; `energy_j`, `burning_s` and `hold` outlive a restart."""

    gateway: Indices
    switched: Flags
    phase: NDArray[np.int8]
    circuit: NDArray[np.int8]
    rated_w: Floats
    wear: Floats
    energy_j: Doubles
    burning_s: Doubles
    hold: Floats  # level that a command holds; NaN = the programme decides
    programme_level: Floats
    wanted: Floats
    level: Floats
    powered: Flags
    power_w: Floats
    temperature_c: Floats
    pending_level: Floats  # NaN = release
    pending_due_s: Doubles  # inf = nothing pending
    pending_until_s: Doubles
    lamp_out: Flags
    day_burner: Flags
    cut: Flags
    cycle_s: Floats  # 0 = steady
    stuck: Floats  # level that it burns at whatever it is asked; NaN = it follows
    drift: Floats
    drift_to: Floats
    drift_s: Floats  # time constant


@dataclass(slots=True)
class GatewayColumns:
    """One element per gateway; `energy_j` outlives a restart."""

    first: Indices  # its lights are first[g]:first[g + 1]
    has_permanent: Flags
    has_switched: Flags
    energy_j: Doubles
    power_w: Doubles
    phases_w: Doubles  # by gateway and phase
    asked: Doubles  # mean level asked of its lights, by rated power
    rated_w: Doubles
    mains: Flags
    lit: Flags
    programme_until_s: Doubles
    lag_s: Doubles
    lost_phase: NDArray[np.int8]
    lost_circuit: NDArray[np.int8]
    reachable: Flags
    dies_at_s: Doubles
    skew_s: Doubles
    duplicate_share: Floats
    late_share: Floats
    late_s: Floats
    malformed_share: Floats


@dataclass(slots=True)
class Kept:
    """The columns that live in the gateways' flash memory."""

    energy_j: Doubles
    burning_s: Doubles
    hold: Floats
    meter_j: Doubles


def sorted_lights(plan: FieldPlan) -> list[LightSpec]:
    """Lights in the order of the columns: by gateway, as the plan lists them."""
    place = {spec.gateway: index for index, spec in enumerate(plan.gateways)}
    return sorted(plan.lights, key=lambda light: place[light.gateway])


def past_of(plan: FieldPlan, lights: list[LightSpec], now_s: float, rng: np.random.Generator) -> Kept:
    """Counters as years of service would have left them."""
    year = datetime.fromtimestamp(now_s, UTC).year
    age_years = np.clip([year - light.installed_year for light in lights], 0.05, None)
    rated_w = np.array([light.rated_power_w for light in lights], np.float64)
    burning_s = age_years * BURNING_S_PER_YEAR * rng.uniform(0.9, 1.1, len(lights))
    energy_j = burning_s * rated_w * MEAN_LOAD
    gateway = _gateway_of(plan, lights)
    meter_j = np.bincount(gateway, energy_j, len(plan.gateways)) * METER_OVERHEAD
    return Kept(
        energy_j=np.round(energy_j),
        burning_s=np.round(burning_s),
        hold=np.full(len(lights), np.nan, np.float32),
        meter_j=np.round(meter_j),
    )


def _gateway_of(plan: FieldPlan, lights: list[LightSpec]) -> Indices:
    place: Mapping[str, int] = {spec.gateway: index for index, spec in enumerate(plan.gateways)}
    return np.array([place[light.gateway] for light in lights], np.intp)


def light_columns(
    plan: FieldPlan, lights: list[LightSpec], kept: Kept, now_s: float, rng: np.random.Generator
) -> LightColumns:
    count = len(lights)
    gateway = _gateway_of(plan, lights)
    first = np.searchsorted(gateway, gateway)
    year = datetime.fromtimestamp(now_s, UTC).year
    age_years = np.clip([year - light.installed_year for light in lights], 0.0, WEAR_YEARS)
    wear = (1.0 + WEAR_PER_YEAR * age_years) * (1.0 + rng.uniform(-TOLERANCE, TOLERANCE, count))
    return LightColumns(
        gateway=gateway,
        switched=np.array([light.feeder == "switched" for light in lights], np.bool_),
        phase=_declared([light.phase for light in lights], (np.arange(count) - first) % PHASES),
        circuit=_declared([light.circuit for light in lights], np.zeros(count, np.intp)),
        rated_w=np.array([light.rated_power_w for light in lights], np.float32),
        wear=wear.astype(np.float32),
        energy_j=kept.energy_j,
        burning_s=kept.burning_s,
        hold=kept.hold,
        programme_level=np.zeros(count, np.float32),
        wanted=np.zeros(count, np.float32),
        level=np.zeros(count, np.float32),
        powered=np.zeros(count, np.bool_),
        power_w=np.zeros(count, np.float32),
        temperature_c=np.zeros(count, np.float32),
        pending_level=np.full(count, np.nan, np.float32),
        pending_due_s=np.full(count, np.inf),
        pending_until_s=np.full(count, -np.inf),
        lamp_out=np.zeros(count, np.bool_),
        day_burner=np.zeros(count, np.bool_),
        cut=np.zeros(count, np.bool_),
        cycle_s=np.zeros(count, np.float32),
        stuck=np.full(count, np.nan, np.float32),
        drift=np.ones(count, np.float32),
        drift_to=np.ones(count, np.float32),
        drift_s=np.full(count, DRIFT_S, np.float32),
    )


def _declared(values: list[int | None], otherwise: Indices) -> NDArray[np.int8]:
    """What the plan says of each light, or else what is usual."""
    return np.array(
        [usual if value is None else value for value, usual in zip(values, otherwise, strict=True)], np.int8
    )


def gateway_columns(
    gateways: tuple[GatewaySpec, ...], lights: LightColumns, kept: Kept, rng: np.random.Generator
) -> GatewayColumns:
    count = len(gateways)
    return GatewayColumns(
        first=np.searchsorted(lights.gateway, np.arange(count + 1)),
        has_permanent=np.array(["permanent" in spec.feeders for spec in gateways], np.bool_),
        has_switched=np.array(["switched" in spec.feeders for spec in gateways], np.bool_),
        energy_j=kept.meter_j,
        power_w=np.zeros(count),
        phases_w=np.zeros((count, PHASES)),
        asked=np.zeros(count),
        rated_w=np.bincount(lights.gateway, lights.rated_w, count).astype(np.float64),
        mains=np.ones(count, np.bool_),
        lit=np.zeros(count, np.bool_),
        programme_until_s=np.full(count, -np.inf),
        # Cabinet clocks and contactors do not act in the same second.
        lag_s=rng.uniform(0.0, 12.0, count),
        lost_phase=np.full(count, NO_PHASE, np.int8),
        lost_circuit=np.full(count, NO_CIRCUIT, np.int8),
        reachable=np.ones(count, np.bool_),
        dies_at_s=np.full(count, np.inf),
        skew_s=np.zeros(count),
        duplicate_share=np.zeros(count, np.float32),
        late_share=np.zeros(count, np.float32),
        late_s=np.zeros(count, np.float32),
        malformed_share=np.zeros(count, np.float32),
    )
