"""Years of metered cabinets before and after their renewal, with the truth that no meter shows."""

from ondijon.simulator.metering.installation import Batch, Change, Use, use_of
from ondijon.simulator.metering.meters import Counted, read_meters
from ondijon.simulator.metering.sky import Sky, sky_over
from ondijon.simulator.metering.town import Town, draw_town

__all__ = ["Batch", "Change", "Counted", "Sky", "Town", "Use", "draw_town", "read_meters", "sky_over", "use_of"]
