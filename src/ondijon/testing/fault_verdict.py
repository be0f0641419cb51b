"""Compares the alarms of a played script with its truth: found in time, of the right kind, at the right place."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from msgspec import Struct

from ondijon.kernel.city import City
from ondijon.kernel.grouping import AlarmKinds, Grouper, Signals
from ondijon.simulator.breakdowns import Plot, Script, Stage
from ondijon.simulator.field.truth import FaultKind
from ondijon.testing.breakdowns import CABINET, LIGHT, Listener, Told

# For so long after a repair an alarm may still be raised on what was seen before.
AFTER_S = 600.0
TOLERANCE = 0.25
RIGHT: dict[str, tuple[FaultKind, ...]] = {
    "lamp_out": ("lamp_out", "phase_loss", "circuit_loss"),
    "day_burner": ("day_burner",),
    "cycling": ("cycling",),
    "power_drift": ("power_drift", "slow_drift"),
    # A day burner does not dim by night either: both words are true of it.
    "wrong_level": ("wrong_level", "day_burner"),
    "cable_stolen": ("stolen_cable",),
    "cabinet_lost": ("cabinet_loss",),
    "gateway_lost": ("gateway_loss",),
}
METERED_RIGHT: dict[str, tuple[FaultKind, ...]] = {
    "lights_missing": ("lamp_out",),
    "part_dark": ("phase_loss", "circuit_loss"),
    "unexplained_load": ("day_burner",),
    "cable_stolen": ("stolen_cable",),
    "cabinet_lost": ("cabinet_loss",),
    "gateway_lost": ("gateway_loss",),
}
PHASE_NAMES = ("L1", "L2", "L3")
GROUPED = {"phase_loss": "phase", "circuit_loss": "circuit"}


class Count(Struct):
    """Found in time, missed, and alarms for which there is no such fault."""

    found: int = 0
    missed: int = 0
    false: int = 0

    @property
    def f1(self) -> float:
        wrong = self.missed + self.false
        return 2.0 * self.found / (2.0 * self.found + wrong) if self.found or wrong else 1.0


class Verdict(Struct):
    """Counts by kind of fault (false ones under the kind of alarm), what went wrong, and how fast alarms came."""

    kinds: dict[str, Count]
    wrong: list[str]
    after_s: list[float]

    @property
    def f1(self) -> float:
        counts = self.kinds.values()
        return Count(*(sum(getattr(one, key) for one in counts) for key in ("found", "missed", "false"))).f1


class Judge:
    """Listens along with a stage and judges each fault when its time is up."""

    def __init__(self, city: City, stage: Stage, listener: Listener, grouper: Grouper, *, mute: bool) -> None:
        self._city = city
        self._stage = stage
        self._listener = listener
        self._grouper = grouper
        self._mute = mute
        self._right = METERED_RIGHT if mute else RIGHT
        self._specs = [spec for manifest in city.manifests for spec in manifest.alarms]
        self._judged: set[int] = set()
        self._causes: set[tuple[str, str]] = set()
        self.kinds: dict[str, Count] = defaultdict(Count)
        self.wrong: list[str] = []
        self.after_s: list[float] = []

    def play(self, script: Script) -> Verdict:
        """The whole script."""
        self.epoch_s = 0.0
        for heard in self._stage.play(script):
            if not self._stage.plots:
                self._mature_at(heard.now_s - self._stage.epoch_s, script)
            self._listener.hear(heard)
            self.epoch_s = self._stage.epoch_s
            for number, plot in enumerate(self._stage.plots):
                if number not in self._judged and plot.due_s < np.inf:
                    self._judge(number, plot)
        for number, plot in enumerate(self._stage.plots):
            if number not in self._judged and self._is_found(plot):
                self._judge(number, plot)
        self._count_false()
        return Verdict(dict(self.kinds), self.wrong, self.after_s)

    def _mature_at(self, at_s: float, script: Script) -> None:
        """Shortly before the first fault everything counts as well known."""
        if script.strikes and at_s >= script.strikes[0].begins_s - 60.0:
            self._listener.mature()

    def _judge(self, number: int, plot: Plot) -> None:
        self._judged.add(number)
        if self._is_found(plot):
            self.kinds[plot.kind].found += 1
            self._note_time(plot)
        else:
            self.kinds[plot.kind].missed += 1
            near = [one.kind for one in self._listener.ledger.told if one.raised and self._is_at(one, plot)]
            self.wrong.append(f"missed {plot.kind} ({plot.amount:.2f}), told {sorted(set(near))}")

    def _note_time(self, plot: Plot) -> None:
        times = [
            one.at_s - self.epoch_s - plot.shown_since_s
            for one in self._listener.ledger.told
            if one.raised and plot.kind in self._right.get(one.kind, ()) and self._is_at(one, plot)
        ]
        if times:
            self.after_s.append(max(min(times), 0.0))

    def _is_found(self, plot: Plot) -> bool:
        if plot.kind in GROUPED and not self._mute:
            return self._is_grouped(plot)
        raised = [
            one
            for one in self._listener.ledger.told
            if one.raised and self._is_at(one, plot) and plot.kind in self._right.get(one.kind, ())
        ]
        if self._mute and plot.kind == "lamp_out":
            return bool(raised or self._stands("lights_missing", plot)) and self._is_number_right(plot)
        if self._mute and plot.kind == "day_burner":
            return bool(raised or self._stands("unexplained_load", plot)) and self._is_load_right(plot)
        if self._mute and plot.kind in GROUPED:
            return any(one.evidence["lost_part"] in self._parts(plot) for one in raised)
        if plot.kind == "day_burner":
            raised = [one for one in raised if one.kind != "wrong_level"]
        return bool(raised)

    def _stands(self, kind: str, plot: Plot) -> bool:
        gateway = int(self._stage.lights.gateway[plot.index])
        return (kind, self._listener.row_of_cabinet[gateway]) in self._listener.open

    def _is_number_right(self, plot: Plot) -> bool:
        gateway = int(self._stage.lights.gateway[plot.index])
        own = self._stage.lights.gateway == gateway
        truth = int(np.count_nonzero(self._stage.lights.lamp_out[own]))
        row = self._listener.row_of_cabinet[gateway]
        told = float(self._city.columns[CABINET]["missing_lights"][row])
        return abs(told - truth) <= max(1.0, TOLERANCE * truth)

    def _is_load_right(self, plot: Plot) -> bool:
        """Whether the load told by day is that of all day burners of the cabinet."""
        gateway = int(self._stage.lights.gateway[plot.index])
        lights = self._stage.lights
        own = (lights.gateway == gateway) & lights.day_burner
        truth_w = float(lights.power_w[own].sum())
        columns, row = self._city.columns[CABINET], self._listener.row_of_cabinet[gateway]
        told_w = float(columns["extra_w"][row])
        return bool(columns["level_pct"][row] > 0.0) or abs(told_w - truth_w) <= TOLERANCE * truth_w

    def _parts(self, plot: Plot) -> tuple[str, ...]:
        """What a meter may rightly say: the phase, the circuit, or a circuit where several are alike."""
        if plot.kind == "phase_loss":
            return (PHASE_NAMES[int(plot.amount)],)
        return f"circuit_{int(plot.amount)}", "circuit"

    def _is_at(self, one: Told, plot: Plot) -> bool:
        """Whether an alarm stands at the fault's place (its cabinet's where lamps are mute) and within its time."""
        at_s = one.at_s - self.epoch_s
        if not plot.begins_s - 1.0 <= at_s <= plot.ends_s + AFTER_S:
            return False
        spec = next(spec for spec in self._specs if spec.key == f"lighting.{one.kind}")
        if spec.twin_type == LIGHT:
            return any(self._listener.row_of_light[light] == one.row for light in plot.lights.tolist())
        gateway = plot.index if plot.kind not in LAMP_KINDS else int(self._stage.lights.gateway[plot.index])
        return self._listener.row_of_cabinet[gateway] == one.row

    def _is_grouped(self, plot: Plot) -> bool:
        cabinet = self._city.twins[CABINET].records[self._listener.row_of_cabinet[plot.index]].id
        kind = GROUPED[plot.kind]
        name = PHASE_NAMES[int(plot.amount)] if kind == "phase" else str(int(plot.amount))
        causes = self._find_causes()
        self._causes |= causes
        return (kind, f"{cabinet}/{kind}/{name}") in causes

    def _find_causes(self) -> set[tuple[str, str]]:
        raised: dict[tuple[str, int], Told] = {}
        for one in self._listener.ledger.told:
            if one.raised:
                raised[one.kind, one.row] = one
        standing = sorted((raised[key] for key in self._listener.open), key=lambda one: (one.at_s, one.kind, one.row))
        numbers = {spec.key: place for place, spec in enumerate(self._specs)}
        specs = [numbers[f"lighting.{one.kind}"] for one in standing]
        twins = [self._city.twins[self._specs[number].twin_type].twin_no for number in specs]
        signals = Signals(
            alarm=[UUID(int=place + 1) for place in range(len(standing))],
            spec=np.array(specs, np.int16),
            twin_no=np.array([int(twin[one.row]) for twin, one in zip(twins, standing, strict=True)], np.int32),
            raised_us=np.array([round(one.at_s * 1e6) for one in standing], np.int64),
            cleared_us=np.zeros(len(standing), np.int64),
            priority=np.array([int(self._specs[number].priority) for number in specs], np.uint8),
            apart=np.zeros(len(standing), np.bool_),
        )
        causes = self._grouper.find_causes(signals, [], self._listener.now_us)
        return {(one.kind, one.element) for one in causes}

    def _count_false(self) -> None:
        told: Counter[tuple[str, int]] = Counter()
        for one in self._listener.ledger.told:
            if not one.raised:
                continue
            fitting = self._right.get(one.kind, ())
            if any(plot.kind in fitting and self._is_at(one, plot) for plot in self._stage.plots):
                continue
            told[one.kind, one.row] += 1
            near = sorted({plot.kind for plot in self._stage.plots if self._is_at(one, plot)})
            self.wrong.append(f"false {one.kind} where {near} {one.evidence}")
        for kind, _ in told:
            self.kinds[fault_of(kind)].false += 1
        self._count_false_causes()

    def _count_false_causes(self) -> None:
        true = set()
        for plot in self._stage.plots:
            if plot.kind in GROUPED:
                cabinet = self._city.twins[CABINET].records[self._listener.row_of_cabinet[plot.index]].id
                kind = GROUPED[plot.kind]
                name = PHASE_NAMES[int(plot.amount)] if kind == "phase" else str(int(plot.amount))
                true.add((kind, f"{cabinet}/{kind}/{name}"))
        for kind, element in self._causes - true:
            if kind in GROUPED.values():
                self.kinds[f"{kind}_loss"].false += 1
                self.wrong.append(f"false cause {kind} {element}")


LAMP_KINDS = ("lamp_out", "day_burner", "cycling", "power_drift", "slow_drift", "wrong_level")


def fault_of(kind: str) -> str:
    """The kind of fault that an alarm speaks of."""
    return METERED_RIGHT.get(kind, RIGHT.get(kind, (kind,)))[0] if kind not in RIGHT else RIGHT[kind][0]


def kinds_of(city: City) -> AlarmKinds:
    """All kinds of alarm of a city."""
    return AlarmKinds(tuple(spec.key for manifest in city.manifests for spec in manifest.alarms))


def false_alarms(listener: Listener, offline: Sequence[int]) -> list[Told]:
    """What was raised in days on which nothing but these gateways' links failed."""
    rows = {listener.row_of_cabinet[g] for g in offline}
    return [one for one in listener.ledger.told if one.raised and not (one.kind == "gateway_lost" and one.row in rows)]
