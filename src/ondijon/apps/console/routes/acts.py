"""Acts of the room: one route, because there is one door."""

from typing import Any
from uuid import UUID

from litestar import post
from litestar.params import JSONBody
from msgspec import Struct

from ondijon.apps.console.room import TheRoom, TheSeat
from ondijon.kernel.room import Act


class ActBody(Struct, frozen=True):
    """What a person asks of the room."""

    key: str
    payload: dict[str, Any]
    idempotency_key: UUID


class ActAnswer(Struct, frozen=True):
    """What the act gave back."""

    result: Any


@post("/acts", status_code=200)
async def perform(room: TheRoom, seat: TheSeat, data: JSONBody[ActBody]) -> ActAnswer:
    """Do an act; raises what the act raises."""
    act = Act(data.key, data.payload, data.idempotency_key)
    return ActAnswer(await room.door.perform(seat.person.actor, act))


ROUTES = [perform]
