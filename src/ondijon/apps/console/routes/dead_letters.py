"""Messages that could not be understood, and how to try them again."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, QueryParameter

from ondijon.apps.console.queries import dead_letters as queries
from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.apps.console.shapes import DeadLetterShape
from ondijon.kernel.errors import NotAllowed, NotFound
from ondijon.kernel.ports import Row
from ondijon.web.news import Changed

REPLAY_SUBJECT = "ondijon.dead_letter.replay"
_MOST_LETTERS = 500
_SHOWN_BYTES = 2_000


def _to_shape(row: Row) -> DeadLetterShape:
    return DeadLetterShape(
        id=row["id"],
        received_at=row["received_at"],
        driver=row["driver"],
        source=row["gateway"],
        topic=row["topic"],
        reason=row["reason"],
        detail=row["detail"],
        repeated=row["repeated"],
        replayed_at=row["replayed_at"],
        payload=row["payload"][:_SHOWN_BYTES].decode("utf-8", "backslashreplace"),
    )


@get("/dead-letters")
async def list_dead_letters(
    room: TheRoom, seat: TheSeat, limit: Annotated[int, QueryParameter(ge=1, le=_MOST_LETTERS)] = 50
) -> list[DeadLetterShape]:
    """The newest first; letters of unknown gateways only to whoever sees the whole city."""
    seen = room.rights.type_pairs(seat.scope)
    found = await queries.list_recent(room.rows, seen, seat.scope == room.rights.everything, limit)
    return [_to_shape(row) for row in found]


@post("/dead-letters/{letter_id:uuid}/replay", status_code=202)
async def replay(room: TheRoom, seat: TheSeat, letter_id: FromPath[UUID]) -> Changed:
    """Ask the gateway to take the message in again; needs the right to configure where it comes from."""
    everything = room.rights.everything
    seen = room.rights.type_pairs(seat.scope)
    if await queries.find_one(room.rows, seen, seat.scope == everything, letter_id) is None:
        raise NotFound("error.dead_letter_not_found")
    actor = seat.person.actor
    configured = room.rights.scope_of(actor, "configure")
    pairs = room.rights.type_pairs(configured)
    if await queries.find_one(room.rows, pairs, configured == everything, letter_id) is None:
        raise NotAllowed("error.not_allowed", verb="configure")
    await room.post.record_act(actor, "dead_letter.replayed", str(letter_id), {})
    asked = Changed(letter_id)
    await room.bus.publish(REPLAY_SUBJECT, msgspec.json.encode(asked))
    return asked


ROUTES = [list_dead_letters, replay]
