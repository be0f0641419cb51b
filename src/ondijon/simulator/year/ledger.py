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
    """Hours of full LED power and minutes below the needed class, by zone and scenario; lit minutes of the year.

    Levels do not depend on watts, so energy is made of hours for any set of luminaires.
    Beside the scenarios `needed`: light that follows the need exactly, which nobody can.
    """

    def __init__(self, streets: Streets) -> None:
        self._streets = streets
        self.full_h: dict[str, Floats] = {name: np.zeros(len(streets)) for name in _LED}
        self.under_min: dict[str, Floats] = {name: np.zeros(len(streets)) for name in _LED}
        self.deepest_pct: dict[str, Floats] = {name: np.zeros(len(streets)) for name in _LED}
        self.lit_min = 0
        self.unlit_h = 0.0
        self.steered_min = 0.0

    def note(self, needed_pct: Floats, levels: dict[str, Floats]) -> None:
        """One lit minute; levels of the LED scenarios by zone."""
        self.lit_min += 1
        for name, level_pct in (*levels.items(), ("needed", needed_pct)):
            self.full_h[name] += _share_of_full_power(level_pct) * _STEP_H
            missing = needed_pct - level_pct
            self.under_min[name] += missing > SLACK_PCT
            np.maximum(self.deepest_pct[name], missing, out=self.deepest_pct[name])

    def rest(self, unlit_h: float) -> None:
        """Hours of the year in which it is light."""
        self.unlit_h += unlit_h

    def kwh(self, scenario: str, luminaires: str, watts_share: float = 1.0) -> Floats:
        """Energy by zone; watts_share: as if these luminaires drew so much of their watts (standby apart)."""
        lit_h = self.lit_min * _STEP_H
        if scenario == SCENARIOS[0]:
            return self._streets.sodium_w * (lit_h / 1e3)
        led_w = self._streets.led_w[luminaires] * watts_share
        standby_wh = self._streets.lights * (STANDBY_W * (lit_h + self.unlit_h))
        return (led_w * self.full_h[scenario] + standby_wh) / 1e3

    def saving_pct(self, scenario: str, luminaires: str, watts_share: float = 1.0) -> float:
        """Against the baseline, over all streets."""
        baseline = self.kwh(SCENARIOS[0], luminaires).sum()
        return float(100.0 * (1.0 - self.kwh(scenario, luminaires, watts_share).sum() / baseline))


def _share_of_full_power(level_pct: Floats) -> Floats:
    """What LED draw of their rated watts, standby apart, by the same curve as the simulated field's."""
    drive = (level_pct / 100.0).astype(np.float32)
    share: Floats = power_at(drive, np.ones_like(drive), np.ones_like(drive)).astype(np.float64) - STANDBY_W
    return np.where(drive > 0.0, share, 0.0)
