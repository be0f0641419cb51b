"""Everything the lighting trade brings."""

from ondijon.domains.lighting.alarms import ALARMS, DETECTORS
from ondijon.domains.lighting.commands import DIM, RELEASE, SWITCH
from ondijon.domains.lighting.model import CABINET, GROUP, STREETLIGHT, TRADE
from ondijon.kernel.manifest import Manifest, ProgrammeSpec

MANIFEST = Manifest(
    trade=TRADE,
    twin_types=(STREETLIGHT, CABINET, GROUP),
    commands=(DIM, SWITCH, RELEASE),
    alarms=ALARMS,
    detectors=DETECTORS,
    programmes=(ProgrammeSpec(CABINET.key, "programme_version"),),
)
