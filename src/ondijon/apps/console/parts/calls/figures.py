"""The telephone's queue in figures, and how many must answer."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ondijon.apps.console.parts.calls import queries
from ondijon.apps.console.parts.calls.shapes import (
    CallFigures,
    Quarter,
    Share,
    StaffedHour,
    Staffing,
    Target,
)
from ondijon.apps.console.room import Room
from ondijon.control_room.calls.model import ANSWER_SHARE, ANSWER_WITHIN_S
from ondijon.control_room.calls.rules.staffing import agents_needed, service_level
from ondijon.kernel.ports import Row

MEASURED_DAYS = 28


async def figures_of(room: Room, seen: list[str]) -> CallFigures:
    """Today by the city's clock, and a mean day of the last four weeks."""
    now, timezone = room.clock.now(), room.city.card.timezone
    local = now.astimezone(ZoneInfo(timezone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    quarters = await queries.count_by_quarter(room.rows, seen, midnight, ANSWER_WITHIN_S)
    hours = await queries.count_by_hour(room.rows, seen, midnight - timedelta(days=MEASURED_DAYS), timezone)
    waiting = await queries.find_waiting(room.rows, seen)
    return CallFigures(
        today=_share(quarters),
        by_quarter=[_quarter(row) for row in quarters],
        waiting=waiting["waiting"],
        longest_wait_s=0.0 if waiting["since"] is None else round((now - waiting["since"]).total_seconds(), 1),
        staffing=staff_hours(hours, local),
    )


def _share(rows: Sequence[Row]) -> Share:
    offered, answered, abandoned, in_time = (
        sum(row[key] for row in rows) for key in ("offered", "answered", "abandoned", "in_time")
    )
    wait_s = sum(row["wait_s"] for row in rows)
    return Share(
        offered=offered,
        answered=answered,
        abandoned=abandoned,
        within_15s=in_time / offered if offered else None,
        mean_wait_s=round(wait_s / answered, 1) if answered else None,
    )


def _quarter(row: Row) -> Quarter:
    share = row["in_time"] / row["offered"]
    return Quarter(row["at"], row["offered"], row["answered"], row["abandoned"], share)


def staff_hours(rows: Sequence[Row], local: datetime) -> Staffing:
    """Each hour's mean over the days with any call; today counts for the hours that are over."""
    days = {row["day"] for row in rows}
    whole = {day for day in days if day != local.date()}
    by_hour: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row["day"] in whole or row["hour"] < local.hour:
            by_hour[row["hour"]].append(row)
    handled = sum(row["handled"] for row in rows)
    usual_s = sum(row["handling_s"] for row in rows) / handled if handled else 0.0
    hours = [_staffed(hour, by_hour[hour], len(_measured(days, hour, local)), usual_s) for hour in range(24)]
    return Staffing(Target(ANSWER_SHARE, ANSWER_WITHIN_S), len(days), hours)


def _measured(days: set[date], hour: int, local: datetime) -> set[date]:
    return {day for day in days if day != local.date() or hour < local.hour}


def _staffed(hour: int, rows: Sequence[Row], days: int, usual_s: float) -> StaffedHour:
    calls = sum(row["calls"] for row in rows) / days if days else 0.0
    handled = sum(row["handled"] for row in rows)
    aht_s = sum(row["handling_s"] for row in rows) / handled if handled else usual_s
    here = sum(row["agents"] for row in rows) / days if days else 0.0
    return StaffedHour(
        hour=hour,
        calls=round(calls, 2),
        aht_s=round(aht_s, 1),
        agents_needed=agents_needed(calls, aht_s, ANSWER_SHARE, ANSWER_WITHIN_S),
        agents_here=round(here, 1),
        expected_share=round(service_level(calls, aht_s, round(here), ANSWER_WITHIN_S), 4) if calls else None,
    )
