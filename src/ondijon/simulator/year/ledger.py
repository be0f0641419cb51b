"""What each way of lighting took and gave, street by street."""

import numpy as np

from ondijon.kernel.arrays import Floats
from ondijon.simulator.field.physics import STANDBY_W, power_at
from ondijon.simulator.year.street import Streets

SCENARIOS = ("baseline", "led", "static", "adaptive")
_LED = (*SCENARIOS[1:], "needed")
_STEP_H = 1.0 / 60.0
SLACK_PCT = 0.5


class Ledger:
    """Energy in kWh and minutes below the needed class, by zone and scenario; lit minutes of the year.

    Beside the scenarios `needed`: light that follows the need exactly, which nobody can.
    """

    def __init__(self, streets: Streets) -> None:
        self._streets = streets
        self.kwh: dict[str, Floats] = {name: np.zeros(len(streets)) for name in (SCENARIOS[0], *_LED)}
        self.under_min: dict[str, Floats] = {name: np.zeros(len(streets)) for name in _LED}
        self.deepest_pct: dict[str, Floats] = {name: np.zeros(len(streets)) for name in _LED}
        self.lit_min = 0
        self.steered_min = 0.0

    def note(self, needed_pct: Floats, levels: dict[str, Floats]) -> None:
        """One lit minute; levels of the LED scenarios by zone."""
        self.lit_min += 1
        self.kwh["baseline"] += self._streets.sodium_w * (_STEP_H / 1e3)
        for name, level_pct in (*levels.items(), ("needed", needed_pct)):
            self.kwh[name] += self.power_w(level_pct) * (_STEP_H / 1e3)
            missing = needed_pct - level_pct
            self.under_min[name] += missing > SLACK_PCT
            np.maximum(self.deepest_pct[name], missing, out=self.deepest_pct[name])

    def rest(self, unlit_h: float) -> None:
        """Standby of the LED drivers' nodes while it is light."""
        for name in _LED:
            self.kwh[name] += self._streets.lights * (STANDBY_W * unlit_h / 1e3)

    def power_w(self, level_pct: Floats) -> Floats:
        """What a zone's luminaires draw, by the same curve as the simulated field's."""
        share = (level_pct / 100.0).astype(np.float32)
        unit = power_at(share, np.ones_like(share), np.ones_like(share)).astype(np.float64) - STANDBY_W
        power: Floats = self._streets.led_w * np.where(share > 0.0, unit, 0.0) + self._streets.lights * STANDBY_W
        return power

    def saving_pct(self, scenario: str) -> float:
        """Against the baseline, over all streets."""
        return float(100.0 * (1.0 - self.kwh[scenario].sum() / self.kwh["baseline"].sum()))
