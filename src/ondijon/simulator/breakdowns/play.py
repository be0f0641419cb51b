"""The play: the field's own physics driven through a script, with what is heard of it and when each fault shows."""

from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from ondijon.simulator.breakdowns.heard import USUAL_LOSSES, CabinetWords, Courier, Heard, LightWords, Losses
from ondijon.simulator.breakdowns.script import DAY_S, Script, Strike
from ondijon.simulator.field.columns import (
    Flags,
    Indices,
    gateway_columns,
    light_columns,
    past_of,
    sorted_lights,
)
from ondijon.simulator.field.faults import FAULT_CLASSES, FaultDesk
from ondijon.simulator.field.packs import METER_NOISE, changed_gateways, changed_lights, nothing_reported
from ondijon.simulator.field.physics import settle, step
from ondijon.simulator.field.plan import FieldPlan
from ondijon.simulator.field.truth import FaultKind, Truth
from ondijon.simulator.field.weather import outside_temperature_c

EPOCH_S = 1_790_000_000 // DAY_S * DAY_S
EVERY_S = 60.0
NIGHT_TICK_S, DAY_TICK_S, WATCH_S = 30.0, 60.0, 60.0
CABINET_NOISE = 0.003
DRIFTED = 0.15
OFF_LEVEL = 0.2
SHORTEST_STRETCH = 4


class Plot(Struct, eq=False):
    """The truth about one fault: since when it could be seen, and for how long it could be seen in all (seconds).

    lights: those that hang on what broke; due_s: the instant when it had been to be seen for the time allowed.
    """

    kind: FaultKind
    index: int
    amount: float
    lights: Indices
    begins_s: float
    ends_s: float
    shown_s: float = 0.0
    shown_since_s: float = np.inf
    due_s: float = np.inf


class Stage:
    """A field without gateways' minds: programmes are the script's, reports are arrays."""

    def __init__(self, plan: FieldPlan, seed: int, allowed_s: float = 900.0) -> None:
        rng = np.random.default_rng((seed, 3))
        lights = sorted_lights(plan)
        kept = past_of(plan, lights, EPOCH_S, rng)
        self.lights = light_columns(plan, lights, kept, EPOCH_S, rng)
        self.gateways = gateway_columns(plan.gateways, self.lights, kept, rng)
        self.devices = [light.device for light in lights]
        self.names = [spec.gateway for spec in plan.gateways]
        self.plots: list[Plot] = []
        self.epoch_s = EPOCH_S
        self._allowed_s = allowed_s
        self._rng = rng
        count = len(self.names)
        places = np.array([(spec.lon, spec.lat) for spec in plan.gateways]).reshape(-1, 2)
        none: list[str | None] = [None] * count
        names = (self.devices, self.names)
        self._desk = FaultDesk(self.lights, self.gateways, names, (none, none), places, Truth(None), rng)
        self._reported = nothing_reported(len(self.devices), count)
        self._offset_s = rng.uniform(0.0, EVERY_S, count)
        self._alive = np.ones(count, np.bool_)

    def play(self, script: Script, losses: Losses = USUAL_LOSSES) -> Iterator[Heard]:
        """Every instant of the script; `plots` grows with it."""
        courier = Courier(len(self.names), losses, self._rng)
        strikes, holds = list(script.strikes), sorted(script.holds, key=lambda one: one.begins_s)
        at_s = script.begins_s
        self._ask(script, at_s)
        settle(self.lights, self.gateways, at_s, outside_temperature_c(EPOCH_S + at_s, 5.0))
        while at_s < script.ends_s:
            tick_s = NIGHT_TICK_S if self.gateways.lit.any() or script.level_at(at_s + DAY_TICK_S) else DAY_TICK_S
            at_s += tick_s
            while strikes and strikes[0].begins_s <= at_s:
                self._strike(strikes.pop(0), at_s)
            self._heal(at_s, tick_s)
            for hold in holds:
                if hold.begins_s <= at_s < hold.begins_s + tick_s or hold.ends_s <= at_s < hold.ends_s + tick_s:
                    self.lights.hold[list(hold.lights)] = hold.level if at_s < hold.ends_s else np.nan
            self._ask(script, at_s)
            step(self.lights, self.gateways, at_s, tick_s, outside_temperature_c(EPOCH_S + at_s, 5.0))
            if at_s % WATCH_S < tick_s:
                self._watch(at_s, WATCH_S)
            yield self._hear(courier, at_s, tick_s)

    def _ask(self, script: Script, at_s: float) -> None:
        gateways = self.gateways
        levels = np.array([script.level_at(at_s - lag_s) for lag_s in (0.0, 6.0, 12.0)], np.float32)
        asked = levels[np.round(gateways.lag_s / 6.0).astype(np.intp)]
        self.lights.programme_level[:] = asked[self.lights.gateway]
        gateways.lit[:] = asked > 0.0

    def _strike(self, strike: Strike, at_s: float) -> None:
        amount, lights = strike.amount, self.lights
        if np.isnan(amount):
            amount = float(lights.wanted[strike.index]) or 1.0
        if strike.kind == "circuit_loss":
            own = lights.circuit[lights.gateway == strike.index]
            amount = float(np.unique(own)[int(amount) % len(np.unique(own))])
        self._desk.break_it(strike.kind, strike.index, at_s, "order", amount=amount)
        hit = self._hit(strike.kind, strike.index, amount)
        if strike.kind == "stolen_cable" and len(hit) < SHORTEST_STRETCH:
            self._desk.heal(at_s, target=self.names[strike.index], kind=strike.kind)
            return
        self.plots.append(Plot(strike.kind, strike.index, amount, hit, at_s, strike.ends_s))

    def _hit(self, kind: FaultKind, index: int, amount: float) -> Indices:
        lights = self.lights
        if FAULT_CLASSES[kind].of_light:
            return np.array([index], np.intp)
        hit = lights.gateway == index
        if kind == "phase_loss":
            hit &= lights.phase == int(amount)
        elif kind == "circuit_loss":
            hit &= lights.circuit == int(amount)
        elif kind == "stolen_cable":
            hit &= lights.cut
        return np.flatnonzero(hit)

    def _heal(self, at_s: float, tick_s: float) -> None:
        for plot in self.plots:
            if at_s - tick_s < plot.ends_s <= at_s:
                names = self.devices if FAULT_CLASSES[plot.kind].of_light else self.names
                self._desk.heal(at_s, target=names[plot.index], kind=plot.kind)

    def _watch(self, at_s: float, tick_s: float) -> None:
        """Count for how long each fault has been to be seen."""
        for plot in self.plots:
            if plot.due_s <= at_s or plot.ends_s <= at_s or not self._shows(plot):
                continue
            plot.shown_since_s = min(plot.shown_since_s, at_s)
            plot.shown_s += tick_s
            if plot.shown_s >= self._allowed_s:
                plot.due_s = min(plot.due_s, at_s)

    def _shows(self, plot: Plot) -> bool:
        lights, gateways = self.lights, self.gateways
        at = plot.lights
        asked = lights.wanted[at] > 0.0
        match plot.kind:
            case "day_burner":
                return bool((lights.powered[at] & ~asked).any())
            case "cabinet_loss" | "gateway_loss":
                return True
            case "stolen_cable":
                return bool((asked & (~lights.switched[at] | gateways.lit[plot.index])).any())
            case "power_drift" | "slow_drift":
                return bool((asked & (np.abs(lights.drift[at] - 1.0) >= DRIFTED)).any())
            case "wrong_level":
                off = np.abs(_share(lights.stuck[at]) / _share(lights.wanted[at]) - 1.0)
                return bool((asked & (off >= OFF_LEVEL)).any())
            case "cycling":
                return bool(plot.shown_s > 0.0 or (asked & (lights.power_w[at] == 0.0)).any()) and bool(asked.any())
            case _:
                return bool((asked & lights.powered[at]).any())

    def _hear(self, courier: Courier, at_s: float, tick_s: float) -> Heard:
        lights, gateways, reported = self.lights, self.gateways, self._reported
        reserve = gateways.mains | (at_s < gateways.dies_at_s)
        due = np.floor((at_s - self._offset_s) / EVERY_S) > np.floor((at_s - tick_s - self._offset_s) / EVERY_S)
        # On its reserve a gateway repeats its last gasp, so that one lost message does not hide it.
        urgent = changed_gateways(gateways, reported) | (~gateways.mains & reserve)
        changed = changed_lights(lights, reported)
        talks = (due | urgent | (np.bincount(lights.gateway, changed, len(due)) > 0)) & reserve
        chosen = np.flatnonzero((due[lights.gateway] | changed) & lights.powered & talks[lights.gateway])
        reported.known[chosen] = True
        reported.level[chosen], reported.power_w[chosen] = lights.level[chosen], lights.power_w[chosen]
        reported.manual[chosen] = ~np.isnan(lights.hold[chosen])
        cabinets = np.flatnonzero(talks)
        reported.supply[cabinets], reported.lit[cabinets] = gateways.mains[cabinets], gateways.lit[cabinets]
        reachable = gateways.reachable & reserve
        words = courier.carry(
            at_s, lights.gateway, self._say_lights(chosen, at_s), self._say_cabinets(cabinets, at_s), reachable
        )
        return Heard(EPOCH_S + at_s, *words, self._turn(reachable, courier, at_s))

    def _turn(self, reachable: Flags, courier: Courier, at_s: float) -> dict[int, bool]:
        turned = np.flatnonzero(reachable != self._alive).tolist()
        self._alive = reachable.copy()
        for g in turned:
            if reachable[g]:
                courier.bring_back(g, at_s)
        return {g: bool(reachable[g]) for g in turned}

    def _say_lights(self, at: Indices, at_s: float) -> LightWords:
        noise = 1.0 + METER_NOISE * self._rng.standard_normal(len(at))
        power_w = np.round(self.lights.power_w[at].astype(np.float64) * noise, 1)
        level = self.lights.level[at].astype(np.float64).round(4)
        return LightWords(at, level, power_w, np.full(len(at), EPOCH_S + at_s))

    def _say_cabinets(self, at: Indices, at_s: float) -> CabinetWords:
        gateways = self.gateways
        phases_w = gateways.phases_w[at] * (1.0 + CABINET_NOISE * self._rng.standard_normal((len(at), 3)))
        times_s = np.full(len(at), EPOCH_S + at_s)
        asked = np.round(gateways.asked[at], 3)
        return CabinetWords(at, gateways.mains[at], gateways.lit[at], asked, np.round(phases_w, 1), times_s)


def _share(level: np.ndarray) -> np.ndarray:
    """Power at a level against full power, as the field's drivers have it."""
    return np.asarray(0.06 + 0.88 * level + 0.06 * level * level)
