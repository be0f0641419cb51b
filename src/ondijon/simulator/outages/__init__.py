"""Nights full of outages with the truth about each: what the grouping of alarms is judged by and may not read."""

from ondijon.simulator.outages.grid import Grid, read_grid
from ondijon.simulator.outages.night import Alarms, Night, make_night

__all__ = ["Alarms", "Grid", "Night", "make_night", "read_grid"]
