"""What time alone does to incidents: pauses end, promises run out, files nobody attached go."""

from datetime import timedelta

from ondijon.control_room.incidents.desk.case import advance, look_up, tell
from ondijon.control_room.incidents.model import CLOCKS, PART, Step
from ondijon.control_room.incidents.queries import incidents as queries
from ondijon.control_room.incidents.queries import parts
from ondijon.control_room.incidents.rules.course import may_step
from ondijon.kernel.room import ActDesk

MOST_AT_ONCE = 200
FILES_WAIT = timedelta(hours=1)


async def end_pauses(desk: ActDesk) -> None:
    """Let the clocks run again of incidents whose pause was to end by now."""
    for row in await queries.list_pauses_over(desk.tx, desk.now, MOST_AT_ONCE):
        case = await look_up(desk, row["incident"])
        if may_step(case.course, Step.RESUME):
            await advance(desk, case, Step.RESUME)
            tell(desk, case, "resumed")


async def tell_breaches(desk: ActDesk) -> None:
    """Tell `incident.breached_{clock}` once for each clock that has run out; `people` is the owner."""
    for row in await queries.list_due(desk.tx, desk.now, MOST_AT_ONCE):
        for clock in CLOCKS:
            if row[clock]:
                await queries.set_told(desk.tx, row["id"], clock, desk.now)
                people = [str(row["owner"])] if row["owner"] is not None else []
                desk.tell(
                    f"incident.breached_{clock}",
                    trade=row["trade"],
                    commune=row["commune"],
                    subject=f"incident:{row['id']}",
                    twin=row["twin"],
                    payload={
                        "number": row["number"],
                        "what": row["what"],
                        "clock": clock,
                        "limit_min": row[f"{clock}_limit_s"] // 60,
                        "people": people,
                    },
                )
        desk.announce(PART, f"incident:{row['id']}", row["trade"], row["commune"])


async def forget_files(desk: ActDesk) -> None:
    """Erase what was sent and never attached."""
    await parts.forget_waiting_files(desk.tx, desk.now - FILES_WAIT)
