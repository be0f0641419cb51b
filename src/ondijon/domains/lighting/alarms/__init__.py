"""Which lighting fault raises what; planned silence raises nothing."""

from ondijon.domains.lighting.alarms.cabinets import CABINET_ALARMS
from ondijon.domains.lighting.alarms.lamps import LAMP_ALARMS
from ondijon.domains.lighting.model import CABINET, STREETLIGHT
from ondijon.domains.lighting.rules.faults import cabinets as meters
from ondijon.domains.lighting.rules.faults import lamps as powers
from ondijon.kernel.detectors import DetectorSpec

ALARMS = (*LAMP_ALARMS, *CABINET_ALARMS)

DETECTORS = (
    DetectorSpec("lighting.lamps", STREETLIGHT.key, powers.WRITES, powers.TOLD_STEPS, powers.evolve_lamps),
    DetectorSpec("lighting.cabinets", CABINET.key, meters.WRITES, meters.TOLD_STEPS, meters.evolve_cabinets),
)
