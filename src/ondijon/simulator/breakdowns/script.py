"""The script: which fault strikes whom and when, how long it lasts, and when the night begins and dims."""

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

from ondijon.simulator.field.columns import LightColumns
from ondijon.simulator.field.truth import FaultKind

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S
STEPS_H = ((22.5, 0.6), (25.0, 0.35), (29.5, 0.7))
WARM_S = 1.25 * HOUR_S
LAMP_KINDS: dict[FaultKind, int] = {
    "lamp_out": 60,
    "day_burner": 40,
    "cycling": 40,
    "power_drift": 35,
    "slow_drift": 25,
    "wrong_level": 40,
}
CABINET_KINDS: dict[FaultKind, int] = {
    "phase_loss": 14,
    "circuit_loss": 14,
    "stolen_cable": 12,
    "cabinet_loss": 8,
    "gateway_loss": 8,
}
METERED_KINDS: dict[FaultKind, int] = {"lamp_out": 60, "day_burner": 40}
BY_DAY = 0.15
# Long enough for three last gasps.
RESERVE_S = 95.0
HEALED = 0.3


class Strike(Struct, frozen=True):
    """One fault to come: kind, place in the columns of lights or gateways, begin and end in seconds."""

    kind: FaultKind
    index: int
    begins_s: float
    ends_s: float
    amount: float


class Hold(Struct, frozen=True, eq=False):
    """An operator's order: these lights at this level from then until then."""

    lights: Sequence[int]
    begins_s: float
    ends_s: float
    level: float


class Script(Struct, frozen=True, eq=False):
    """Everything that will happen, in seconds since midnight of the first day."""

    begins_s: float
    ends_s: float
    on_h: float
    off_h: float
    strikes: Sequence[Strike]
    holds: Sequence[Hold]

    def level_at(self, at_s: float) -> float:
        """The level that programmes ask at an instant; 0 between dawn and dusk."""
        hour = (at_s % DAY_S) / HOUR_S
        hour += 24.0 if hour < 12.0 else 0.0
        if not self.on_h <= hour < self.off_h:
            return 0.0
        return next((level for from_h, level in reversed(STEPS_H) if max(from_h, self.on_h) <= hour), 1.0)


def busy_night(lights: LightColumns, gateways: int, seed: int, *, metered: bool = False) -> Script:
    """A night and the evening after it, full of faults of every kind; `metered`: those that a meter alone can tell."""
    rng = np.random.default_rng((seed, 1))
    on_h, off_h = float(rng.uniform(16.8, 20.5)), float(rng.uniform(30.0, 32.0))
    draw = _Draw(rng, lights, gateways, on_h * HOUR_S + WARM_S, off_h * HOUR_S)
    kinds = METERED_KINDS if metered else LAMP_KINDS
    strikes = [strike for kind, count in {**kinds, **CABINET_KINDS}.items() for strike in draw.strikes(kind, count)]
    begins_s = on_h * HOUR_S - 1.5 * HOUR_S
    return Script(begins_s, (on_h + 25.5) * HOUR_S, on_h, off_h, sorted(strikes, key=lambda one: one.begins_s), ())


def ordinary_days(
    lights: LightColumns, gateways: int, seed: int, hours: float = 48.0, *, metered: bool = False
) -> Script:
    """Nothing breaks but links: gateways come and go, operators hold and release, day and night come.

    metered: lamps are mute and take no orders of their own; operators hold whole cabinets alone.
    """
    rng = np.random.default_rng((seed, 2))
    begins_s, ends_s = 12.0 * HOUR_S, (12.0 + hours) * HOUR_S
    offline = [
        Strike("gateway_loss", int(rng.integers(gateways)), at_s, at_s + float(rng.uniform(30.0, 5_400.0)), 0.0)
        for at_s in np.sort(rng.uniform(begins_s, ends_s, gateways // 4)).tolist()
    ]
    holds = []
    for at_s in np.sort(rng.uniform(begins_s, ends_s, 2 * int(hours))).tolist():
        g = int(rng.integers(gateways))
        own = np.flatnonzero(lights.gateway == g)
        share = 1.0 if metered else rng.choice([0.1, 0.5, 1.0])
        chosen = own[rng.random(len(own)) < share].tolist()
        level = float(rng.choice([0.0, 0.25, 0.5, 0.8, 1.0]))
        holds.append(Hold(chosen, at_s, at_s + float(rng.uniform(300.0, 7_200.0)), level))
    on_h, off_h = float(rng.uniform(16.8, 21.5)), float(rng.uniform(29.8, 32.0))
    return Script(begins_s, ends_s, on_h, off_h, offline, holds)


class _Draw:
    """Draws who breaks, when and how; nobody twice, and no light of a cabinet that breaks as a whole."""

    def __init__(
        self, rng: np.random.Generator, lights: LightColumns, gateways: int, dusk_s: float, dawn_s: float
    ) -> None:
        self._rng = rng
        self._lights = lights
        self._span = (dusk_s, dawn_s)
        count = len(lights.gateway)
        scale = min(1.0, gateways / 160.0)
        self._scale = scale
        self._cabinets = rng.permutation(gateways)[: sum(_scaled(n, scale) for n in CABINET_KINDS.values())].tolist()
        apart = np.flatnonzero(~np.isin(lights.gateway, self._cabinets))
        self._lamps = rng.permutation(apart).tolist()
        self._count = count

    def strikes(self, kind: FaultKind, count: int) -> list[Strike]:
        """`count` faults of a kind (fewer in a small city)."""
        pool = self._cabinets if kind in CABINET_KINDS else self._lamps
        chosen = [pool.pop() for _ in range(min(_scaled(count, self._scale), len(pool)))]
        return [self._strike(kind, int(index)) for index in chosen]

    def _strike(self, kind: FaultKind, index: int) -> Strike:
        dusk_s, dawn_s = self._span
        rng = self._rng
        by_day = rng.random() < (0.5 if kind == "day_burner" else BY_DAY) and kind not in ("cabinet_loss",)
        span = (dawn_s + 0.5 * HOUR_S, dusk_s + 22.0 * HOUR_S) if by_day else (dusk_s, dawn_s - 0.75 * HOUR_S)
        begins_s = float(rng.uniform(*span))
        lasts_s = float(rng.uniform(2.0, 5.0)) * HOUR_S if rng.random() < HEALED else np.inf
        return Strike(kind, index, begins_s, begins_s + lasts_s, self._amount(kind))

    def _amount(self, kind: FaultKind) -> float:
        rng = self._rng
        match kind:
            case "cycling":
                return float(rng.uniform(150.0, 400.0))
            case "power_drift":
                return float(rng.choice([rng.uniform(1.25, 1.6), rng.uniform(0.5, 0.75)]))
            case "slow_drift":
                return float(rng.choice([rng.uniform(1.3, 1.5), rng.uniform(0.5, 0.7)]))
            case "wrong_level":
                # Control lines break open (full light) more often than they are shorted (lowest level).
                return float(rng.choice([1.0, 1.0, 1.0, rng.uniform(0.2, 0.3), np.nan]))
            case "phase_loss":
                return float(rng.integers(3))
            case "circuit_loss":
                return float(rng.integers(1, 3))
            case "stolen_cable":
                return float(rng.uniform(0.25, 0.9))
            case "cabinet_loss":
                return RESERVE_S
            case _:
                return 0.0


def _scaled(count: int, scale: float) -> int:
    return max(1, round(count * scale))
