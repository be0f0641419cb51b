"""What a lamp's power tells over time: its usual power, how far it strays, whether it cycles or ignores its level."""

import math

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.faults.drive import DARK_SHARE, LIT_FROM_PCT, level_at, share_at
from ondijon.kernel.arrays import Bools, Floats, Ints32, Ints64
from ondijon.kernel.detectors import Derived, DetectorView
from ondijon.kernel.readings import NEVER

LIGHT, CABINET = "Streetlight", "StreetlightControlCabinet"
WRITES = ("power_ratio", "usual_ratio", "learned_h", "cycling", "stuck_level_pct")
NOT_STUCK = -1.0
TOLD_STEPS = (0.03, 0.03, math.inf, 0.5, 5.0)

SAME_REPORT_US = 2_000_000
# Reports of the same lighting hours: a longer silence (day, lost packs) says nothing of how a value got where it is.
ONE_RUN_S = 150.0
LONGEST_STEP_S = 300.0
CYCLE_MEMORY_S = 1_200.0
# As many lamps of one cabinet that go out in one report are a circuit's doing, not each lamp's.
TOGETHER = 3
LEARNED_AFTER_H = 0.25
# After so long the usual power hardly moves: a drift of more than 0.1 % a night is seen, ageing (0.6 % a year) is not.
LEARNS_OVER_H = 1_000.0
SOUND = 0.10
ASTRAY = 0.13
JUMP = 0.12
DIMMED_TO_PCT = 80.0
FULL_FROM_PCT, FULL_TO_PCT = 92.0, 108.0
LOWEST_TO_PCT = 40.0
FOLLOWS_PCT = 15.0


# ratio = power / (rated power x share at its level): the same at every level while the lamp is sound. A lamp that ages
# or loses modules keeps one ratio at all levels and gets there slowly; one that ignores its level keeps its power, so
# that the ratio jumps. A lamp at the end of its life goes out, cools and starts again.


class _Seen(Struct, frozen=True, eq=False):
    """Fresh reports of lit lamps: the rows, what they say, and what was derived of them before."""

    rows: Ints32
    at_us: Ints64
    gap_s: Floats
    level_pct: Floats
    ratio: Floats
    dark: Bools
    before: Floats
    usual: Floats
    learned_h: Floats
    cycling: Floats
    stuck_pct: Floats

    def stray(self, ratio: Floats) -> Floats:
        """How far a ratio is off the usual one, as a share of it; NaN until that is learned."""
        known = np.where(self.learned_h >= LEARNED_AFTER_H, self.usual, np.nan)
        return np.asarray(ratio / known - 1.0)


def evolve_lamps(view: DetectorView, rows: Ints32) -> Derived:
    """Take in what these lamps reported; late and repeated reports are not newer than what is known, so do nothing."""
    seen = _see(view, rows)
    family = view.twins[LIGHT].rows_of_parents(view.twins[CABINET])[seen.rows] + 1
    learned_h, usual = _learn(seen)
    values = np.stack((seen.ratio, usual, learned_h, _count_outs(seen, family), _stick(seen)))
    return Derived(seen.rows, values, seen.at_us)


def _see(view: DetectorView, rows: Ints32) -> _Seen:
    columns, twins = view.columns[LIGHT], view.twins[LIGHT]
    at_us, known_us = columns.observed("power_w")[rows], columns.observed("power_ratio")[rows]
    level_pct, rated_w = columns["level_pct"][rows], twins.numbers("rated_power_w")[rows]
    together = np.abs(columns.observed("level_pct")[rows] - at_us) <= SAME_REPORT_US
    usable = (at_us > known_us) & together & (level_pct >= LIT_FROM_PCT) & (rated_w > 0.0)
    rows, at_us, known_us = rows[usable], at_us[usable], known_us[usable]
    level_pct, power_w, rated_w = level_pct[usable], columns["power_w"][rows], rated_w[usable]
    return _Seen(
        rows=rows,
        at_us=at_us,
        gap_s=np.where(known_us == NEVER, np.inf, (at_us - known_us) / 1e6),
        level_pct=level_pct,
        ratio=power_w / (rated_w * share_at(level_pct)),
        dark=power_w < DARK_SHARE * rated_w * level_pct / 100.0,
        before=columns["power_ratio"][rows],
        usual=columns["usual_ratio"][rows],
        learned_h=np.nan_to_num(columns["learned_h"][rows]),
        cycling=np.nan_to_num(columns["cycling"][rows]),
        stuck_pct=np.nan_to_num(columns["stuck_level_pct"][rows], nan=NOT_STUCK),
    )


def _learn(seen: _Seen) -> tuple[Floats, Floats]:
    """The mean over the hours seen so far, at most 1,000; of a lamp that strays hardly anything is learned."""
    step_h = np.where(seen.dark | (seen.gap_s > LONGEST_STEP_S), 0.0, np.minimum(seen.gap_s, LONGEST_STEP_S) / 3600.0)
    sound = ~(np.abs(seen.stray(seen.ratio)) > SOUND)
    weight = step_h / (np.where(sound, seen.learned_h, LEARNS_OVER_H) + np.maximum(step_h, 1e-9))
    usual = np.where(np.isnan(seen.usual), seen.ratio, seen.usual)
    usual = np.where(seen.dark, seen.usual, usual + weight * (seen.ratio - usual))
    learned_h = np.minimum(seen.learned_h + np.where(sound, step_h, 0.0), LEARNS_OVER_H)
    return learned_h, usual


def _count_outs(seen: _Seen, family: Ints32) -> Floats:
    """How often the lamp went out by itself, each time forgotten over 20 minutes of light."""
    goes_out = seen.dark & (seen.before >= DARK_SHARE)
    outs = np.bincount(family[goes_out], minlength=int(family.max(initial=0)) + 1)
    alone = goes_out & (outs[family] < TOGETHER)
    kept: Floats = seen.cycling * np.exp(-np.minimum(seen.gap_s, LONGEST_STEP_S) / CYCLE_MEMORY_S) + alone
    return kept


def _stick(seen: _Seen) -> Floats:
    """The level that the lamp burns at whatever it is asked, NOT_STUCK where it follows.

    It sticks where its ratio jumps from one report to the next; where it strays after a silence, only at full light
    while dimmed (an open control line) or at the lowest levels (a shorted one): else it is drift until it jumps.
    It follows again when it draws what is usual at another level than the one it was stuck at.
    """
    stray = seen.stray(seen.ratio)
    drawn_pct = level_at(seen.ratio * share_at(seen.level_pct) / seen.usual)
    lit = ~seen.dark & ~np.isnan(stray)
    astray = lit & (np.abs(stray) > ASTRAY)
    was_lit = seen.before >= DARK_SHARE
    in_a_run = was_lit & (seen.gap_s <= ONE_RUN_S)
    jumps = in_a_run & (np.abs(seen.ratio / np.where(was_lit, seen.before, 1.0) - 1.0) > JUMP)
    full = (seen.level_pct <= DIMMED_TO_PCT) & (drawn_pct >= FULL_FROM_PCT) & (drawn_pct <= FULL_TO_PCT)
    lowest = (seen.level_pct >= DIMMED_TO_PCT) & (drawn_pct <= LOWEST_TO_PCT)
    anew = (seen.gap_s > ONE_RUN_S) & (np.abs(seen.stray(seen.before)) < SOUND)
    sticks = astray & (jumps | (anew & (full | lowest)))
    sticks |= astray & (seen.stuck_pct >= 0.0)
    follows = lit & (np.abs(stray) < SOUND) & (np.abs(seen.level_pct - seen.stuck_pct) > FOLLOWS_PCT)
    stuck: Floats = np.where(sticks, np.maximum(drawn_pct, 0.0), np.where(follows, NOT_STUCK, seen.stuck_pct))
    return stuck
