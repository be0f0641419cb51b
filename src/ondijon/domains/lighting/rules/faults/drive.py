"""The power that a luminaire draws at a dimming level, as a share of what it draws at full level."""

from typing import TypeVar

from ondijon.kernel.arrays import Floats

FloatOrFloats = TypeVar("FloatOrFloats", float, Floats)

# A driver's own losses hardly fall with the level: data sheets of dimmable LED drivers give 3 to 8 % of rated power.
FIXED_SHARE = 0.05
LIT_FROM_PCT = 10.0
DARK_SHARE = 0.15


def share_at(level_pct: FloatOrFloats) -> FloatOrFloats:
    """Share of full power at a level in %, 5 % fixed and the rest straight (drivers differ by some % below 30 %)."""
    return FIXED_SHARE + (1.0 - FIXED_SHARE) * level_pct / 100.0


def level_at(share: Floats) -> Floats:
    """The level in % at which a luminaire draws this share of its full power."""
    level_pct: Floats = (share - FIXED_SHARE) / (1.0 - FIXED_SHARE) * 100.0
    return level_pct
