"""Days and nights of broken lamps and cabinets with the truth about each, at many times the speed of the field."""

from ondijon.simulator.breakdowns.heard import CabinetWords, Heard, LightWords
from ondijon.simulator.breakdowns.play import Plot, Stage
from ondijon.simulator.breakdowns.script import Script, busy_night, ordinary_days

__all__ = ["CabinetWords", "Heard", "LightWords", "Plot", "Script", "Stage", "busy_night", "ordinary_days"]
