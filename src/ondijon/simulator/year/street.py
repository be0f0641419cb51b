"""What a year is played over: streets with their lamps before and after, their traffic, and what they need of light."""

import numpy as np
from msgspec import Struct

from ondijon.kernel.arrays import Bools, Floats, Ints32

SOURCES = {
    "baseline": "high-pressure sodium of 70, 100 and 150 W by street class, all night at full power",
    "ballast": "electromagnetic ballasts take 20 % (70 W), 17 % (100 W), 15 % (150 W) more; (EC) 245/2009, annex III,"
    " table 18 lets them take more",
    "city": "LED of a first generation, as the generated city has: 31 W residential, 28 W pedestrian, 52 W tertiary,"
    " 76 W secondary, 92 W primary",
    "procured": "LED bought for the sodium lamp's maintained light: 28.9 W for 70 W, 45.9 W for 100 W, 75.7 W for 150 W"
    " = lamp watts x 90, 100, 110 lm/W ((EC) 245/2009, annex III, table 7) x 0.80 light output ratio of a good closed"
    " luminaire (ours) x 0.90 lamp maintenance at 12,000 h x 0.87 luminaire maintenance (CIE 154:2003, IP6X, medium,"
    " 3 years) / 0.87 (the same, light output kept constant) / 157 lm/W (EU GPP, SWD(2018) 494, TS1, comprehensive,"
    " calls of 2022-23)",
    "designed": "LED bought for the street's own class: required light (EN 13201-2; luminance / 0.07 cd/m2 and lx)"
    " x 1.10 (ours: uniformity, glare) x width between the lines of poles (twice their distance from the street's axis)"
    " x spacing (its arc's length / its lights, 22 m at least) / utilance by width over mounting height (0.43 at 1.0,"
    " 0.56 at 1.4: measured street distribution, AEC Italo 1 S05) / 0.87 luminaire maintenance / 157 lm/W (both as"
    " above) x 1.05 (constant light output on average of a life to L90); 2,000 lm at least",
    "power": "LED power by level as in the simulated field: 6 % fixed losses, slightly curved (at 10 % level"
    " 15 % of the watts, at 40 % 42 %); 0.4 W standby all day",
    "hours": "from sunset to sunrise of each night by the sun (about 4,300 h a year), the same for every scenario",
    "truth": "a street needs the class that its true traffic of the last 60 minutes asks for (volume an hour)",
}
BALLAST_FACTOR = {70.0: 1.20, 100.0: 1.17, 150.0: 1.15}
OTHER_BALLAST_FACTOR = 1.15
LUMINAIRES = ("city", "procured", "designed")


class Streets(Struct, frozen=True, eq=False):
    """By zone: lights, watts before (ballast included) and after, and the level (%) that each traffic needs.

    led_w: for each of LUMINAIRES; level_of_rank: for high, moderate and low traffic; limits in users an hour; place:
    the street of each zone; by street: users of a usual day, and its middle in metres.
    """

    lights: Floats
    sodium_w: Floats
    led_w: dict[str, Floats]
    counts_people: Bools
    level_of_rank: Floats
    high_per_h: Floats
    moderate_per_h: Floats
    place: Ints32
    vehicles_per_day: Floats
    people_per_day: Floats
    x_m: Floats
    y_m: Floats

    def __len__(self) -> int:
        return len(self.lights)

    def users(self, vehicles: Floats, people: Floats) -> Floats:
        """Who counts, by zone, of vehicles and people by street (last axis)."""
        counted: Floats = vehicles[..., self.place] + np.where(self.counts_people, people[..., self.place], 0.0)
        return counted


def with_ballast_w(lamp_w: float) -> float:
    """What a sodium lamp and its ballast draw."""
    return lamp_w * BALLAST_FACTOR.get(lamp_w, OTHER_BALLAST_FACTOR)
