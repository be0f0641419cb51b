"""The LED luminaires that a city would buy, for its sodium lamps or for its streets' classes, by the lumen method."""

import numpy as np

from ondijon.kernel.arrays import Floats

# Regulation (EC) 245/2009, annex III, table 7: least rated efficacy of clear lamps with Ra <= 60, by lamp watts.
SODIUM_LM_PER_W = {70.0: 90.0, 100.0: 100.0, 150.0: 110.0}
# No standard gives it: a good closed luminaire. High on purpose: what the old one loses, the new one need not give.
SODIUM_OUTPUT_RATIO = 0.80
# CIE 154:2003: sodium lamps after 12,000 h (three years of nights); a luminaire of IP6X after three years without
# cleaning, medium pollution. The old and the new luminaire are taken to get equally dirty.
SODIUM_LAMP_MAINTENANCE = 0.90
LUMINAIRE_MAINTENANCE = 0.87
# EU GPP criteria for road lighting, SWD(2018) 494, TS1, calls of 2022-23: the comprehensive and the core criterion.
COMPREHENSIVE_LM_PER_W = 157.0
CORE_LM_PER_W = 147.0


def procured_w(lamp_w: float) -> float:
    """Watts that give a sodium lamp's maintained light with constant light output; no bonus for better optics.

    KeyError: a lamp of other watts than 70, 100 or 150.
    """
    old_maintenance = SODIUM_LAMP_MAINTENANCE * LUMINAIRE_MAINTENANCE
    maintained_lm = lamp_w * SODIUM_LM_PER_W[lamp_w] * SODIUM_OUTPUT_RATIO * old_maintenance
    return maintained_lm / LUMINAIRE_MAINTENANCE / COMPREHENSIVE_LM_PER_W


# CEN/TR 13201-1:2014, table 2, compares M and C classes for surfaces of 0.05 to 0.08 cd/m2 and lx; 0.07 is that of
# the standard asphalts R3 and C2 (CIE 144:2001). With it M4 (0.75 cd/m2) is 10.7 lx, near its C4 (10 lx).
CD_M2_PER_LX = 0.07
# The share of a luminaire's flux that falls on the strip between its kerb and so many mounting heights across: summed
# from a maker's measured street distribution (AEC Italo 1, optic S05, 3,000 K, IES file of 2022-08-09), no tilt.
UTILANCE_HEIGHTS = (0.0, 0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 2.0)
UTILANCE = (0.0, 0.226, 0.311, 0.392, 0.430, 0.466, 0.500, 0.532, 0.560, 0.586, 0.671)
# Ours: uniformity and glare keep a real design from meeting the average alone.
DESIGN_MARGIN = 1.10
# Constant light output costs more as LEDs age: on average of a life to L90 (90 % of the flux left), about half of 10 %.
AGEING = 1.05
# The smallest that street luminaires are commonly made for, and the shortest spacing that is designed for.
LEAST_PACKAGE_LM = 2_000.0
LEAST_SPACING_M = 22.0


def lx_of_luminance(cd_m2: float) -> float:
    """The illuminance that gives a luminance on dry asphalt."""
    return cd_m2 / CD_M2_PER_LX


def designed_w(required_lx: Floats, width_m: Floats, spacing_m: Floats, height_m: Floats) -> Floats:
    """Watts that give streets their required illuminance between kerbs, constant light output, by luminaire.

    The street's share of each luminaire is its width times the spacing along the street, both sides together.
    """
    area_m2 = width_m * np.maximum(spacing_m, LEAST_SPACING_M)
    reached = np.interp(width_m / height_m, UTILANCE_HEIGHTS, UTILANCE) * LUMINAIRE_MAINTENANCE
    flux_lm = np.maximum(required_lx * DESIGN_MARGIN * area_m2 / reached, LEAST_PACKAGE_LM)
    watts: Floats = flux_lm * AGEING / COMPREHENSIVE_LM_PER_W
    return watts
