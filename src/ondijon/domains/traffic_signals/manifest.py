"""Everything the traffic signals trade brings so far."""

from ondijon.domains.traffic_signals.model import JUNCTION, TRADE
from ondijon.kernel.manifest import Manifest

MANIFEST = Manifest(trade=TRADE, twin_types=(JUNCTION,))
