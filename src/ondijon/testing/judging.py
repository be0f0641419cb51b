"""Judges a grouping of alarms against the truth of a night, asked again and again as the annunciator would."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Ints64
from ondijon.kernel.grouping import AlarmKinds, Cause, Grouper, Signals
from ondijon.simulator.outages import Night

BASE_US = 1_790_000_000_000_000
EVERY_S = 5.0
QUIET_S = 60.0
KEPT_S = 600.0
SETTLED_S = 30.0
ALONE = ("single", "")
Answer = tuple[str, str]


class Score(Struct, frozen=True):
    """precision: of all alarms put under a cause, those under the true one; recall: of all that have one, the same.

    by_cause, by_root: the same as means over the causes told and over the true roots, so that a feeder's two thousand
    alarms weigh no more than a circuit's twelve.
    """

    precision: float
    recall: float
    by_cause: float
    by_root: float
    grouped: int
    rooted: int
    wrong: dict[str, int]

    @property
    def worst(self) -> float:
        return min(self.precision, self.recall)

    @property
    def worst_mean(self) -> float:
        return min(self.by_cause, self.by_root)


class Verdict(Struct, frozen=True):
    """Once every report of a root is in, and just before each alarm clears; milliseconds of the calls."""

    settled: Score
    end: Score
    alarms: int
    calls: int
    slowest_ms: float
    most_signals: int

    @property
    def worst(self) -> float:
        return min(self.settled.worst, self.end.worst)

    @property
    def worst_mean(self) -> float:
        return min(self.settled.worst_mean, self.end.worst_mean)


def judge(grouper: Grouper, kinds: AlarmKinds, night: Night) -> Verdict:
    """Play the night in steps of five seconds; the grouping sees what stands and what is gone for ten minutes."""
    alarms = night.alarms
    ids = [UUID(int=number + 1) for number in range(len(alarms))]
    spec = np.array([kinds.keys.index(night.keys[key]) for key in alarms.key.tolist()], np.int16)
    priority = np.array([night.priorities[key] for key in alarms.key.tolist()], np.uint8)
    steps = _steps(night)
    settled_at, end_at = _moments(night, steps)
    answers: dict[str, list[Answer]] = {"settled": [ALONE] * len(alarms), "end": [ALONE] * len(alarms)}
    standing: list[Answer] = []
    slowest_ms, most = 0.0, 0
    for step, now_s in enumerate(steps.tolist()):
        seen = np.flatnonzero((alarms.raised_s <= now_s) & (alarms.cleared_s > now_s - KEPT_S))
        signals = _signals(night, ids, spec, priority, seen, now_s)
        began = time.perf_counter()
        causes = grouper.find_causes(signals, standing, BASE_US + int(now_s * 1e6))
        slowest_ms, most = max(slowest_ms, (time.perf_counter() - began) * 1e3), max(most, len(seen))
        standing = [(cause.kind, cause.element) for cause in causes]
        named = _named(causes, seen)
        for moment, at in (("settled", settled_at), ("end", end_at)):
            for alarm in seen[at[seen] == step].tolist():
                answers[moment][alarm] = named.get(alarm, ALONE)
    settled, end = (_score(night, answers[moment]) for moment in ("settled", "end"))
    return Verdict(settled, end, len(alarms), len(steps), round(slowest_ms, 1), most)


def _signals(
    night: Night, ids: list[UUID], spec: np.ndarray, priority: np.ndarray, seen: Ints64, now_s: float
) -> Signals:
    alarms = night.alarms
    cleared = np.where(alarms.cleared_s[seen] <= now_s, BASE_US + alarms.cleared_s[seen] * 1e6, 0)
    return Signals(
        alarm=[ids[alarm] for alarm in seen.tolist()],
        spec=spec[seen],
        twin_no=alarms.twin_no[seen],
        raised_us=(BASE_US + alarms.raised_s[seen] * 1e6).astype(np.int64),
        cleared_us=cleared.astype(np.int64),
        priority=priority[seen],
        apart=np.zeros(len(seen), np.bool_),
    )


def _steps(night: Night) -> np.ndarray:
    """Every five seconds while something changes, each minute otherwise."""
    changes = np.concatenate((night.alarms.raised_s, night.alarms.cleared_s))
    grid = np.unique(np.concatenate((np.ceil(changes / EVERY_S), np.ceil((night.alarms.cleared_s) / EVERY_S) - 1)))
    regular = np.arange(0, night.length_s / EVERY_S, QUIET_S / EVERY_S)
    settle = np.ceil((night.alarms.raised_s + SETTLED_S) / EVERY_S)
    steps = np.unique(np.concatenate((grid, regular, settle))) * EVERY_S
    return np.asarray(steps[(steps > 0) & (steps <= night.length_s + 7_200.0)])


def _moments(night: Night, steps: np.ndarray) -> tuple[Ints64, Ints64]:
    """The step at which each alarm is judged: when its root's last report is in, and the last before it clears."""
    alarms = night.alarms
    last_s = np.zeros(len(night.roots))
    np.maximum.at(last_s, alarms.root, alarms.raised_s)
    first_seen = np.searchsorted(steps, alarms.raised_s, side="left")
    last_seen = np.searchsorted(steps, alarms.cleared_s + KEPT_S, side="left") - 1
    settled = np.minimum(np.searchsorted(steps, last_s[alarms.root] + SETTLED_S, side="left"), last_seen)
    end = np.maximum(np.searchsorted(steps, alarms.cleared_s, side="left") - 1, first_seen)
    return settled, end


def _named(causes: Sequence[Cause], seen: Ints64) -> dict[int, Answer]:
    return {int(seen[member]): (cause.kind, cause.element) for cause in causes for member in cause.members.tolist()}


def _score(night: Night, answers: list[Answer]) -> Score:
    """A root of one object's alarms has no group to be found: alone is right, its own name would be too."""
    lonely = _lonely(night)
    causes: dict[Answer, list[bool]] = defaultdict(list)
    roots: dict[int, list[bool]] = defaultdict(list)
    wrong: Counter[str] = Counter()
    for answer, root_no in zip(answers, night.alarms.root.tolist(), strict=True):
        root = night.roots[root_no]
        is_right = answer == (root.kind, root.element)
        if answer != ALONE:
            causes[answer].append(is_right)
        if not lonely[root_no]:
            roots[root_no].append(is_right)
        if not is_right and not (lonely[root_no] and answer == ALONE):
            wrong[f"{root.scenario}: {root.kind} as {answer[0]}"] += 1
    precision, by_cause, grouped = _shares(causes.values())
    recall, by_root, rooted = _shares(roots.values())
    return Score(precision, recall, by_cause, by_root, grouped, rooted, dict(wrong.most_common()))


def _shares(groups: Iterable[list[bool]]) -> tuple[float, float, int]:
    """The share that is right, the mean of each group's share, and how many there are."""
    found = list(groups)
    total = sum(len(group) for group in found)
    mean = sum(sum(group) / len(group) for group in found) / max(len(found), 1)
    return sum(sum(group) for group in found) / max(total, 1), mean, total


def _lonely(night: Night) -> Bools:
    """Roots that only one object ever told of."""
    pairs = np.unique(np.column_stack((night.alarms.root, night.alarms.twin_no)), axis=0)
    return np.bincount(pairs[:, 0], minlength=len(night.roots)) < 2
