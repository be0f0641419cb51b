"""What the columns tell the wall: how many lights burn, and what they draw."""

import numpy as np

from ondijon.apps.console.parts.wall.shapes import LightNumbers
from ondijon.kernel.city import City
from ondijon.web.rights import Rights, Scope

_POWER = "power_w"


def count_lights(city: City, rights: Rights, scope: Scope) -> LightNumbers | None:
    """Twins with a level, and how many of them report one above zero."""
    lit = total = 0
    for twin_type, spec in city.types.items():
        if spec.level_property is None:
            continue
        seen = rights.mask(scope, twin_type)
        level = city.columns[twin_type][spec.level_property]
        total += int(np.count_nonzero(seen))
        lit += int(np.count_nonzero(seen & (np.nan_to_num(level) > 0)))
    return LightNumbers(lit, total) if total else None


def sum_power_kw(city: City, rights: Rights, scope: Scope) -> float | None:
    """Kilowatts of every twin with a level that reports its power; None when none does."""
    watts: list[float] = []
    for twin_type, spec in city.types.items():
        columns = city.columns[twin_type]
        if spec.level_property is None or _POWER not in columns.properties:
            continue
        power = columns[_POWER][rights.mask(scope, twin_type)]
        known = power[~np.isnan(power)]
        if len(known):
            watts.append(float(known.sum()))
    return round(sum(watts) / 1_000, 1) if watts else None
