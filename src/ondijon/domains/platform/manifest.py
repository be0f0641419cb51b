"""Everything the platform trade brings."""

from ondijon.domains.platform.alarms import ALARMS
from ondijon.domains.platform.model import SERVICE, TRADE
from ondijon.kernel.manifest import Manifest

MANIFEST = Manifest(trade=TRADE, twin_types=(SERVICE,), alarms=ALARMS)
