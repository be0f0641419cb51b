"""What of one lamp is an alarm: out, burning by day, cycling, off its usual power, deaf to its level."""

from typing import Any

import numpy as np

from ondijon.domains.lighting.model import STREETLIGHT
from ondijon.domains.lighting.rules.faults.drive import DARK_SHARE, LIT_FROM_PCT
from ondijon.domains.lighting.rules.faults.lamps import LEARNED_AFTER_H, TOGETHER
from ondijon.kernel.alarms import AlarmSpec, AlarmView, Priority
from ondijon.kernel.arrays import Bools, Floats, Ints32

LIT_SHARE = 0.25
BURNING_SHARE = 0.3
COLD_SHARE = 0.2
# Twice out within ten minutes of light, or more often within longer: each time counts less the longer it is ago.
CYCLES_FROM, CALM_BELOW = 1.6, 0.6
DRIFTED, USUAL = 0.13, 0.08


def is_lamp_out(view: AlarmView, rows: Ints32) -> Bools:
    """Light asked for, no power drawn: below 15 % of what the level should draw (a driver's standby is less)."""
    level = view.columns["level_pct"][rows]
    power = view.columns["power_w"][rows]
    rated = view.twins.numbers("rated_power_w")[rows]
    out: Bools = (level >= LIT_FROM_PCT) & (power < DARK_SHARE * rated * level / 100.0)
    return out


def is_lamp_lit_again(view: AlarmView, rows: Ints32) -> Bools:
    """Light is asked for and at least 25 % of what the level should draw is drawn (unlit, it stays what it was)."""
    level = view.columns["level_pct"][rows]
    power = view.columns["power_w"][rows]
    rated = view.twins.numbers("rated_power_w")[rows]
    lit: Bools = (level >= LIT_FROM_PCT) & (power >= LIT_SHARE * rated * level / 100.0)
    return lit


def is_day_burner(view: AlarmView, rows: Ints32) -> Bools:
    """No light asked for, power drawn all the same."""
    level = view.columns["level_pct"][rows]
    power = view.columns["power_w"][rows]
    burning: Bools = (level <= 0.0) & (power > BURNING_SHARE * view.twins.numbers("rated_power_w")[rows])
    return burning


def is_burner_off(view: AlarmView, rows: Ints32) -> Bools:
    """Light is asked for, or less than 20 % of the rated power is drawn."""
    level = view.columns["level_pct"][rows]
    power = view.columns["power_w"][rows]
    off: Bools = (level > 0.0) | (power < COLD_SHARE * view.twins.numbers("rated_power_w")[rows])
    return off


def is_cycling(view: AlarmView, rows: Ints32) -> Bools:
    """It went out by itself twice within about ten minutes of light, or more often within longer."""
    cycling: Bools = view.columns["cycling"][rows] >= CYCLES_FROM
    return cycling


def is_steady(view: AlarmView, rows: Ints32) -> Bools:
    """About half an hour of light without going out."""
    steady: Bools = view.columns["cycling"][rows] < CALM_BELOW
    return steady


def _stray(view: AlarmView, rows: Ints32) -> Floats:
    columns = view.columns
    known = columns["learned_h"][rows] >= LEARNED_AFTER_H
    stray: Floats = np.where(known, np.abs(columns["power_ratio"][rows] / columns["usual_ratio"][rows] - 1.0), 0.0)
    return stray


def has_drifted(view: AlarmView, rows: Ints32) -> Bools:
    """Lit, following its level, and 13 % or more off the power that is usual for this lamp."""
    columns = view.columns
    lit = columns["power_ratio"][rows] >= DARK_SHARE
    drifted: Bools = (_stray(view, rows) >= DRIFTED) & lit & ~(columns["stuck_level_pct"][rows] >= 0.0)
    return drifted


def is_usual_again(view: AlarmView, rows: Ints32) -> Bools:
    """Within 8 % of its usual power, or no longer a matter of drift: out, or stuck."""
    columns = view.columns
    other = (columns["power_ratio"][rows] < DARK_SHARE) | (columns["stuck_level_pct"][rows] >= 0.0)
    usual: Bools = (_stray(view, rows) < USUAL) | other
    return usual


def is_stuck(view: AlarmView, rows: Ints32) -> Bools:
    """It draws the power of another level than the one it reports, and does not follow."""
    stuck: Bools = view.columns["stuck_level_pct"][rows] >= 0.0
    return stuck


def is_told_otherwise(view: AlarmView, rows: Ints32) -> Bools:
    """A stuck lamp that is dark is out, one that burns while none is asked for is a day burner: one word is enough."""
    dark: Bools = view.columns["power_ratio"][rows] < DARK_SHARE
    return dark | is_day_burner(view, rows)


def show_lamp(view: AlarmView, row: int) -> dict[str, Any]:
    """What the lamp said when the alarm was raised."""
    return {
        "level_pct": round(float(view.columns["level_pct"][row]), 1),
        "power_w": round(float(view.columns["power_w"][row]), 1),
        "rated_power_w": float(view.twins.numbers("rated_power_w")[row]),
    }


def show_usual(view: AlarmView, row: int) -> dict[str, Any]:
    """What it draws in % of its usual power at this level, and over how many hours that was learned."""
    ratio, usual = (float(view.columns[key][row]) for key in ("power_ratio", "usual_ratio"))
    learned_h = round(float(view.columns["learned_h"][row]), 1)
    return {**show_lamp(view, row), "of_usual_pct": round(100.0 * ratio / usual), "learned_h": learned_h}


def show_stuck(view: AlarmView, row: int) -> dict[str, Any]:
    """The level that its power stands for."""
    return {**show_lamp(view, row), "stuck_level_pct": round(float(view.columns["stuck_level_pct"][row]))}


LAMP_ALARMS = (
    AlarmSpec(
        key="lighting.lamp_out",
        twin_type=STREETLIGHT.key,
        priority=Priority.MEDIUM,
        response_s=5 * 86_400,
        predicate=is_lamp_out,
        evidence=show_lamp,
        # A single lamp may be cycling, which a dark minute or two does not tell; several at once are at once an alarm.
        on_delay_s=240.0,
        off_delay_s=3.0,
        path="supply",
        clears=is_lamp_lit_again,
        suppressed=is_cycling,
        together_from=TOGETHER,
    ),
    AlarmSpec(
        key="lighting.day_burner",
        twin_type=STREETLIGHT.key,
        priority=Priority.LOW,
        response_s=15 * 86_400,
        predicate=is_day_burner,
        evidence=show_lamp,
        on_delay_s=120.0,
        off_delay_s=3.0,
        path="supply",
        clears=is_burner_off,
    ),
    AlarmSpec(
        key="lighting.cycling",
        twin_type=STREETLIGHT.key,
        priority=Priority.LOW,
        response_s=15 * 86_400,
        predicate=is_cycling,
        evidence=show_lamp,
        clears=is_steady,
    ),
    AlarmSpec(
        key="lighting.power_drift",
        twin_type=STREETLIGHT.key,
        priority=Priority.LOW,
        response_s=30 * 86_400,
        predicate=has_drifted,
        evidence=show_usual,
        on_delay_s=300.0,
        off_delay_s=300.0,
        clears=is_usual_again,
    ),
    AlarmSpec(
        key="lighting.wrong_level",
        twin_type=STREETLIGHT.key,
        priority=Priority.MEDIUM,
        response_s=10 * 86_400,
        predicate=is_stuck,
        evidence=show_stuck,
        on_delay_s=120.0,
        off_delay_s=120.0,
        suppressed=is_told_otherwise,
    ),
)
