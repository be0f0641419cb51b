"""Reading one's own notifications, and saying where one wants to be told."""

from ondijon.control_room.notifications import queries
from ondijon.control_room.notifications.commands import ReadNotifications, SetAddress
from ondijon.control_room.notifications.desk.telling import PART, escalation_of
from ondijon.control_room.notifications.rules.addresses import decide_address
from ondijon.control_room.notifications.rules.courses import evolve_read
from ondijon.kernel.errors import NotFound
from ondijon.kernel.identity import EVERY
from ondijon.kernel.room import ActDesk


async def read(desk: ActDesk, asked: ReadNotifications) -> dict[str, int]:
    """Only one's own and unread ones count; the first reader of an urgent notice ends the chase."""
    _demand_somewhere(desk)
    count = 0
    for row in await queries.mark_read(desk.tx, desk.actor.pseudonym, asked.ids, desk.now):
        count += 1
        before = escalation_of(row)
        after = evolve_read(before)
        if after != before:
            await queries.save_escalation(desk.tx, row["id"], after)
            minutes = int((desk.now - row["at"]).total_seconds() // 60)
            payload = {"about": f"notification.about.{row['key']}", "minutes": minutes}
            desk.tell(
                "notification.answered",
                trade=row["trade"],
                commune=row["commune"],
                subject=row["subject"],
                payload=payload,
            )
        desk.announce(PART, f"notice:{row['id']}", row["trade"], row["commune"])
    return {"read": count}


async def set_address(desk: ActDesk, asked: SetAddress) -> dict[str, int]:
    """One's own only; raises Refused when the address is none of its kind."""
    _demand_somewhere(desk)
    if asked.address is None:
        await queries.delete_address(desk.tx, desk.actor.pseudonym, asked.way)
    else:
        address = decide_address(asked.way, asked.address)
        await queries.save_address(desk.tx, desk.actor.pseudonym, asked.way, address, desk.now)
    return {}


def _demand_somewhere(desk: ActDesk) -> None:
    """Anybody who may see anything anywhere."""
    held = next(
        (grant for grant in desk.actor.grants if "see" in grant.verbs and grant.trades and grant.communes), None
    )
    if held is None:
        raise NotFound("error.not_found")
    commune = held.communes[0]
    desk.demand("see", held.trades[0], None if commune == EVERY else commune)
