"""Everything the video trade brings so far."""

from ondijon.domains.video.model import CAMERA, TRADE
from ondijon.kernel.manifest import Manifest

MANIFEST = Manifest(trade=TRADE, twin_types=(CAMERA,))
