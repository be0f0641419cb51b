"""Which lighting fault raises what; planned silence raises nothing."""

from ondijon.domains.lighting.alarms.cabinets import CABINET_ALARMS
from ondijon.domains.lighting.alarms.lamps import LAMP_ALARMS
from ondijon.domains.lighting.model import CABINET, STREETLIGHT
from ondijon.domains.lighting.rules.faults import cabinets, lamps
from ondijon.kernel.detectors import DetectorSpec

ALARMS = (*LAMP_ALARMS, *CABINET_ALARMS)

DETECTORS = (
    DetectorSpec("lighting.lamps", STREETLIGHT.key, lamps.WRITES, lamps.TOLD_STEPS, lamps.evolve_lamps),
    DetectorSpec("lighting.cabinets", CABINET.key, cabinets.WRITES, cabinets.TOLD_STEPS, cabinets.evolve_cabinets),
)
