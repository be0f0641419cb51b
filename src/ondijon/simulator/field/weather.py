"""Outside temperature of a temperate city by season and hour."""

import math

YEAR_S = 365.2425 * 86400.0
DAY_S = 86400.0
MEAN_C = 11.5
SEASON_C = 9.0
DAYS_C = 4.5
# The warmest day is about 24 July, the warmest hour about 15:00 local solar time.
WARMEST_DAY_S = 204.0 * DAY_S
WARMEST_HOUR_S = 15.0 * 3600.0


def outside_temperature_c(now_s: float, lon: float) -> float:
    """Climate mean at this instant (epoch seconds): no weather, only season and hour."""
    season = math.cos(2.0 * math.pi * (now_s - WARMEST_DAY_S) / YEAR_S)
    solar_s = now_s + lon * 240.0
    hour = math.cos(2.0 * math.pi * (solar_s - WARMEST_HOUR_S) / DAY_S)
    return MEAN_C + SEASON_C * season + DAYS_C * hour
