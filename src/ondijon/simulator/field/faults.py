"""Faults: what each kind does to the columns, how often it comes by itself and how long it lasts."""

import heapq
from dataclasses import dataclass

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ondijon.kernel.errors import NotFound, Refused
from ondijon.simulator.field.columns import DRIFT_S, NO_CIRCUIT, NO_PHASE, PHASES, GatewayColumns, LightColumns
from ondijon.simulator.field.truth import Cause, Fault, FaultKind, Truth

YEAR_S = 365.2425 * 86400.0
REPAIR_SPREAD = 0.5


class FaultClass(Struct, frozen=True):
    """How a kind of fault behaves; `amount` is used when nobody says one."""

    of_light: bool
    per_year: float
    median_repair_s: float
    amount: float


FAULT_CLASSES: dict[FaultKind, FaultClass] = {
    "lamp_out": FaultClass(True, 0.02, 3 * 86400.0, 0.0),
    "day_burner": FaultClass(True, 0.002, 2 * 86400.0, 0.0),
    "cycling": FaultClass(True, 0.005, 4 * 86400.0, 240.0),  # seconds of one cycle
    "power_drift": FaultClass(True, 0.01, 10 * 86400.0, 1.35),  # factor reached after half an hour
    "slow_drift": FaultClass(True, 0.01, 20 * 86400.0, 0.7),  # factor reached after a night
    "wrong_level": FaultClass(True, 0.004, 6 * 86400.0, 1.0),  # the level at which it burns
    "phase_loss": FaultClass(False, 0.3, 4 * 3600.0, -1.0),  # which phase, -1 = any
    "circuit_loss": FaultClass(False, 0.2, 4 * 3600.0, 1.0),  # which circuit, from 1
    "stolen_cable": FaultClass(False, 0.02, 5 * 86400.0, 0.5),  # share of the lights that hang on it
    "cabinet_loss": FaultClass(False, 0.5, 5400.0, 8.0),  # seconds that the gateway's reserve lasts
    "gateway_loss": FaultClass(False, 4.0, 900.0, 0.0),
    "clock_skew": FaultClass(False, 0.5, 6 * 3600.0, 420.0),  # seconds ahead (behind when negative)
    "duplicates": FaultClass(False, 1.0, 2 * 3600.0, 0.1),  # share of packs sent twice
    "late": FaultClass(False, 1.0, 2 * 3600.0, 300.0),  # seconds by which a third of the packs is held back
    "malformed": FaultClass(False, 0.5, 3600.0, 0.1),  # broken packs for each good one
}
LATE_SHARE = 1.0 / 3.0
LIGHT_KINDS = tuple(kind for kind, described in FAULT_CLASSES.items() if described.of_light)
SLOW_DRIFT_S = 4.0 * 3600.0
_STANDING_KINDS: tuple[FaultKind, ...] = ("lamp_out", "lamp_out", "lamp_out", "cycling", "power_drift", "day_burner")


@dataclass(slots=True)
class _Planned:
    kind: FaultKind
    indices: list[int]
    times_s: list[float]
    amount: float
    heals_after_s: float | None
    done: int = 0


class FaultDesk:
    """Breaks and repairs lights and gateways and writes down the truth."""

    def __init__(
        self,
        lights: LightColumns,
        gateways: GatewayColumns,
        names: tuple[list[str], list[str]],
        trunks: tuple[list[str | None], list[str | None]],
        places: NDArray[np.float64],
        truth: Truth,
        rng: np.random.Generator,
    ) -> None:
        self._lights = lights
        self._gateways = gateways
        self._devices, self._ids = names
        self._feeders, self._uplinks = trunks
        # Degrees of longitude are shorter than those of latitude.
        self._places = places * (np.cos(np.radians(places[:, 1].mean())), 1.0) if len(places) else places
        self._device_index = {device: index for index, device in enumerate(self._devices)}
        self._gateway_index = {gateway: index for index, gateway in enumerate(self._ids)}
        self._truth = truth
        self._rng = rng
        self._repairs: list[tuple[float, tuple[str, str]]] = []
        self._storms: list[_Planned] = []

    def restore(self) -> None:
        """Break again what the truth file says is broken: a restart of the simulator repairs nothing."""
        for fault in list(self._truth.active.values()):
            index = self.find_index(fault.kind, fault.target)
            if index is not None:
                self._apply(fault.kind, index, fault.amount, fault.since_s)
                self._await_repair(fault)

    def find_index(self, kind: FaultKind, target: str) -> int | None:
        known = self._device_index if FAULT_CLASSES[kind].of_light else self._gateway_index
        return known.get(target)

    def get_indices(self, kind: FaultKind, target: str) -> list[int]:
        """Indices for a target, `*` being every gateway; raises NotFound, Refused."""
        if target == "*" and not FAULT_CLASSES[kind].of_light:
            return list(range(len(self._ids)))
        if target == "*":
            raise Refused("error.storm_wanted", kind=kind)
        index = self.find_index(kind, target)
        if index is None:
            raise NotFound("error.unknown_target", kind=kind, target=target)
        return [index]

    def break_it(
        self,
        kind: FaultKind,
        index: int,
        now_s: float,
        cause: Cause,
        *,
        amount: float | None = None,
        heals_after_s: float | None = None,
    ) -> None:
        """Start a fault (a repeated one only changes its amount and end)."""
        described = FAULT_CLASSES[kind]
        fault = Fault(
            kind=kind,
            target=(self._devices if described.of_light else self._ids)[index],
            since_s=now_s,
            cause=cause,
            amount=described.amount if amount is None else amount,
            heals_at_s=None if heals_after_s is None else now_s + heals_after_s,
        )
        self._truth.broken(fault)
        self._apply(kind, index, fault.amount, now_s)
        self._await_repair(fault)

    def heal(self, now_s: float, *, target: str | None = None, kind: FaultKind | None = None) -> int:
        """Repair what is broken at a target, or of a kind, or everything; returns how many."""
        chosen = [
            fault
            for fault in self._truth.active.values()
            if (target is None or fault.target == target) and (kind is None or fault.kind == kind)
        ]
        for fault in chosen:
            self._repair(fault, now_s)
        return len(chosen)

    def storm(
        self,
        kind: FaultKind,
        indices: list[int],
        now_s: float,
        within_s: float,
        *,
        amount: float = 0.0,
        heals_after_s: float | None = None,
    ) -> None:
        """Plan the same fault for many, at random instants within `within_s`."""
        times_s = np.sort(self._rng.uniform(now_s, now_s + within_s, len(indices)))
        self._storms.append(_Planned(kind, indices, times_s.tolist(), amount, heals_after_s))

    def on_trunk(self, feeder: str | None, uplink: str | None) -> list[int]:
        """The gateways that hang on a grid feeder or on an uplink; raises NotFound."""
        on, name = (self._feeders, feeder) if feeder is not None else (self._uplinks, uplink)
        found = [index for index, trunk in enumerate(on) if trunk == name]
        if name is None or not found:
            raise NotFound("error.unknown_target", kind="trunk", target=name or "")
        return found

    def lights_around(self, count: int, centre: int | None, *, by_feeder: bool = False) -> list[int]:
        """`count` lights, cabinet by cabinet (or feeder by feeder) outwards from one (any one when None)."""
        first = self._gateways.first
        chosen: list[int] = []
        gateways = self.gateways_around(len(self._ids), centre)
        if by_feeder:
            nearest = {feeder: place for place, feeder in reversed([*enumerate(self._feeders[g] for g in gateways)])}
            gateways.sort(key=lambda gateway: nearest[self._feeders[gateway]])
        for gateway in gateways:
            if len(chosen) >= count:
                break
            chosen.extend(range(int(first[gateway]), int(first[gateway + 1])))
        return chosen[:count]

    def gateways_around(self, count: int, centre: int | None) -> list[int]:
        """`count` gateways outwards from one (any one when None)."""
        at = int(self._rng.integers(len(self._ids))) if centre is None else centre
        away = self._places - self._places[at]
        order = np.argsort((away * away).sum(axis=1), kind="stable")
        nearest: list[int] = order[:count].tolist()
        return nearest

    def scattered(self, kind: FaultKind, count: int) -> list[int]:
        """`count` targets of a kind anywhere."""
        population = len(self._devices) if FAULT_CLASSES[kind].of_light else len(self._ids)
        drawn: list[int] = self._rng.choice(population, min(count, population), replace=False).tolist()
        return drawn

    def advance(self, now_s: float) -> None:
        """Let storms strike and repairs end that are due."""
        for storm in self._storms:
            while storm.done < len(storm.indices) and storm.times_s[storm.done] <= now_s:
                index = storm.indices[storm.done]
                amount = storm.amount if storm.amount else None
                self.break_it(storm.kind, index, now_s, "storm", amount=amount, heals_after_s=storm.heals_after_s)
                storm.done += 1
        self._storms = [storm for storm in self._storms if storm.done < len(storm.indices)]
        while self._repairs and self._repairs[0][0] <= now_s:
            ends_s, key = heapq.heappop(self._repairs)
            fault = self._truth.active.get(key)
            if fault is not None and fault.heals_at_s == ends_s:
                self._repair(fault, now_s)
        self._truth.flush()

    def background(self, now_s: float, dt_s: float, rate: float) -> None:
        """Draw the faults that come by themselves in `dt_s`; `rate` 1 is an ordinary city."""
        for kind, described in FAULT_CLASSES.items():
            population = len(self._devices) if described.of_light else len(self._ids)
            for _ in range(int(self._rng.poisson(rate * described.per_year * population * dt_s / YEAR_S))):
                repair_s = described.median_repair_s * float(self._rng.lognormal(0.0, REPAIR_SPREAD))
                index = int(self._rng.integers(population))
                self.break_it(kind, index, now_s, "background", heals_after_s=repair_s)

    def standing(self, now_s: float, share: float) -> None:
        """Begin with what a real city has waiting for repair: a share of the lights."""
        count = round(share * len(self._devices))
        for place, index in enumerate(self._rng.choice(len(self._devices), count, replace=False)):
            self.break_it(_STANDING_KINDS[place % len(_STANDING_KINDS)], int(index), now_s, "standing")

    def _await_repair(self, fault: Fault) -> None:
        if fault.heals_at_s is not None:
            heapq.heappush(self._repairs, (fault.heals_at_s, fault.key))

    def _repair(self, fault: Fault, now_s: float) -> None:
        self._truth.healed(fault, now_s)
        index = self.find_index(fault.kind, fault.target)
        if index is not None:
            self._undo(fault.kind, index)

    def _apply(self, kind: FaultKind, index: int, amount: float, since_s: float) -> None:
        lights, gateways = self._lights, self._gateways
        match kind:
            case "lamp_out":
                lights.lamp_out[index] = True
            case "day_burner":
                lights.day_burner[index] = True
            case "cycling":
                lights.cycle_s[index] = max(amount, 1.0)
            case "power_drift" | "slow_drift":
                lights.drift_to[index] = max(amount, 0.0)
                lights.drift_s[index] = DRIFT_S if kind == "power_drift" else SLOW_DRIFT_S
            case "wrong_level":
                lights.stuck[index] = min(max(amount, 0.0), 1.0)
            case "phase_loss":
                gateways.lost_phase[index] = int(amount) % PHASES if amount >= 0 else index % PHASES
            case "circuit_loss":
                gateways.lost_circuit[index] = int(amount)
            case "stolen_cable":
                self._cut_cable(index, amount)
            case "cabinet_loss":
                gateways.mains[index] = False
                gateways.dies_at_s[index] = since_s + amount
            case _:
                self._disturb(kind, index, amount)

    def _disturb(self, kind: FaultKind, index: int, amount: float) -> None:
        gateways = self._gateways
        match kind:
            case "gateway_loss":
                gateways.reachable[index] = False
            case "clock_skew":
                gateways.skew_s[index] = amount
                gateways.programme_until_s[index] = -np.inf
            case "duplicates":
                gateways.duplicate_share[index] = amount
            case "late":
                gateways.late_share[index] = LATE_SHARE
                gateways.late_s[index] = amount
            case "malformed":
                gateways.malformed_share[index] = amount
            case _:
                raise Refused("error.unknown_fault", kind=kind)

    def _cut_cable(self, gateway: int, share: float) -> None:
        """The lights farthest along one feeder go dark."""
        start, end = int(self._gateways.first[gateway]), int(self._gateways.first[gateway + 1])
        own = np.arange(start, end)
        for switched in (False, True):
            feeder = own[self._lights.switched[start:end] == switched]
            if len(feeder):
                self._lights.cut[feeder[len(feeder) - max(1, round(share * len(feeder))) :]] = True
                return

    def _undo(self, kind: FaultKind, index: int) -> None:
        lights, gateways = self._lights, self._gateways
        match kind:
            case "lamp_out":
                lights.lamp_out[index] = False
            case "day_burner":
                lights.day_burner[index] = False
            case "cycling":
                lights.cycle_s[index] = 0.0
            case "power_drift" | "slow_drift":
                lights.drift_to[index] = 1.0
                lights.drift[index] = 1.0
            case "wrong_level":
                lights.stuck[index] = np.nan
            case "phase_loss":
                gateways.lost_phase[index] = NO_PHASE
            case "circuit_loss":
                gateways.lost_circuit[index] = NO_CIRCUIT
            case "stolen_cable":
                lights.cut[gateways.first[index] : gateways.first[index + 1]] = False
            case _:
                self._calm(kind, index)

    def _calm(self, kind: FaultKind, index: int) -> None:
        gateways = self._gateways
        match kind:
            case "cabinet_loss":
                gateways.mains[index] = True
                gateways.dies_at_s[index] = np.inf
            case "gateway_loss":
                gateways.reachable[index] = True
            case "clock_skew":
                gateways.skew_s[index] = 0.0
                gateways.programme_until_s[index] = -np.inf
            case "duplicates":
                gateways.duplicate_share[index] = 0.0
            case "late":
                gateways.late_share[index] = 0.0
            case _:
                gateways.malformed_share[index] = 0.0
