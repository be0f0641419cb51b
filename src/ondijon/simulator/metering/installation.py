"""What cabinets really use each night: old lamps with ballasts, LED with steps, outages, voltage, worn contactors."""

from datetime import date

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from ondijon.simulator.metering.sky import Sky

Doubles = NDArray[np.float64]
Steps = tuple[tuple[float, float], ...]  # hours since noon, level from then on

CONTROLLER_KW = 0.009
LINE_LOSS = 0.02
# Old lamps drift up in power over four years, then a whole cabinet is relamped.
RELAMP_YEARS, RISE = 4.0, 0.03
OUT_OLD, OUT_LED = 0.02, 0.005


class Batch(Struct, frozen=True):
    """Lights of one cabinet (row) that were alike and were renewed on one day; None = not renewed."""

    cabinet: int
    lights: int
    old_w: float
    led_w: float
    renewed: date | None = None
    steps: Steps = ()


class Change(Struct, frozen=True):
    """Lights that came or went at a cabinet; recorded: whether the inventory was told."""

    cabinet: int
    day: date
    lights: int
    old_w: float
    led_w: float
    recorded: bool = True


class Use(Struct, frozen=True, eq=False):
    """kWh by cabinet and night: what was used, and what the old installation would have used in the same night."""

    actual_kwh: Doubles
    old_kwh: Doubles


class _Weather(Struct, frozen=True, eq=False):
    """By cabinet and night: voltage as a factor of power, minutes that the contactor is off, relamping's rise."""

    voltage: Doubles
    off_h: Doubles
    rise: Doubles


def use_of(
    cabinets: int,
    batches: list[Batch],
    changes: list[Change],
    sky: Sky,
    character: np.random.Generator,
    rng: np.random.Generator,
) -> Use:
    """`character` draws what stays with a cabinet over the years, `rng` what is new each night."""
    weather = _draw_weather(cabinets, sky, character, rng)
    hours = np.maximum(sky.off_h - sky.on_h + weather.off_h, 0.0)
    old_kw, led_kwh = np.zeros(hours.shape), np.zeros(hours.shape)
    lit_old_kw = np.zeros(hours.shape)
    days = np.array(sky.days, "datetime64[D]")
    tolerance = character.normal(1.0, 0.03, len(batches))
    for place, batch in enumerate(batches):
        old_kw[batch.cabinet] += batch.lights * batch.old_w / 1000.0 * tolerance[place]
        is_led = np.zeros(len(days), np.bool_) if batch.renewed is None else days >= np.datetime64(batch.renewed)
        lit_old_kw[batch.cabinet] += np.where(is_led, 0.0, batch.lights * batch.old_w / 1000.0 * tolerance[place])
        watts = batch.led_w * character.normal(1.0, 0.02)
        led_kwh[batch.cabinet] += np.where(is_led, batch.lights * watts / 1000.0 * drive_hours(batch.steps, sky), 0.0)
    for change in changes:
        since = days >= np.datetime64(change.day)
        old_kw[change.cabinet] += since * change.lights * change.old_w / 1000.0
        led_kwh[change.cabinet] += since * change.lights * change.led_w / 1000.0 * drive_hours((), sky)
    lit_old = 1.0 - rng.normal(OUT_OLD, OUT_OLD / 4, (cabinets, 1)).clip(0.0)
    lit_led = 1.0 - rng.normal(OUT_LED, OUT_LED / 4, (cabinets, 1)).clip(0.0)
    worn = lit_old * weather.voltage * weather.rise * hours * (1.0 + LINE_LOSS)
    fixed = CONTROLLER_KW * sky.length_h
    actual = lit_old_kw * worn + led_kwh * lit_led * (1.0 + LINE_LOSS) + fixed
    return Use(actual, np.maximum(old_kw, 0.0) * worn + fixed)


def drive_hours(steps: Steps, sky: Sky) -> Doubles:
    """Hours of full power that a LED of this programme uses each night; fixed losses make half the light dearer."""
    bounds = np.array([at for at, _ in steps], np.float64)
    levels = np.array([1.0, *(level for _, level in steps)])
    edges = np.clip(bounds[:, None], sky.on_h, sky.off_h)
    edges = np.vstack((sky.on_h[None, :], edges, sky.off_h[None, :]))
    share = np.where(levels > 0.0, 0.06 + 0.88 * levels + 0.06 * levels**2, 0.0)
    hours: Doubles = (np.diff(edges, axis=0).clip(0.0) * share[:, None]).sum(axis=0)
    return hours


def _draw_weather(cabinets: int, sky: Sky, character: np.random.Generator, rng: np.random.Generator) -> _Weather:
    nights = len(sky.days)
    volts = character.normal(0.0, 0.01, (cabinets, 1)) + _red_noise(rng, (cabinets, nights), 0.008, 0.6)
    contactor_h = character.normal(0.0, 6.0, (cabinets, 1)) / 60.0
    # A dark evening makes a photocell of the old kind close early, in the whole town at once.
    clouds_h = _red_noise(rng, (1, nights), 6.0, 0.3) / 60.0 + rng.normal(0.0, 2.0, (cabinets, nights)) / 60.0
    since_years = np.array([day.toordinal() for day in sky.days]) / 365.25
    age = (since_years + character.uniform(0.0, RELAMP_YEARS, (cabinets, 1))) % RELAMP_YEARS
    return _Weather((1.0 + volts) ** 1.6, contactor_h + clouds_h, 1.0 + RISE * (age / RELAMP_YEARS - 0.5))


def _red_noise(rng: np.random.Generator, shape: tuple[int, int], sd: float, memory: float) -> Doubles:
    white = rng.normal(0.0, sd * (1.0 - memory**2) ** 0.5, shape)
    red = np.empty(shape)
    red[:, 0] = rng.normal(0.0, sd, shape[0])
    for night in range(1, shape[1]):
        red[:, night] = memory * red[:, night - 1] + white[:, night]
    return red
