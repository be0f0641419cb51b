"""Whose turn it is to report: the cadence, the full state after a connection, and changes at once."""

import numpy as np

from ondijon.simulator.field.columns import Doubles, Flags
from ondijon.simulator.field.plan import FieldOptions

FULL_STATE_WITHIN_S = 3.0


class Rota:
    """One element per gateway; `spread` (0 to 1) gives each its own place in the cadence."""

    def __init__(self, spread: Doubles, options: FieldOptions) -> None:
        count = len(spread)
        self._spread = spread
        self._options = options
        self._every_s = options.report_every_s
        self._floor_wall_s = min(options.report_floor_wall_s, options.report_every_s)
        self._met = np.zeros(count, np.bool_)
        self._owes_all = np.zeros(count, np.bool_)
        self._next_s = np.full(count, np.inf)
        self._next_wall_s = np.zeros(count)
        self._flushed_wall_s = np.full(count, -np.inf)

    def expect(self, g: int, now_s: float, wall_s: float) -> None:
        """After a connection a gateway owes its full state within seconds."""
        self._met[g] = True
        self._owes_all[g] = True
        self._next_s[g] = now_s
        self._next_wall_s[g] = wall_s + FULL_STATE_WITHIN_S * self._spread[g]

    def expect_all(self, now_s: float, wall_s: float) -> None:
        """Every gateway owes its full state within seconds."""
        self._next_s[:] = now_s
        self._next_wall_s[:] = wall_s + FULL_STATE_WITHIN_S * self._spread

    def set_cadence(self, every_s: float, now_s: float, wall_s: float) -> None:
        """Everything every so many seconds from now on, evenly spread."""
        self._every_s = every_s
        self._floor_wall_s = min(self._options.report_floor_wall_s, every_s)
        self._next_s[:] = now_s + every_s * self._spread
        self._next_wall_s[:] = wall_s

    def turn_back(self, now_s: float) -> None:
        """The clock was set back."""
        self._next_s[:] = np.minimum(self._next_s, now_s + self._every_s * self._spread)

    def turn(self, alive: Flags, urgent: Flags, touched: Flags, now_s: float, wall_s: float) -> tuple[Flags, Flags]:
        """Who reports everything now, and who reports what changed; both are taken as done."""
        ready = self._met & alive
        full = ready & (self._next_s <= now_s) & (self._next_wall_s <= wall_s)
        # Each gateway keeps its own second of the cadence, so that the load stays even.
        offset_s = self._every_s * self._spread
        later_s = np.floor((now_s - offset_s) / self._every_s + 1.0) * self._every_s + offset_s
        self._next_s[full] = later_s[full]
        self._next_wall_s[full] = wall_s + self._floor_wall_s
        self._owes_all[full] = False
        calm = wall_s - self._flushed_wall_s >= self._options.change_hold_wall_s
        partly = ready & ~full & ~self._owes_all & (urgent | (touched & calm))
        self._flushed_wall_s[full | partly] = wall_s
        return full, partly
