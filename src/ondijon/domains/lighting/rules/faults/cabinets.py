"""What a cabinet's three-phase meter tells: lights without current, a dark part, a cut cable, extra load."""

import math

import numpy as np
from msgspec import Struct

from ondijon.domains.lighting.rules.faults.drive import LIT_FROM_PCT, share_at
from ondijon.domains.lighting.rules.faults.lamps import CABINET, LEARNED_AFTER_H, LIGHT, LONGEST_STEP_S
from ondijon.domains.lighting.rules.faults.losses import Loss, name_loss
from ondijon.domains.lighting.rules.faults.wiring import PHASES, Wiring, wire
from ondijon.kernel.arrays import Bools, Floats, Ints32, Ints64
from ondijon.kernel.detectors import Derived, DetectorView
from ondijon.kernel.readings import NEVER, Columns

USUALS = ("usual_l1", "usual_l2", "usual_l3")
IDLES = ("idle_l1_w", "idle_l2_w", "idle_l3_w")
FEEDERS = ("feeder_permanent", "feeder_switched")
METERS = ("power_l1_w", "power_l2_w", "power_l3_w")
WRITES = (
    "lost_share_pct",
    "missing_lights",
    "lost_part",
    "cut_lights",
    "extra_w",
    *USUALS,
    "metered_h",
    *IDLES,
    "idle_w",
)
TOLD_STEPS = (3.0, 1.0, 1.0, 1.0, 5.0, *[math.inf] * 8)
NOTHING, FIRST_PHASE = 0, 1

HEARD_S, SILENT_S = 150.0, 280.0
LEARNS_OVER_H = 200.0
LEARNS_FROM_PCT = 90.0
# A light that was replaced raises the load for good, and is believed within hours.
GAINS_OVER_S = 7_200.0
FIRST_IDLE_W, IDLE_MOST_W, IDLE_MOST_LIGHT_W = 10.0, 20.0, 0.5
IDLE_OVER_S = 3_600.0
PEERS, PEERS_PCT, PEERS_US = 8, 2.0, 600_000_000
# Of the smallest light of the phase; and of the phase, four deviations of a meter (one reading may stand for long when
# the link goes), and for the error of the curve.
SMALLEST_SHARE, ERROR_SHARE, DIMMED_ERROR, PEERS_ERROR = 0.55, 0.013, 0.03, 0.005
EXTRA_SHARE, EXTRA_ERROR = 0.5, 0.001
GONE, REST = 0.8, 0.15
PART, STRETCH = 0.06, 3.0
# Voltage drop and so losses of a lighting feeder are kept under 3 % (NF C 15-100, 525).
LINE_SHARE = 0.02
DARK_SHARE = 0.4


# Of a phase is expected: idle load + rated power x usual ratio x share at the level asked x what all cabinets do at
# that level. The usual ratio and the idle load are learned by the cabinet itself. Where lights report, they speak for
# themselves, and the meter only tells whether those that are silent draw anything.


class _Metered(Struct, frozen=True, eq=False):
    """Fresh meter values of cabinets that have supply; arrays by phase have shape (rows, 3)."""

    rows: Ints32
    at_us: Ints64
    gap_s: Floats
    level_pct: Floats
    power_w: Floats
    rated_w: Floats
    usual: Floats
    metered_h: Floats
    idle_w: Floats
    heard: Bools
    heard_w: Floats
    whole: Bools
    wiring: Wiring

    @property
    def lit(self) -> Bools:
        return np.asarray(self.level_pct >= LIT_FROM_PCT)

    @property
    def unlit(self) -> Bools:
        return np.asarray(self.level_pct <= 0.0)

    @property
    def load_w(self) -> Floats:
        """What the lights draw, by phase."""
        return np.asarray(self.power_w - self.idle_w)


def evolve_cabinets(view: DetectorView, rows: Ints32) -> Derived:
    """Take in what these cabinets' meters counted."""
    seen = _see(view, rows)
    columns = view.columns[CABINET]
    known = seen.metered_h >= LEARNED_AFTER_H
    peers = _what_peers_do(view, seen)
    expected_w = seen.rated_w * seen.usual * (share_at(seen.level_pct) * np.nan_to_num(peers, nan=1.0))[:, None]
    missing_w = np.where(known[:, None], expected_w - seen.load_w, 0.0)
    judged = seen.lit & seen.whole & known & ~seen.heard
    before = {key: np.nan_to_num(columns[key][seen.rows]) for key in WRITES[:4]}
    share, lights = _count(seen, expected_w, missing_w, np.where(np.isnan(peers), DIMMED_ERROR, PEERS_ERROR))
    # Single lights fail one by one; a stretch goes at once, and is the same one while that many are missing.
    at_once = (lights - before["missing_lights"] >= STRETCH) | (before["lost_part"] > NOTHING)
    lost = missing_w / np.maximum(expected_w, 1e-9)
    part = _name_part(seen, lost, at_once & (lights >= STRETCH), before["lost_part"])
    usual, metered_h = _learn(seen, missing_w, known)
    idle_w = _learn_idle(seen, np.isnan(columns["idle_w"][seen.rows]))
    values = (
        np.where(judged, 100.0 * share, before["lost_share_pct"]),
        np.where(judged, lights, before["missing_lights"]),
        np.where(judged, part, before["lost_part"]),
        np.where(seen.lit, _count_cut(view, seen), before["cut_lights"]),
        np.where(seen.unlit, _find_extra(seen), 0.0),
        *usual.T,
        metered_h,
        *idle_w.T,
        idle_w.sum(axis=1),
    )
    return Derived(seen.rows, np.stack(values), seen.at_us)


def _see(view: DetectorView, rows: Ints32) -> _Metered:
    columns = view.columns[CABINET]
    wiring = wire(view.twins[LIGHT], view.twins[CABINET])
    at_us, known_us = columns.observed(METERS[0])[rows], columns.observed("idle_w")[rows]
    usable = (at_us > known_us) & (columns["supply"][rows] > 0.0) & ~np.isnan(columns["level_pct"][rows])
    rows, at_us, known_us = rows[usable], at_us[usable], known_us[usable]
    heard, heard_w = _listen(view, wiring, rows, at_us)
    return _Metered(
        rows=rows,
        at_us=at_us,
        gap_s=np.where(known_us == NEVER, 0.0, np.minimum((at_us - known_us) / 1e6, LONGEST_STEP_S)),
        level_pct=columns["level_pct"][rows],
        power_w=np.stack([columns[key][rows] for key in METERS], axis=1),
        rated_w=wiring.rated_w[rows],
        usual=np.stack([columns[key][rows] for key in USUALS], axis=1),
        metered_h=np.nan_to_num(columns["metered_h"][rows]),
        idle_w=_idle_of(columns)[rows],
        heard=heard,
        heard_w=heard_w,
        whole=_is_whole(columns, wiring)[rows],
        wiring=wiring,
    )


def _listen(view: DetectorView, wiring: Wiring, rows: Ints32, at_us: Ints64) -> tuple[Bools, Floats]:
    """Whether any light of each cabinet ever reported, and what those draw together that did so lately."""
    columns = view.columns[LIGHT]
    lights, place = wiring.lights_of(rows)
    observed_us = columns.observed("power_w")[lights]
    lately = observed_us >= at_us[place] - HEARD_S * 1e6
    ever = np.bincount(place, observed_us != NEVER, minlength=len(rows)) > 0
    by_phase = place[lately] * len(PHASES) + wiring.phase[lights[lately]]
    drawn_w = np.bincount(by_phase, columns["power_w"][lights[lately]], minlength=len(rows) * len(PHASES))
    return ever, drawn_w.astype(np.float64).reshape(-1, len(PHASES))


def _is_whole(columns: Columns, wiring: Wiring) -> Bools:
    """Whether no feeder with lights is open: what hangs on an open one draws nothing, whatever level is asked."""
    open_now = np.stack([columns[key] == 0.0 for key in FEEDERS], axis=1)
    return np.asarray(~(open_now & wiring.feeders).any(axis=1), np.bool_)


def _idle_of(columns: Columns) -> Floats:
    """What every cabinet draws for itself, by phase."""
    idle_w: Floats = np.nan_to_num(np.stack([columns[key] for key in IDLES], axis=1), nan=FIRST_IDLE_W / len(PHASES))
    return idle_w


def _what_peers_do(view: DetectorView, seen: _Metered) -> Floats:
    """The median of what cabinets at the same level draw against the straight line; NaN where they are too few."""
    columns, wiring = view.columns[CABINET], seen.wiring
    level_pct = columns["level_pct"]
    power_w, usual = (np.stack([columns[key] for key in keys], axis=1) for keys in (METERS, USUALS))
    load = (power_w - _idle_of(columns)) / np.maximum(usual, 1e-3)
    ratio = np.median(load / np.maximum(wiring.rated_w, 1.0), axis=1) / share_at(level_pct)
    usable = ~np.isnan(ratio) & (columns["metered_h"] >= LEARNED_AFTER_H) & (level_pct >= LIT_FROM_PCT)
    usable &= _is_whole(columns, wiring)
    usable &= columns.observed(METERS[0]) >= view.now_us - PEERS_US
    found = np.full(len(seen.rows), np.nan)
    for level in np.unique(seen.level_pct[seen.lit]).tolist():
        peers = ratio[usable & (np.abs(level_pct - level) <= PEERS_PCT)]
        if len(peers) >= PEERS:
            found[seen.level_pct == level] = np.median(peers)
    clipped: Floats = np.clip(found, 0.9, 1.1)
    return clipped


def _count(seen: _Metered, expected_w: Floats, missing_w: Floats, known_error: Floats) -> tuple[Floats, Floats]:
    """Of each cabinet the share of its load that is missing, and how many lights that is."""
    scale = expected_w / np.maximum(seen.rated_w, 1e-9)
    sizes = [size[seen.rows] for size in (seen.wiring.smallest_w, seen.wiring.largest_w, seen.wiring.lights)]
    smallest_w, largest_w, lights = sizes
    smallest_w = np.where(lights > 0.0, smallest_w, 0.0)
    dimmed = (1.0 - seen.level_pct / 100.0)[:, None]
    common = _common_error(missing_w / np.maximum(expected_w, 1e-9), lights > 0.0, DIMMED_ERROR * dimmed)
    missing_w = missing_w - common * expected_w
    error = ERROR_SHARE + dimmed * known_error[:, None]
    least_w = np.maximum(SMALLEST_SHARE * smallest_w * scale, error * expected_w)
    real_w = np.where((missing_w > least_w) & (expected_w > 0.0), missing_w, 0.0)
    mean_w = expected_w / np.maximum(lights, 1.0)
    several = np.maximum(np.round(real_w / np.maximum(mean_w, 1e-9)), 2.0)
    count = np.where(real_w > 1.15 * largest_w * scale, several, np.sign(real_w)).sum(axis=1)
    share = real_w.sum(axis=1) / np.maximum(expected_w.sum(axis=1), 1e-9)
    return np.nan_to_num(share), np.nan_to_num(count)


def _common_error(lost: Floats, fitted: Bools, most: Floats) -> Floats:
    """What of a small loss is the same on all phases: drivers that dim otherwise than most; 0 at full light."""
    apart = np.where(fitted, np.abs(lost), np.inf)
    nearest = np.take_along_axis(lost, np.argmin(apart, axis=1)[:, None], axis=1)
    common: Floats = np.where(np.abs(nearest) <= most, nearest, 0.0)
    return np.nan_to_num(common)


def _name_part(seen: _Metered, lost: Floats, at_once: Bools, named: Floats) -> Ints32:
    """A phase of which nearly all is gone, or of what went at once the likeliest: a circuit, or a cut somewhere."""
    lost = np.nan_to_num(lost)
    gone, rest = lost >= GONE, lost <= REST
    one_phase = (gone.sum(axis=1) == 1) & (rest.sum(axis=1) == len(PHASES) - 1)
    stretch = at_once & (np.median(lost, axis=1) >= PART)
    part = np.where(one_phase, FIRST_PHASE + np.argmax(lost, axis=1), NOTHING)
    for place in np.flatnonzero(stretch & ~one_phase).tolist():
        loss = Loss(int(seen.rows[place]), float(seen.level_pct[place]), lost[place], int(named[place]))
        part[place] = name_loss(seen.wiring, loss)
    return part.astype(np.int32)


def _learn(seen: _Metered, missing_w: Floats, known: Bools) -> tuple[Floats, Floats]:
    """The mean ratio over the hours at full light; what falls by a light is not learned, what rises is within hours."""
    fit = seen.rated_w > 0.0
    ratio = seen.load_w / np.maximum(seen.rated_w * share_at(seen.level_pct)[:, None], 1e-9)
    learns = seen.lit & seen.whole & ((seen.level_pct >= LEARNS_FROM_PCT) | ~known)
    step_h = np.where(learns, seen.gap_s / 3600.0, 0.0)
    small = np.maximum(SMALLEST_SHARE * seen.wiring.smallest_w[seen.rows], ERROR_SHARE * seen.rated_w) / 2.0
    weight = (step_h / (seen.metered_h + np.maximum(step_h, 1e-9)))[:, None]
    falls = known[:, None] & (missing_w > small)
    rises = known[:, None] & (missing_w < -small)
    weight = np.where(falls, 0.0, np.where(rises, step_h[:, None] * 3600.0 / GAINS_OVER_S, weight))
    usual = np.where(np.isnan(seen.usual) & ((seen.lit & seen.whole)[:, None] & fit), ratio, seen.usual)
    usual = np.where(fit, usual + weight * (ratio - usual), seen.usual)
    return usual, np.minimum(seen.metered_h + step_h, LEARNS_OVER_H)


def _learn_idle(seen: _Metered, is_new: Bools) -> Floats:
    """What the cabinet draws for itself while no light is asked for; a load as large as a light is no idling."""
    rest_w = seen.power_w - seen.heard_w
    most_w = IDLE_MOST_W + IDLE_MOST_LIGHT_W * seen.wiring.lights[seen.rows]
    unlit = seen.unlit[:, None]
    calm = unlit & (np.abs(rest_w - seen.idle_w) <= _least_extra(seen))
    learned_w = seen.idle_w + seen.gap_s[:, None] / IDLE_OVER_S * (rest_w - seen.idle_w)
    first_w = np.where(unlit, np.clip(rest_w, 0.0, most_w), np.nan)
    idle_w: Floats = np.where(is_new[:, None], first_w, np.where(calm, learned_w, seen.idle_w))
    return idle_w


def _least_extra(seen: _Metered) -> Floats:
    """Of each phase half of its smallest light, and what the meter may err."""
    least_w: Floats = EXTRA_SHARE * seen.wiring.smallest_w[seen.rows] + EXTRA_ERROR * seen.rated_w
    return least_w


def _find_extra(seen: _Metered) -> Floats:
    """The load by day that neither idling nor a light that reports explains, in W; 0 where it is less than a light."""
    extra_w = seen.power_w - seen.idle_w - seen.heard_w
    found: Floats = np.where(extra_w > _least_extra(seen), extra_w, 0.0).sum(axis=1)
    return found


def _count_cut(view: DetectorView, seen: _Metered) -> Floats:
    """Lights that should have voltage, are silent, and of whose load the meter shows less than 40 %."""
    columns, cabinets = view.columns[LIGHT], view.columns[CABINET]
    lights, place = seen.wiring.lights_of(seen.rows)
    closed = np.where(
        seen.wiring.switched[lights],
        cabinets["feeder_switched"][seen.rows][place],
        cabinets["feeder_permanent"][seen.rows][place],
    )
    observed_us = columns.observed("power_w")[lights]
    age_s = (seen.at_us[place] - observed_us) / 1e6
    silent = (closed > 0.0) & (observed_us != NEVER) & (age_s > SILENT_S)
    drawn_w = np.where(age_s <= SILENT_S, np.nan_to_num(columns["power_w"][lights]), 0.0)
    usual = np.nan_to_num(columns["usual_ratio"][lights], nan=1.0)
    rated_w = np.nan_to_num(view.twins[LIGHT].numbers("rated_power_w")[lights])
    due_w = rated_w * usual * share_at(seen.level_pct)[place]
    silent_w = np.bincount(place[silent], due_w[silent], minlength=len(seen.rows))
    count = np.bincount(place[silent], minlength=len(seen.rows))
    left_w = seen.load_w.sum(axis=1) / (1.0 + LINE_SHARE) - np.bincount(place, drawn_w, minlength=len(seen.rows))
    return np.where(seen.heard & (left_w < DARK_SHARE * silent_w), count, 0).astype(np.float64)
