"""The whole field between two ticks: programmes followed, physics stepped, faults struck, reports due."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ondijon.kernel.clock import Clock
from ondijon.kernel.errors import RemoteProtocolError
from ondijon.simulator.field.columns import Flags, Indices, gateway_columns, light_columns, past_of, sorted_lights
from ondijon.simulator.field.faults import FaultDesk
from ondijon.simulator.field.flash import Flash, StoredProgramme, open_flash
from ondijon.simulator.field.gateway import Gateway, Shared, Uplink
from ondijon.simulator.field.packs import changed_gateways, changed_lights, nothing_reported
from ondijon.simulator.field.physics import settle, step
from ondijon.simulator.field.plan import FieldOptions, FieldPlan, check_plan
from ondijon.simulator.field.programme import read_programme
from ondijon.simulator.field.rota import Rota
from ondijon.simulator.field.truth import Truth
from ondijon.simulator.field.weather import outside_temperature_c

LONGEST_STEP_S = 3600.0
BACKGROUND_EVERY_S = 5.0


class City:
    """Everything that is simulated; it does no I/O but through the uplinks, the state folder and the truth file."""

    def __init__(
        self,
        plan: FieldPlan,
        uplinks: Sequence[Uplink],
        *,
        clock: Clock,
        seed: int,
        state_folder: Path,
        truth: Truth,
        options: FieldOptions,
    ) -> None:
        check_plan(plan)
        rng = np.random.default_rng(seed)
        now_s = clock.now_us() / 1e6
        lights = sorted_lights(plan)
        devices, ids = [light.device for light in lights], [spec.gateway for spec in plan.gateways]
        flash = open_flash(state_folder, ids, devices, past_of(plan, lights, now_s, rng))
        columns = light_columns(plan, lights, flash.kept, now_s, rng)
        cabinets = gateway_columns(plan.gateways, columns, flash.kept, rng)
        self.shared = Shared(
            lights=columns,
            gateways=cabinets,
            reported=nothing_reported(len(devices), len(ids)),
            devices=devices,
            flash=flash,
            clock=clock,
            rng=rng,
            options=options,
        )
        flash.boots += np.uint32(1)
        factory = StoredProgramme(plan.programme_version, plan.programme)
        speaks_cbor = rng.random(len(ids)) < options.cbor_share
        self.gateways = [
            Gateway(self.shared, g, gateway, _stored(flash, gateway, factory), uplink, cbor=bool(cbor))
            for g, (gateway, uplink, cbor) in enumerate(zip(ids, uplinks, speaks_cbor, strict=True))
        ]
        self._places = np.array([(spec.lon, spec.lat) for spec in plan.gateways]).reshape(-1, 2)
        self._lon = float(self._places[:, 0].mean()) if ids else 0.0
        trunks = [spec.grid_feeder for spec in plan.gateways], [spec.uplink for spec in plan.gateways]
        self.faults = FaultDesk(columns, cabinets, (devices, ids), trunks, self._places, truth, rng)
        self.rota = Rota(rng.random(len(ids)), options)
        self._uplinks = uplinks
        self._up = np.ones(len(ids), np.bool_)
        self._was_alive = np.ones(len(ids), np.bool_)
        self._last_s = now_s
        self._background_s = now_s
        self._begin(truth, now_s)

    def _begin(self, truth: Truth, now_s: float) -> None:
        if truth.is_new:
            self.faults.standing(now_s, self.shared.options.standing_share)
            truth.flush()
        else:
            self.faults.restore()
        self._follow_programmes(now_s)
        settle(self.shared.lights, self.shared.gateways, now_s, outside_temperature_c(now_s, self._lon))

    def advance(self, now_s: float) -> None:
        """Bring the whole field to `now_s`."""
        dt_s = min(max(now_s - self._last_s, 0.0), LONGEST_STEP_S)
        if now_s < self._last_s:
            self.shared.gateways.programme_until_s[:] = -np.inf
            self.rota.turn_back(now_s)
        self._last_s = now_s
        self.faults.advance(now_s)
        since_s = now_s - self._background_s
        if not 0.0 <= since_s < BACKGROUND_EVERY_S:
            self._background_s = now_s
            self.faults.background(now_s, max(since_s, 0.0), self.shared.options.background_rate)
        self._follow_programmes(now_s)
        step(self.shared.lights, self.shared.gateways, now_s, dt_s, outside_temperature_c(now_s, self._lon))
        self._release_held_back(now_s)
        self._cut_and_restore(now_s)

    def _follow_programmes(self, now_s: float) -> None:
        cabinets = self.shared.gateways
        own_s = now_s + cabinets.skew_s - cabinets.lag_s
        for g in np.flatnonzero(cabinets.programme_until_s <= own_s).tolist():
            cabinets.lit[g], cabinets.programme_until_s[g] = self.gateways[g].follow_programme(float(own_s[g]))

    def _release_held_back(self, now_s: float) -> None:
        waiting = self.shared.held_back
        if not waiting:
            return
        self.shared.held_back = [letter for letter in waiting if letter[0] > now_s]
        for due_s, g, _, payload in waiting:
            if due_s <= now_s:
                self.gateways[g].send_telemetry(payload)

    def _cut_and_restore(self, now_s: float) -> None:
        cabinets = self.shared.gateways
        alive = self._alive(now_s)
        up = cabinets.reachable & alive
        for g in np.flatnonzero(up != self._up).tolist():
            if up[g]:
                self._uplinks[g].restore()
            else:
                self._uplinks[g].cut()
        # A gateway that died with its cabinet starts anew when the mains return.
        self.shared.flash.boots += (alive & ~self._was_alive).astype(np.uint32)
        self._up, self._was_alive = up, alive

    def _alive(self, now_s: float) -> Flags:
        """Gateways that have mains or still live on their reserve."""
        cabinets = self.shared.gateways
        alive: Flags = cabinets.mains | (now_s < cabinets.dies_at_s)
        return alive

    def refit(self, powers_w: Mapping[str, float]) -> None:
        """Luminaires of another rated power, by device."""
        lights, cabinets = self.shared.lights, self.shared.gateways
        for row, device in enumerate(self.shared.devices):
            if device in powers_w:
                lights.rated_w[row] = powers_w[device]
        cabinets.rated_w[:] = np.bincount(lights.gateway, lights.rated_w, len(cabinets.rated_w))

    def greet(self, g: int, wall_s: float) -> None:
        """A gateway has just connected: birth now, its full state within seconds."""
        self.gateways[g].say_hello()
        self.rota.expect(g, self._last_s, wall_s)

    def due(self, now_s: float, wall_s: float) -> list[tuple[int, Indices | None]]:
        """Who must report now: (gateway, lights), None for everything it has."""
        shared = self.shared
        changed = changed_lights(shared.lights, shared.reported)
        touched = np.bincount(shared.lights.gateway, changed, len(self.gateways)) > 0
        urgent = changed_gateways(shared.gateways, shared.reported)
        full, partly = self.rota.turn(self._alive(now_s), urgent, touched, now_s, wall_s)
        first = shared.gateways.first
        reports: list[tuple[int, Indices | None]] = [(g, None) for g in np.flatnonzero(full).tolist()]
        for g in np.flatnonzero(partly).tolist():
            reports.append((g, np.flatnonzero(changed[first[g] : first[g + 1]]) + first[g]))
        return reports


def _stored(flash: Flash, gateway: str, factory: StoredProgramme) -> StoredProgramme:
    """What a gateway kept; one that cannot read it any more goes back to what it left the factory with."""
    stored = flash.find_programme(gateway)
    if stored is None:
        return factory
    try:
        read_programme(stored.content)
    except RemoteProtocolError:
        return factory
    return stored
