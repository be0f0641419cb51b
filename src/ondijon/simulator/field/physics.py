"""One step of electricity, light and heat for the whole field at once."""

import math

import numpy as np

from ondijon.simulator.field.columns import PHASES, Flags, Floats, GatewayColumns, LightColumns

RAMP_FULL_S = 4.0
STANDBY_W = 0.4
CONTROLLER_W = 9.0
LINE_LOSS = 0.02
WARMING_C = 28.0
WARMING_S = 1200.0
CYCLE_LIT_SHARE = 0.7


def step(lights: LightColumns, gateways: GatewayColumns, now_s: float, dt_s: float, outside_c: float) -> None:
    """Advance every column by `dt_s` up to `now_s`; programmes are already resolved into the gateways."""
    _switch_voltage(lights, gateways)
    _take_pending(lights, now_s)
    _ramp(lights, dt_s)
    _burn(lights, gateways, now_s, dt_s)
    _warm(lights, outside_c, dt_s)
    _meter(lights, gateways, dt_s)


def settle(lights: LightColumns, gateways: GatewayColumns, now_s: float, outside_c: float) -> None:
    """Put everything where it would be had it run for hours: no ramp, drivers warm."""
    _switch_voltage(lights, gateways)
    _ramp(lights, RAMP_FULL_S)
    _burn(lights, gateways, now_s, 0.0)
    lights.temperature_c[:] = outside_c + WARMING_C * lights.power_w / lights.rated_w
    _meter(lights, gateways, 0.0)


def _switch_voltage(lights: LightColumns, gateways: GatewayColumns) -> None:
    at = lights.gateway
    # A day burner on a switched feeder is one that was wired to the permanent one by mistake.
    closed = ~lights.switched | gateways.lit.take(at) | lights.day_burner
    np.copyto(lights.powered, gateways.mains.take(at) & closed & ~lights.cut)


def _is_fed(lights: LightColumns, gateways: GatewayColumns) -> Flags:
    """Whether there is current for the lamp; its radio lives on from the other conductors and goes on reporting."""
    at = lights.gateway
    phase_there = gateways.lost_phase.take(at) != lights.phase
    fed: Flags = phase_there & (gateways.lost_circuit.take(at) != lights.circuit)
    return fed


def _take_pending(lights: LightColumns, now_s: float) -> None:
    due = lights.pending_due_s <= now_s
    if not due.any():
        return
    # A light without voltage hears nothing; its command waits in the gateway until it expires.
    heard = due & lights.powered & (now_s <= lights.pending_until_s)
    lights.hold[heard] = lights.pending_level[heard]
    lights.pending_due_s[heard | (lights.pending_until_s < now_s)] = np.inf


def _ramp(lights: LightColumns, dt_s: float) -> None:
    np.copyto(lights.wanted, lights.hold)
    np.copyto(lights.wanted, lights.programme_level, where=np.isnan(lights.hold))
    reach = np.float32(dt_s / RAMP_FULL_S)
    change = lights.wanted - lights.level
    near = np.abs(change) <= reach
    lights.level += np.clip(change, -reach, reach)
    np.copyto(lights.level, lights.wanted, where=near)
    np.copyto(lights.level, np.float32(0.0), where=~lights.powered)


def power_at(drive: Floats, rated_w: Floats, wear: Floats) -> Floats:
    """Active power of a lit LED driver in W: fixed losses, a slight curve, 100 % at full drive plus standby."""
    curve = 0.06 + 0.88 * drive + 0.06 * drive * drive
    power: Floats = STANDBY_W + rated_w * wear * curve
    return power


def _burn(lights: LightColumns, gateways: GatewayColumns, now_s: float, dt_s: float) -> None:
    drive = np.maximum(lights.level, lights.day_burner.astype(np.float32))
    asked = drive > 0.0
    np.copyto(drive, lights.stuck, where=asked & ~np.isnan(lights.stuck) & ~lights.day_burner)
    fed = lights.powered & _is_fed(lights, gateways)
    lit = asked & fed & ~lights.lamp_out & ~_resting(lights, now_s)
    lights.drift += (lights.drift_to - lights.drift) * (1.0 - np.exp(-np.float32(dt_s) / lights.drift_s))
    idle_w = np.where(fed & ~asked, np.float32(STANDBY_W), np.float32(0.0))
    np.copyto(lights.power_w, idle_w)
    np.copyto(lights.power_w, power_at(drive, lights.rated_w, lights.wear) * lights.drift, where=lit)
    lights.energy_j += lights.power_w * dt_s
    lights.burning_s[lit] += dt_s


def _resting(lights: LightColumns, now_s: float) -> Flags:
    """Lamps at the end of their life that go out, cool and start again; neighbours are out of step."""
    resting = np.zeros(len(lights.level), np.bool_)
    cycling = np.flatnonzero(lights.cycle_s)
    if len(cycling):
        period_s = lights.cycle_s[cycling].astype(np.float64)
        resting[cycling] = ((now_s + cycling * 37.0) % period_s) > CYCLE_LIT_SHARE * period_s
    return resting


def _warm(lights: LightColumns, outside_c: float, dt_s: float) -> None:
    towards = outside_c + WARMING_C * lights.power_w / lights.rated_w
    lights.temperature_c += (towards - lights.temperature_c) * np.float32(1.0 - math.exp(-dt_s / WARMING_S))


def _meter(lights: LightColumns, gateways: GatewayColumns, dt_s: float) -> None:
    """A three-phase meter behind the main breaker; the controller hangs on the first phase."""
    count = len(gateways.mains)
    by_phase = lights.gateway * PHASES + np.maximum(lights.phase, 0)
    load_w = np.bincount(by_phase, lights.power_w, count * PHASES).reshape(count, PHASES) * (1.0 + LINE_LOSS)
    load_w[:, 0] += CONTROLLER_W
    np.copyto(gateways.phases_w, np.where(gateways.mains[:, None], load_w, 0.0))
    np.copyto(gateways.power_w, gateways.phases_w.sum(axis=1))
    asked_w = np.bincount(lights.gateway, lights.wanted * lights.rated_w, count)
    np.copyto(gateways.asked, asked_w / np.maximum(gateways.rated_w, 1e-9))
    gateways.energy_j += gateways.power_w * dt_s
