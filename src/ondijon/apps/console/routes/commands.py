"""Commands: tried out, asked for, approved, undone; every act goes through the post."""

from typing import Annotated, Literal
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from ondijon.apps.console.room import Room, Seat, TheRoom, TheSeat
from ondijon.apps.console.shapes import (
    CommandBody,
    CommandTarget,
    CommuneCount,
    DryRunShape,
    Hold,
    RefusalCount,
)
from ondijon.kernel.commands import Command, DryRun, Selection, TargetState, check_request

_MOST_TARGETS = 1_000


class Why(Struct, frozen=True):
    """A person's reason."""

    reason: str = ""


class UndoBody(Struct, frozen=True):
    """What undoing takes."""

    idempotency_key: UUID
    reason: str = ""


@post("/commands/dry-run", status_code=200)
async def dry_run(room: TheRoom, seat: TheSeat, data: JSONBody[CommandBody]) -> DryRunShape:
    """What an order would do, without doing it."""
    request = data.to_request()
    check_request(request)
    _check_known(room, seat, data.targets)
    return _shape(await room.post.dry_run(seat.person.actor, request))


@post("/commands", status_code=202)
async def submit(room: TheRoom, seat: TheSeat, data: JSONBody[CommandBody]) -> Command:
    """Ask for an order."""
    request = data.to_request()
    check_request(request)
    _check_known(room, seat, data.targets)
    command = await room.post.submit(seat.person.actor, request)
    return await room.commands.get(seat.scope, command.id)


@get("/commands")
async def list_commands(
    room: TheRoom, seat: TheSeat, only_open: Annotated[Literal["0", "1"], QueryParameter(name="open")] = "0"
) -> list[Command]:
    """The newest commands."""
    if only_open == "1":
        return await room.commands.list_open(seat.scope)
    return await room.commands.list_recent(seat.scope)


@get("/commands/{command_id:uuid}")
async def one_command(room: TheRoom, seat: TheSeat, command_id: FromPath[UUID]) -> Command:
    return await room.commands.get(seat.scope, command_id)


@get("/commands/{command_id:uuid}/targets")
async def targets(
    room: TheRoom,
    seat: TheSeat,
    command_id: FromPath[UUID],
    named: Annotated[str | None, QueryParameter(name="state")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=_MOST_TARGETS)] = 200,
) -> list[CommandTarget]:
    """The targets of a command that the person sees; an unknown state has none."""
    await room.commands.get(seat.scope, command_id)
    if named is not None and named.upper() not in TargetState.__members__:
        return []
    wanted = None if named is None else TargetState[named.upper()]
    return await room.commands.list_targets(seat.scope, command_id, wanted, limit)


@post("/commands/{command_id:uuid}/approve", status_code=200)
async def approve(room: TheRoom, seat: TheSeat, command_id: FromPath[UUID]) -> Command:
    """Let an order go that awaits a second person."""
    await room.commands.get(seat.scope, command_id)
    await room.post.approve(seat.person.actor, command_id)
    return await room.commands.get(seat.scope, command_id)


@post("/commands/{command_id:uuid}/reject", status_code=200)
async def reject(room: TheRoom, seat: TheSeat, command_id: FromPath[UUID], data: JSONBody[Why]) -> Command:
    """Turn down an order that awaits a second person."""
    await room.commands.get(seat.scope, command_id)
    await room.post.reject(seat.person.actor, command_id, data.reason)
    return await room.commands.get(seat.scope, command_id)


@post("/commands/{command_id:uuid}/undo", status_code=202)
async def undo(room: TheRoom, seat: TheSeat, command_id: FromPath[UUID], data: JSONBody[UndoBody]) -> Command:
    """Give each target back what it had before."""
    await room.commands.get(seat.scope, command_id)
    command = await room.post.undo(seat.person.actor, command_id, data.reason, data.idempotency_key)
    return await room.commands.get(seat.scope, command.id)


@get("/holds")
async def holds(room: TheRoom, seat: TheSeat) -> list[Hold]:
    """What people hold against the programmes."""
    return await room.commands.list_holds(seat.scope)


def _check_known(room: Room, seat: Seat, selection: Selection) -> None:
    """Raise NotFound for a named twin that the person does not see, as for one that does not exist."""
    if selection.kind in ("twins", "part_of"):
        for urn in selection.ids:
            room.rights.get_visible(seat.scope, urn)


def _shape(found: DryRun) -> DryRunShape:
    return DryRunShape(
        count=found.count,
        refused=[RefusalCount(key, count) for key, count in found.refused.items()],
        by_commune=[CommuneCount(commune, count) for commune, count in found.by_commune.items()],
        risk_class=found.risk_class,
        needs_reason=found.needs_reason,
        needs_approval=found.needs_approval,
        sample=found.sample,
    )


ROUTES = [dry_run, submit, list_commands, one_command, targets, approve, reject, undo, holds]
