"""A commune's page: what the shared room did on its ground this week."""

from datetime import date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from litestar import get
from litestar.params import FromPath, QueryParameter

from ondijon.apps.console.parts.communes import queries
from ondijon.apps.console.parts.communes.queries import Ground
from ondijon.apps.console.parts.communes.shapes import AlarmCount, CommandCount, IncidentCount, WeekShape
from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.kernel.errors import NotFound

_WEEK = timedelta(days=7)
_CALLS = "calls"


@get("/communes/{insee:str}/week")
async def read_week(
    room: TheRoom,
    seat: TheSeat,
    insee: FromPath[str],
    first: Annotated[date | None, QueryParameter(name="from")] = None,
) -> WeekShape:
    """Seven local days from a day on, or this week from Monday; that somebody looked is itself remembered."""
    commune = next((one for one in room.city.communes if one.insee == insee), None)
    trades = [trade for trade in seat.scope.trades if room.rights.sees(seat.scope, trade, insee)]
    if commune is None or not trades:
        raise NotFound("error.commune_not_found", commune=insee[:5])
    zone = ZoneInfo(room.city.card.timezone)
    today = room.clock.now().astimezone(zone).date()
    since_day = first or today - timedelta(days=today.weekday())
    until_day = since_day + _WEEK
    ground = Ground(insee, trades, _midnight(since_day, zone), _midnight(until_day, zone))
    commands = await queries.count_commands(room.rows, ground)
    incidents = await queries.count_incidents(room.rows, ground)
    alarms = {row["priority"]: row["count"] for row in await queries.count_annunciated(room.rows, ground)}
    week = WeekShape(
        commune=insee,
        name=commune.name,
        since=since_day,
        until=until_day,
        trades=trades,
        commands=[CommandCount(row["key"], row["count"], row["targets"]) for row in commands],
        incidents=[IncidentCount(row["type"], row["count"], row["mean_resolve_s"]) for row in incidents],
        alarms=AlarmCount(sum(alarms.values()), {str(level): alarms.get(level, 0) for level in (1, 2, 3, 4)}),
        works=await queries.count_works(room.rows, ground),
        calls=await queries.count_calls(room.rows, ground) if _CALLS in trades else None,
        exports=await queries.count_exports(room.rows, ground),
        break_glass=await queries.count_broken_glass(room.rows, ground.since, ground.until),
        looked_at_by_others=await queries.count_looks_by_others(room.rows, ground),
    )
    detail = {"from": since_day.isoformat()}
    await room.post.record_act(seat.person.actor, "commune.week_viewed", f"commune:{insee}", detail)
    return week


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


ROUTES = [read_week]
