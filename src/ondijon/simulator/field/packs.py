"""Telemetry packs: which lights have something to say, and the records that say it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ondijon.simulator.field.columns import Flags, Floats, GatewayColumns, Indices, LightColumns
from ondijon.simulator.field.senml import Record

RAMP_DEADBAND = 0.02
POWER_DEADBAND_W = 1.0
POWER_DEADBAND_SHARE = 0.03
METER_NOISE = 0.004


@dataclass(slots=True)
class Reported:
    """What each light and gateway said last."""

    known: Flags
    level: Floats
    power_w: Floats
    manual: Flags
    supply: Flags
    lit: Flags


def nothing_reported(lights: int, gateways: int) -> Reported:
    return Reported(
        known=np.zeros(lights, np.bool_),
        level=np.zeros(lights, np.float32),
        power_w=np.zeros(lights, np.float32),
        manual=np.zeros(lights, np.bool_),
        supply=np.ones(gateways, np.bool_),
        lit=np.zeros(gateways, np.bool_),
    )


def changed_lights(lights: LightColumns, reported: Reported) -> Flags:
    """Lights with voltage whose level, control or power left what they last said."""
    moved = np.abs(lights.level - reported.level)
    settled = lights.level == lights.wanted
    power_limit = np.maximum(POWER_DEADBAND_W, POWER_DEADBAND_SHARE * lights.rated_w)
    changed: Flags = (moved > RAMP_DEADBAND) | (settled & (moved > 0.0)) | ~reported.known
    changed |= np.isnan(lights.hold) == reported.manual
    changed |= np.abs(lights.power_w - reported.power_w) > power_limit
    # A light without voltage is silent; when it comes back it says everything again.
    reported.known &= lights.powered
    changed &= lights.powered
    return changed


def changed_gateways(gateways: GatewayColumns, reported: Reported) -> Flags:
    changed: Flags = gateways.mains != reported.supply
    changed |= gateways.has_switched & (gateways.lit != reported.lit)
    return changed


def note_reported(lights: LightColumns, gateways: GatewayColumns, reported: Reported, at: Indices, g: int) -> None:
    reported.known[at] = True
    reported.level[at] = lights.level[at]
    reported.power_w[at] = lights.power_w[at]
    reported.manual[at] = ~np.isnan(lights.hold[at])
    reported.supply[g] = gateways.mains[g]
    reported.lit[g] = gateways.lit[g]


def light_records(
    lights: LightColumns, devices: Sequence[str], at: Indices, *, full: bool, rng: np.random.Generator
) -> Iterator[Record]:
    """Level, control and power of lights; energy, burning time and temperature too when `full`."""
    noise = 1.0 + METER_NOISE * rng.standard_normal(len(at))
    level = np.round(lights.level[at].astype(np.float64), 4).tolist()
    power = np.round(np.maximum(lights.power_w[at] * noise, 0.0), 1).tolist()
    manual = (~np.isnan(lights.hold[at])).tolist()
    energy = lights.energy_j[at].astype(np.int64).tolist()
    burning = lights.burning_s[at].astype(np.int64).tolist()
    temperature = np.round(lights.temperature_c[at].astype(np.float64), 1).tolist()
    for place, index in enumerate(at.tolist()):
        yield Record(bn=f"{devices[index]}/", n="level", v=level[place])
        yield Record(n="control", vs="manual" if manual[place] else "programme")
        yield Record(n="power", v=power[place])
        if full:
            yield Record(n="energy", v=energy[place])
            yield Record(n="burning", v=burning[place])
            yield Record(n="temperature", v=temperature[place])


def cabinet_records(gateways: GatewayColumns, g: int, gateway: str) -> Iterator[Record]:
    """What the cabinet measures of itself."""
    mains = bool(gateways.mains[g])
    yield Record(bn=f"{gateway}/", n="supply", vb=mains)
    if gateways.has_permanent[g]:
        yield Record(n="feeder_permanent", vb=mains)
    if gateways.has_switched[g]:
        yield Record(n="feeder_switched", vb=mains and bool(gateways.lit[g]))
    yield Record(n="power", v=round(float(gateways.power_w[g]), 1))
    for phase, power_w in enumerate(gateways.phases_w[g].tolist(), 1):
        yield Record(n=f"power_l{phase}", v=round(power_w, 1))
    yield Record(n="asked", v=round(float(gateways.asked[g]), 3))
    yield Record(n="energy", v=int(gateways.energy_j[g]))
