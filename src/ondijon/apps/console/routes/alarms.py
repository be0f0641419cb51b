"""Alarms: who sees them, who acknowledges them."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, QueryParameter

from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.apps.console.shapes import Alarm


@get("/alarms")
async def list_alarms(
    room: TheRoom, seat: TheSeat, which: Annotated[Literal["active", "all"], QueryParameter(name="state")] = "active"
) -> list[Alarm]:
    """Alarms that are not over, or the last ones whatever became of them."""
    if which == "active":
        return await room.alarms.list_open(seat.scope)
    return await room.alarms.list_recent(seat.scope)


@post("/alarms/{alarm_id:uuid}/acknowledge", status_code=200)
async def acknowledge(room: TheRoom, seat: TheSeat, alarm_id: FromPath[UUID]) -> Alarm:
    """Say that somebody has seen the alarm."""
    await room.alarms.get(seat.scope, alarm_id)
    await room.post.acknowledge_alarm(seat.person.actor, alarm_id)
    return await room.alarms.get(seat.scope, alarm_id)


ROUTES = [list_alarms, acknowledge]
