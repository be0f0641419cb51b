"""What the acts do."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from ondijon.control_room.identity import queries
from ondijon.control_room.identity.commands import BreakGlass, EndGlass, EndSession
from ondijon.control_room.identity.model import Glass
from ondijon.control_room.identity.rules import decide_break
from ondijon.kernel.errors import NotFound, Refused
from ondijon.kernel.identity import EVERY, Verb
from ondijon.kernel.ports import Row
from ondijon.kernel.room import ActDesk

PART = TRADE = "identity"
# A trade that nobody sees: the processes that remember sessions hear of it, no screen does.
UNSEEN = "-"


class Broken(Struct, frozen=True):
    """Until when every right is held."""

    id: UUID
    until: datetime


async def perform_break_glass(desk: ActDesk, payload: BreakGlass) -> Broken:
    """Anybody who may work on incidents somewhere may take the rest, for minutes, in everybody's sight."""
    _demand_somewhere(desk, "handle")
    await queries.lock_user(desk.tx, desk.actor.user_id)
    row = await queries.find_latest_glass(desk.tx, desk.actor.user_id)
    reason = payload.reason.strip()
    glass = decide_break(None if row is None else _to_glass(row), reason, payload.minutes, desk.now)
    glass_id = desk.new_id()
    actor = desk.actor
    await queries.insert_glass(desk.tx, glass_id, actor.user_id, actor.pseudonym, reason, glass.since, glass.until)
    _tell(desk, "identity.glass_broken", glass_id, actor.user_id, minutes=payload.minutes, until=glass.until)
    return Broken(glass_id, glass.until)


async def perform_end_glass(desk: ActDesk, payload: EndGlass) -> None:
    """Give the rights back early; raises Refused when none are held."""
    _demand_somewhere(desk, "handle")
    await queries.lock_user(desk.tx, desk.actor.user_id)
    row = await queries.find_latest_glass(desk.tx, desk.actor.user_id)
    if row is None or not _to_glass(row).stands_at(desk.now):
        raise Refused("error.glass_whole")
    await queries.end_glass(desk.tx, row["id"], desk.now)
    _tell(desk, "identity.glass_mended", row["id"], desk.actor.user_id)


async def end_glasses(desk: ActDesk) -> None:
    """Tell of what ended by itself; the rights themselves end on the instant, whether or not this has run."""
    for row in await queries.end_due_glasses(desk.tx, desk.now):
        _tell(desk, "identity.glass_expired", row["id"], row["user_id"], of=row["pseudonym"])


async def perform_end_session(desk: ActDesk, payload: EndSession) -> None:
    """End a session of one's own; another person's is as if it did not exist."""
    _demand_somewhere(desk, "see")
    if not await queries.delete_session(desk.tx, payload.id, desk.actor.user_id):
        raise NotFound("error.session_not_found")
    desk.announce(PART, f"user:{desk.actor.user_id}", UNSEEN, None)


def _demand_somewhere(desk: ActDesk, verb: Verb) -> None:
    """Ask for a right wherever the person holds it, on any ground and in any trade."""
    held = next((grant for grant in desk.actor.grants if verb in grant.verbs and grant.communes and grant.trades), None)
    if held is None:
        desk.demand(verb, TRADE, None)
        return
    commune = held.communes[0]
    desk.demand(verb, held.trades[0], None if commune == EVERY else commune)


def _tell(desk: ActDesk, key: str, glass_id: UUID, user_id: UUID, **payload: object) -> None:
    """Everybody in the room may know that rights were taken; why stays with those who audit."""
    subject = f"glass:{glass_id}"
    desk.tell(key, trade=TRADE, commune=None, subject=subject, payload=payload)
    desk.announce(PART, subject, TRADE, None)
    desk.announce(PART, f"user:{user_id}", UNSEEN, None)


def _to_glass(row: Row) -> Glass:
    return Glass(row["since"], row["until"], row["ended_at"])
