"""The load of alarms on the people in the room, after EEMUA 191 and ISA-18.2."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from ondijon.apps.console.parts.alarms import figure_queries as queries
from ondijon.apps.console.parts.alarms.shapes import Figures, HourLoad, Ignored, Talker
from ondijon.apps.console.parts.alarms.view import FLOOD_ABOVE, FLOOD_WINDOW
from ondijon.kernel.clock import Clock, to_us
from ondijon.kernel.ports import Row, Rows
from ondijon.web.rights import Pairs

TARGET_PER_10MIN = 1.0
WEEK = timedelta(days=7)
MOST_TALKERS = 20
HOURS = 24


async def measure(rows: Rows, clock: Clock, seen: Pairs) -> Figures:
    """The figures of what is seen, now."""
    now = clock.now()
    operators = await queries.count_operators(rows, now - FLOOD_WINDOW)
    week = await queries.list_annunciations(rows, seen, now - WEEK)
    recent = sum(row["at"] >= now - FLOOD_WINDOW for row in week)
    talkers = await queries.list_worst_talkers(rows, seen, now - WEEK, MOST_TALKERS)
    ignored = await queries.list_never_acted_on(rows, seen, now - WEEK)
    first_hour = _hour(now) - timedelta(hours=HOURS - 1)
    raw = {row["at"]: row["n"] for row in await queries.count_raw_by_hour(rows, seen, first_hour)}
    annunciated = Counter(_hour(row["at"]) for row in week)
    hours = [first_hour + timedelta(hours=place) for place in range(HOURS)]
    return Figures(
        operators=operators,
        per_operator_10min=round(recent / operators, 2),
        target=TARGET_PER_10MIN,
        last_hours=[HourLoad(at, annunciated[at], raw.get(at, 0)) for at in hours],
        mix=_mix(week),
        worst_talkers=[
            Talker(row["type"], row["urn"], row["twin_name"], row["commune"], int(row["n"])) for row in talkers
        ],
        never_acted_on=[Ignored(row["type"], row["n"]) for row in ignored],
        flood_minutes_7d=flood_minutes([row["at"] for row in week], operators),
    )


def flood_minutes(annunciated_at: list[datetime], operators: int) -> int:
    """Minutes at whose end more than 10 annunciations an operator lay within the last 10 minutes."""
    if not annunciated_at:
        return 0
    minutes = np.array([to_us(at) for at in annunciated_at]) // 60_000_000
    counts = np.bincount(minutes - minutes[0])
    width = int(FLOOD_WINDOW.total_seconds() // 60)
    within = np.convolve(counts, np.ones(width, np.int64))
    return int(np.count_nonzero(within > FLOOD_ABOVE * operators))


def _mix(week: Sequence[Row]) -> dict[str, float]:
    counted = Counter(row["priority"] for row in week)
    return {str(priority): round(counted[priority] / max(1, len(week)), 3) for priority in (1, 2, 3, 4)}


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
