"""A commune drawn by lot: its cabinets, their old lamps, waves of renewal, programmes, lights that come and go."""

from datetime import date, timedelta

import numpy as np
from msgspec import Struct

from ondijon.simulator.metering.installation import Batch, Change, Steps

OLD_W = ((83.0, 31.0), (115.0, 52.0), (170.0, 84.0), (276.0, 130.0))  # system power, and of the LED that replaced it
FAMILY_SHARE = (0.45, 0.3, 0.2, 0.05)
PROGRAMMES: tuple[Steps, ...] = (
    (),
    ((10.5, 0.6), (13.0, 0.35), (17.5, 0.7)),
    ((11.0, 0.5), (17.0, 0.8)),
    ((12.0, 0.0), (17.0, 1.0)),
)
CHANGES_A_CABINET = 0.15
UNRECORDED = 0.1


class Town(Struct, frozen=True):
    """`declared`: cabinets whose lights before are on record; `metered_before`: whose meter saw the baseline year."""

    cabinets: int
    batches: list[Batch]
    changes: list[Change]
    declared: list[bool]
    metered_before: list[bool]


def draw_town(rng: np.random.Generator, cabinets: int, year: date) -> Town:
    """A town whose reporting year begins on `year`; most of it was renewed before, some of it in waves within."""
    programme = PROGRAMMES[int(rng.integers(len(PROGRAMMES)))]
    renewed_share = rng.uniform(0.2, 1.0)
    batches: list[Batch] = []
    for cabinet in range(cabinets):
        for _ in range(int(rng.integers(2, 5))):
            old_w, led_w = OLD_W[int(rng.choice(len(OLD_W), p=FAMILY_SHARE))]
            renewed = _draw_day(rng, year) if rng.random() < renewed_share else None
            batches.append(Batch(cabinet, int(rng.integers(6, 22)), old_w, led_w, renewed, programme))
    changes = [_draw_change(rng, cabinet, year) for cabinet in range(cabinets) if rng.random() < CHANGES_A_CABINET]
    declared = rng.random(cabinets) < 0.96
    metered = rng.random(cabinets) < rng.uniform(0.8, 1.0)
    return Town(cabinets, batches, changes, declared.tolist(), metered.tolist())


def _draw_day(rng: np.random.Generator, year: date) -> date:
    if rng.random() < 0.8:
        return year - timedelta(days=int(rng.integers(30, 2_000)))
    return year + timedelta(days=int(rng.integers(0, 365)))


def _draw_change(rng: np.random.Generator, cabinet: int, year: date) -> Change:
    old_w, led_w = OLD_W[int(rng.choice(len(OLD_W), p=FAMILY_SHARE))]
    day = year + timedelta(days=int(rng.integers(-700, 365)))
    lights = int(rng.choice([-4, -2, -1, 1, 2, 3, 6]))
    return Change(cabinet, day, lights, old_w, led_w, bool(rng.random() >= UNRECORDED))
