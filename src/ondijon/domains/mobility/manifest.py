"""Everything the mobility trade brings so far."""

from ondijon.domains.mobility.model import COUNTER, TRADE
from ondijon.kernel.manifest import Manifest

MANIFEST = Manifest(trade=TRADE, twin_types=(COUNTER,))
